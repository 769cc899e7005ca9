use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SessionSummary, own, transcript};
use crate::{
    ChatId, MessageId, Result, Role, Timestamp, TurnId,
    action::{Action, ActionSpec, Context, Method},
    chat::{Speaker, TurnRecord},
    model::ModelRef,
};

/// Shows one of your conversations: what was said, and the trace beside every answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetSession {
    /// Which.
    pub session: ChatId,
}

/// A conversation.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionDetails {
    /// What lists show of it.
    #[serde(flatten)]
    pub summary: SessionSummary,
    /// The number of its last event: what comes later is read by `chat.events` after it.
    pub seq: u64,
    /// What was said, oldest first.
    pub messages: Vec<TurnMessage>,
    /// What happened, turn by turn.
    pub turns: Vec<TurnRecord>,
}

/// Something that was said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TurnMessage {
    /// Its id.
    pub id: MessageId,
    /// In which turn.
    pub turn: TurnId,
    /// Who said it.
    pub role: Speaker,
    /// What.
    pub text: String,
    /// The model that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelRef>,
    /// When its turn was asked for.
    pub at: Timestamp,
}

#[async_trait]
impl Action for GetSession {
    const SPEC: ActionSpec =
        ActionSpec::read("chat.sessions.get", Method::Get, "/chat/sessions/{session}").role(Role::Member);
    type Output = SessionDetails;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let session = own(cx, self.session).await?;
        let transcript = transcript(cx, self.session).await?;
        let messages = transcript.messages().map(|(turn, message)| TurnMessage {
            id: message.id,
            turn: turn.turn,
            role: message.role,
            text: message.text.clone(),
            model: message.model.clone(),
            at: turn.at,
        });
        Ok(SessionDetails {
            seq: transcript.seq,
            messages: messages.collect(),
            turns: transcript.turns,
            summary: session.into(),
        })
    }
}
