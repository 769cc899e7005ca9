use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{own, subject};
use crate::{
    ChatId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    cluster::Hint,
};

/// Deletes one of your conversations. What was done in it stays done and stays in the history.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteSession {
    /// Which.
    pub session: ChatId,
}

#[async_trait]
impl Action for DeleteSession {
    const SPEC: ActionSpec = ActionSpec::destroy("chat.sessions.delete", Method::Delete, "/chat/sessions/{session}")
        .role(Role::Member)
        .empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.session))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        own(cx, self.session).await?;
        let unit = cx.write().await?;
        let stopped = unit.chat().cancel(self.session).await?;
        unit.chat().remove_session(self.session).await?;
        for turn in stopped {
            cx.hint(Hint::TurnCancelled(turn));
        }
        Ok(())
    }
}
