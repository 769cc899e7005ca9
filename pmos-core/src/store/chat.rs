use async_trait::async_trait;

use crate::{
    ChatId, NodeId, Page, PageRequest, Result, Timestamp, TurnId, UserId,
    chat::{ChatEvent, Happening, Session, Turn, TurnStatus, UsageEntry},
};

/// What is to be written down about a turn.
#[derive(Debug)]
pub struct ChatBatch {
    /// The conversation.
    pub session: ChatId,
    /// The turn.
    pub turn: TurnId,
    /// How the turn goes on; none for who does not work on it and only adds events.
    pub progress: Option<TurnProgress>,
    /// What happened, in order. The store numbers it: it goes on where the journal of the conversation ends.
    pub events: Vec<Happening>,
    /// What the model's answers cost.
    pub usage: Vec<UsageEntry>,
    /// The time of the write, and of all of the events.
    pub at: Timestamp,
}

/// How a turn goes on.
#[derive(Debug, Clone, Copy)]
pub struct TurnProgress {
    /// The epoch of the process that writes; under another one than the turn's nothing is written.
    pub epoch: u64,
    /// How the turn stands now. One that ends or waits has no owner any more.
    pub status: TurnStatus,
    /// Tokens that are set aside for what it asks a model at the moment.
    pub reserved: u64,
    /// For a turn that begins to wait: how many signals it knew of. When there were more since, it is queued instead.
    pub signals: u64,
}

/// What a batch led to.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatAppended {
    /// The events with their numbers.
    pub events: Vec<ChatEvent>,
    /// Whether the turn was asked to stop.
    pub cancel: bool,
}

/// Which events of a conversation are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventChoice {
    /// All.
    All,
    /// All but the pieces of texts, which are whole in later events.
    Whole,
}

/// Conversations of the workspace.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait ChatRepository: Send {
    /// A page of a person's conversations, newest first (by id); with this text in the title, upper and lower case alike.
    async fn sessions(&mut self, owner: UserId, text: Option<String>, page: &PageRequest) -> Result<Page<Session>>;
    /// One conversation.
    async fn session(&mut self, id: ChatId) -> Result<Option<Session>>;
    /// Adds one.
    async fn insert_session(&mut self, session: &Session) -> Result<()>;
    /// Writes title, flow and the time of the last word of one.
    async fn update_session(&mut self, session: &Session) -> Result<bool>;
    /// Deletes one with all of its turns and events; what it cost is kept.
    async fn remove_session(&mut self, id: ChatId) -> Result<bool>;

    /// Adds a turn.
    async fn insert_turn(&mut self, turn: &Turn) -> Result<()>;
    /// One turn.
    async fn turn(&mut self, id: TurnId) -> Result<Option<Turn>>;
    /// The turns of a conversation that have not ended, oldest first.
    async fn unfinished(&mut self, session: ChatId) -> Result<Vec<Turn>>;
    /// Takes a turn over that is queued or running and still of this epoch, when no older turn of its conversation is unfinished: it is running
    /// then, and who worked on it before cannot write any more. `false` otherwise.
    async fn claim(&mut self, id: TurnId, epoch: u64, node: NodeId) -> Result<bool>;
    /// Something happened that the turn may wait for: its signals are counted up, and if it waits it is queued.
    async fn signal(&mut self, id: TurnId) -> Result<bool>;
    /// Asks all unfinished turns of a conversation to stop: their owners learn it with their next write, and those that wait are queued.
    async fn cancel(&mut self, session: ChatId) -> Result<Vec<TurnId>>;

    /// Writes down what happened in a turn, at the end of the conversation's journal, which is also the time of its last word. None when
    /// the turn is owned by another epoch, or conversation or turn are not there: nothing is written then, and the unit is to be dropped.
    async fn append(&mut self, batch: &ChatBatch) -> Result<Option<ChatAppended>>;
    /// Events after this number, in order, at most `limit`.
    async fn events(&mut self, session: ChatId, after: u64, choice: EventChoice, limit: u32) -> Result<Vec<ChatEvent>>;

    /// Tokens used since, those set aside included; of one person, or of all.
    async fn tokens_since(&mut self, since: Timestamp, person: Option<UserId>) -> Result<u64>;
    /// What was used in `[since, until)`, oldest first, at most `limit`.
    async fn usage(&mut self, since: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<UsageEntry>>;
}
