use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    action::{Action, ActionSpec, Context, Intent, Method},
    identity::{Person, Way},
    workspace::{Workspace, WorkspaceOfMine},
};

/// Who one is and where one belongs.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetMe {}

/// Who one is and where one belongs.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Me {
    /// The account; a service key, which belongs to the workspace, has none, and a key without the scope `me.get` does not
    /// say whose it is.
    pub user: Option<Person>,
    /// The workspaces that are open.
    pub workspaces: Vec<WorkspaceOfMine>,
}

impl Me {
    /// A person with the workspaces they belong to at this moment.
    pub(crate) async fn of(person: Person, workspaces: &dyn Workspace) -> Result<Self> {
        let memberships = workspaces.memberships(person.id).await?;
        Ok(Self { user: Some(person), workspaces: workspaces.mine(&memberships).await? })
    }
}

#[async_trait]
impl Action for GetMe {
    const SPEC: ActionSpec = ActionSpec::read("me.get", Method::Get, "/api/v1/me").person().any_key();
    type Output = Me;

    async fn run(self, cx: &mut Context<'_>) -> Result<Me> {
        let memberships = cx.principal().memberships().to_vec();
        let workspaces = cx.outward(Intent::none()).await?.workspaces().mine(&memberships).await?;
        let principal = cx.principal();
        let named = match &principal.way {
            Way::Key { scopes, .. } => scopes.iter().any(|scope| scope.covers(Self::SPEC.name)),
            _ => true,
        };
        Ok(Me { user: principal.person.clone().filter(|_| named), workspaces })
    }
}
