use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    workspace::WorkspaceOfMine,
};

/// Lists the workspaces one belongs to.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListWorkspaces {}

#[async_trait]
impl Action for ListWorkspaces {
    const SPEC: ActionSpec =
        ActionSpec::read("workspaces.list", Method::Get, "/api/v1/workspaces").role(Role::Viewer).person();
    type Output = Page<WorkspaceOfMine>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        cx.services().workspaces.mine(cx.principal().memberships()).await.map(Page::whole)
    }
}
