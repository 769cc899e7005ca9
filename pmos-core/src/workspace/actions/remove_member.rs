use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{kept_here, take_out};
use crate::{
    Error, Result, UserId,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
};

/// Takes a member out of the workspace, with their keys.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveMember {
    /// Who.
    pub user: UserId,
}

#[async_trait]
impl Action for RemoveMember {
    const SPEC: ActionSpec = ActionSpec::destroy("members.remove", Method::Delete, "/members/{user}")
        .channels(Channels::HANDS)
        .changes_rights()
        .empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("user", self.user))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        kept_here(cx)?;
        if cx.actor().person() == Some(self.user) {
            return Err(Error::conflict("use_leave", "To go yourself, leave the workspace."));
        }
        take_out(cx, self.user).await
    }
}
