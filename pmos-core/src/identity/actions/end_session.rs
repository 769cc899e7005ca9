use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::own_account;
use crate::{
    Error, Result, SessionId,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
};

/// Ends one of one's own sessions.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSession {
    /// The session.
    pub id: SessionId,
}

#[async_trait]
impl Action for EndSession {
    const SPEC: ActionSpec = ActionSpec::write("me.end_session", Method::Delete, "/api/v1/me/sessions/{id}")
        .person()
        .channels(Channels::HANDS)
        .changes_rights()
        .empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("session", self.id))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        let (_, person) = own_account(cx)?;
        if cx.system().await?.sessions().remove(person.id, self.id).await? { Ok(()) } else { Err(Error::not_found()) }
    }
}
