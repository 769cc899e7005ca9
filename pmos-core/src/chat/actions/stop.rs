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

/// Stops what the assistant does in one of your conversations. What it wrote and did until then stays.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StopTurn {
    /// Which.
    pub session: ChatId,
}

#[async_trait]
impl Action for StopTurn {
    const SPEC: ActionSpec =
        ActionSpec::write("chat.stop", Method::Post, "/chat/sessions/{session}/stop").role(Role::Member).empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.session))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        own(cx, self.session).await?;
        for turn in cx.write().await?.chat().cancel(self.session).await? {
            cx.hint(Hint::TurnCancelled(turn));
        }
        Ok(())
    }
}
