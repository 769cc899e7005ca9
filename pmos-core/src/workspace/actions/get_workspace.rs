use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Role,
    action::{Action, ActionSpec, Context, Method},
    workspace::WorkspaceProfile,
};

/// Shows the settings of the workspace.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetWorkspace {}

#[async_trait]
impl Action for GetWorkspace {
    const SPEC: ActionSpec = ActionSpec::read("workspace.get", Method::Get, "/").role(Role::Viewer);
    type Output = WorkspaceProfile;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        cx.profile().await
    }
}
