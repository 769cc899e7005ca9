use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{kept_here, take_out};
use crate::{
    Error, Result, Role,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
};

/// Leaves the workspace.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveWorkspace {}

#[async_trait]
impl Action for LeaveWorkspace {
    const SPEC: ActionSpec = ActionSpec::write("members.leave", Method::Post, "/leave")
        .role(Role::Viewer)
        .channels(Channels::HANDS)
        .changes_rights()
        .empty();
    type Output = ();

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        kept_here(cx)?;
        let user = cx.actor().person().ok_or_else(|| Error::forbidden("Only a person can leave a workspace."))?;
        cx.about(Subject::new("user", user));
        take_out(cx, user).await
    }
}
