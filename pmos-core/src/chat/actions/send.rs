use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{own, subject};
use crate::{
    ChatId, Error, Kind, Result, Role, TurnId,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    chat::{Happening, Message, Screen, Session, Speaker, Turn},
    cluster::Hint,
    model::{ModelRef, chosen},
    store::ChatBatch,
};

/// How long a message may be, in bytes.
const LONGEST: usize = 100_000;
/// How many messages may wait in a conversation.
const WAITING: usize = 20;
/// How many letters of the first message become the title.
const TITLE: usize = 60;

/// Says something to the assistant. It answers in a turn of its own, after those that were asked for before.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// In which conversation.
    pub session: ChatId,
    /// What.
    #[schemars(length(min = 1, max = 100_000))]
    pub text: String,
    /// The model that answers, `provider/model`; that of the workspace when left out.
    #[serde(default)]
    pub model: Option<ModelRef>,
    /// What the person looks at.
    #[serde(default)]
    pub screen: Option<Screen>,
}

/// A message that was sent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sent {
    /// The turn that answers it.
    pub turn: TurnId,
}

#[async_trait]
impl Action for SendMessage {
    const SPEC: ActionSpec =
        ActionSpec::write("chat.send", Method::Post, "/chat/sessions/{session}/messages").role(Role::Member).created();
    type Output = Sent;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.session))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        if self.text.trim().is_empty() {
            return Err(Error::invalid("text", "is empty; write what you want"));
        }
        if self.text.len() > LONGEST {
            return Err(Error::invalid("text", "is too long; 100000 bytes are taken"));
        }
        let mut session = own(cx, self.session).await?;
        let providers = cx.read().await?.models().list().await?;
        if self.model.is_some() {
            chosen(providers, self.model.as_ref())?;
        }
        if let Some(screen) = &self.screen {
            must_be_there(cx, screen).await?;
        }
        if cx.read().await?.chat().unfinished(self.session).await?.len() >= WAITING {
            let detail = "There are 20 messages that wait for their answers. Wait for them, or stop the assistant.";
            return Err(Error::new(Kind::Limited, "too_many_messages", detail));
        }
        // What the conversation is about, unless the person looks at something else.
        let screen = self.screen.or_else(|| session.flow.map(|flow| Screen { flow: Some(flow), ..Screen::default() }));
        let turn = Turn::new(cx.new_id()?, session.id, session.owner, self.model, cx.now());
        let message = Message { id: cx.new_id()?, role: Speaker::User, text: self.text, model: None, screen };
        let titled = name_after(&mut session, &message.text);
        let batch = ChatBatch {
            session: session.id,
            turn: turn.id,
            progress: None,
            events: vec![Happening::MessageCompleted(message)],
            usage: Vec::new(),
            at: cx.now(),
        };
        let unit = cx.write().await?;
        if titled {
            unit.chat().update_session(&session).await?;
        }
        unit.chat().insert_turn(&turn).await?;
        let appended = Context::found(unit.chat().append(&batch).await?)?;
        cx.show_chat(session.id, appended.events);
        cx.hint(Hint::TurnDue);
        Ok(Sent { turn: turn.id })
    }
}

/// What a person says they look at is in the workspace.
async fn must_be_there(cx: &mut Context<'_>, screen: &Screen) -> Result<()> {
    let unit = cx.read().await?;
    if let Some(flow) = screen.flow {
        Context::found(unit.flows().get(flow).await?)?;
    }
    if let Some(run) = screen.run {
        Context::found(unit.runs().get(run).await?)?;
    }
    Ok(())
}

/// Gives a conversation without a title one from its first message.
fn name_after(session: &mut Session, text: &str) -> bool {
    if !session.title.is_empty() {
        return false;
    }
    let line = text.trim().lines().next().unwrap_or_default();
    session.title = line.chars().filter(|c| !c.is_control()).take(TITLE).collect();
    true
}
