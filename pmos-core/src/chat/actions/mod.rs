//! What people can do with conversations. Each is its owner's own; to all others it is not there.

mod create;
mod delete;
mod events;
mod get;
mod list;
mod rename;
mod send;
mod stop;

pub use create::CreateSession;
pub use delete::DeleteSession;
pub use events::{EventPage, ListEvents};
pub use get::{GetSession, SessionDetails, TurnMessage};
pub use list::{ListSessions, SessionSummary};
pub use rename::RenameSession;
pub use send::{SendMessage, Sent};
pub use stop::StopTurn;

use super::{Session, Transcript};
use crate::{
    ChatId, Error, Result,
    action::{Context, Table},
    audit::Subject,
    store::EventChoice,
};

/// How many events are read at once.
const PAGE: u32 = 1_000;

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<ListSessions>()
        .with::<CreateSession>()
        .with::<GetSession>()
        .with::<RenameSession>()
        .with::<DeleteSession>()
        .with::<SendMessage>()
        .with::<StopTurn>()
        .with::<ListEvents>()
}

fn subject(session: ChatId) -> Subject {
    Subject::new("chat", session)
}

/// A conversation of the caller.
async fn own(cx: &mut Context<'_>, id: ChatId) -> Result<Session> {
    let session = Context::found(cx.read().await?.chat().session(id).await?)?;
    if cx.actor().person() == Some(session.owner) { Ok(session) } else { Err(Error::not_found()) }
}

/// All that happened in a conversation.
async fn transcript(cx: &mut Context<'_>, id: ChatId) -> Result<Transcript> {
    let mut transcript = Transcript::default();
    let mut after = 0;
    loop {
        let page = cx.read().await?.chat().events(id, after, EventChoice::Whole, PAGE).await?;
        for event in &page {
            transcript.take(event);
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = last.seq,
            _ => return Ok(transcript),
        }
    }
}

/// A title in the form that is kept.
fn title(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 120 || text.chars().any(char::is_control) {
        return Err(Error::invalid("title", "must have 1 to 120 characters and no line breaks"));
    }
    Ok(text.to_owned())
}
