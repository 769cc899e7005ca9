use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_here;
use crate::{
    Error, Result, Role,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
    identity::SignUpPolicy,
    workspace::{Label, Member, WorkspaceOfMine, WorkspaceProfile},
};

/// Founds a workspace, with its founder as the first admin.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspace {
    /// What people read.
    pub name: Label,
}

#[async_trait]
impl Action for CreateWorkspace {
    const SPEC: ActionSpec = ActionSpec::write("workspaces.create", Method::Post, "/api/v1/workspaces")
        .person()
        .channels(Channels::HANDS)
        .changes_rights()
        .created();
    type Output = WorkspaceOfMine;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        kept_here(cx)?;
        let person = cx.principal().person.clone().ok_or_else(Error::unauthenticated)?;
        let open = cx.services().accounts.as_deref().is_none_or(|accounts| accounts.policy() == SignUpPolicy::Open);
        if !open && !person.super_admin {
            return Err(Error::forbidden("Workspaces are founded by those who run this instance. Ask them."));
        }
        let engine = cx.engines().preferred()?.to_owned();
        let profile = WorkspaceProfile::new(cx.new_id()?, self.name, engine, cx.now());
        let founder = Member { user: person.id, role: Role::WorkspaceAdmin, joined_at: cx.now() };
        cx.system().await?.workspaces().found(&profile, founder).await?;
        cx.about(Subject::new("workspace", profile.id));
        Ok(WorkspaceOfMine { id: profile.id, name: profile.name, role: Role::WorkspaceAdmin })
    }
}
