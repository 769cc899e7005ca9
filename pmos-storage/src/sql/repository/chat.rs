//! Conversations: their turns, their journals, and what they cost.

use async_trait::async_trait;
use pmos_core::{
    ChatId, Cursor, FlowId, Id, NodeId, Page, PageRequest, Result, Timestamp, TurnId, UsageId, UserId,
    chat::{ChatEvent, Session, Turn, UsageEntry},
    model::{ModelRef, TokenUsage},
    store::{ChatAppended, ChatBatch, ChatRepository, EventChoice},
};
use uuid::Uuid;

use super::{super::Unit, before, journal::plain, most, query, rows};
use crate::sql::value::{big, from_json, in_any_case, json, number, parsed};

macro_rules! session {
    () => {
        "select id, owner_id, title, flow_id, seq, created_at, updated_at from chat_sessions where workspace_id = $1 "
    };
}

macro_rules! turn {
    () => {
        "select id, session_id, requester, status, model, cancel, signals, reserved, node, epoch, at \
         from chat_turns where workspace_id = $1 "
    };
}

macro_rules! events {
    () => {
        "select seq, turn_id, at, data from chat_events where workspace_id = $1 and session_id = $2 and seq > $3 "
    };
}

statements! {
    SESSIONS = concat!(
        session!(),
        "and owner_id = $4 and id < $2 and (cast($5 as text) is null or ", matches_pattern!("title", "$5"), ") \
         order by id desc limit $3");
    SESSION = concat!(session!(), "and id = $2");
    INSERT_SESSION = "insert into chat_sessions \
                      (workspace_id, id, owner_id, title, flow_id, seq, created_at, updated_at) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8)";
    UPDATE_SESSION = "update chat_sessions set title = $3, flow_id = $4, updated_at = $5 \
                      where workspace_id = $1 and id = $2";
    REMOVE_SESSION = "delete from chat_sessions where workspace_id = $1 and id = $2";
    DROP_EVENTS = "delete from chat_events where workspace_id = $1 and session_id = $2";
    INSERT_TURN = "insert into chat_turns (workspace_id, id, session_id, requester, status, model, cancel, signals, \
                   reserved, node, epoch, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    TURN = concat!(turn!(), "and id = $2");
    UNFINISHED = concat!(
        turn!(),
        "and session_id = $2 and status in ('queued', 'running', 'waiting_approval') order by id");
    CLAIM = "update chat_turns set status = 'running', node = $4, epoch = epoch + 1 \
             where workspace_id = $1 and id = $2 and epoch = $3 and status in ('queued', 'running') \
             and not exists (select 1 from chat_turns older where older.workspace_id = $1 \
             and older.session_id = chat_turns.session_id and older.id < chat_turns.id \
             and older.status in ('queued', 'running', 'waiting_approval'))";
    SIGNAL = "update chat_turns set signals = signals + 1, \
              status = case status when 'waiting_approval' then 'queued' else status end \
              where workspace_id = $1 and id = $2 and status in ('queued', 'running', 'waiting_approval')";
    // It is a signal too: a turn that begins to wait at this very moment must not wait.
    CANCEL = "update chat_turns set cancel = true, signals = signals + 1, \
              status = case status when 'waiting_approval' then 'queued' else status end \
              where workspace_id = $1 and session_id = $2 and status in ('queued', 'running', 'waiting_approval') \
              returning id";
    NUMBER = "update chat_sessions set seq = seq + $3, updated_at = $4 where workspace_id = $1 and id = $2 \
              returning seq";
    // What it was told since it looked is not waited for.
    PROGRESS = "update chat_turns set reserved = $6, node = case when cast($5 as text) = 'running' then node end, \
                status = case when cast($5 as text) = 'waiting_approval' and signals > $7 then 'queued' \
                else cast($5 as text) end \
                where workspace_id = $1 and session_id = $2 and id = $3 and epoch = $4 returning cancel";
    ASKED_TO_STOP = "select cancel from chat_turns where workspace_id = $1 and session_id = $2 and id = $3";
    EVENTS = concat!(
        "insert into chat_events (workspace_id, session_id, seq, turn_id, at, kind, data) select ",
        uuid!(0), ", ", uuid!(1), ", ", int!(2), ", ", uuid!(3), ", ", int!(4), ", ", text!(5), ", ", text!(6),
        " from ", elements!());
    USED = concat!(
        "insert into chat_usage (workspace_id, id, at, person, session_id, turn_id, model, input, output, cached, \
         reasoning, cost_micros) select ",
        uuid!(0), ", ", uuid!(1), ", ", int!(2), ", ", uuid!(3), ", ", uuid!(4), ", ", uuid!(5), ", ", text!(6), ", ",
        int!(7), ", ", int!(8), ", ", int!(9), ", ", int!(10), ", ", int!(11), " from ", elements!());
    ALL_EVENTS = concat!(events!(), "order by seq limit $4");
    WHOLE_EVENTS = concat!(events!(), "and kind not in ('text.delta', 'reasoning.delta') order by seq limit $4");
    TOKENS = "select cast((select coalesce(sum(input + output), 0) from chat_usage \
              where workspace_id = $1 and at >= $2 and person = coalesce($3, person)) \
              + (select coalesce(sum(reserved), 0) from chat_turns where workspace_id = $1 \
              and status in ('queued', 'running', 'waiting_approval') and requester = coalesce($3, requester)) as bigint)";
    USAGE = "select id, at, person, session_id, turn_id, model, input, output, cached, reasoning, cost_micros \
             from chat_usage where workspace_id = $1 and at >= $2 and at < $3 order by at, id limit $4";
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    owner_id: Uuid,
    title: String,
    flow_id: Option<Uuid>,
    seq: i64,
    created_at: i64,
    updated_at: i64,
}

impl SessionRow {
    fn read(self) -> Result<Session> {
        Ok(Session {
            id: ChatId::from_uuid(self.id),
            owner: UserId::from_uuid(self.owner_id),
            title: self.title,
            flow: self.flow_id.map(FlowId::from_uuid),
            seq: number("chat_sessions.seq", self.seq)?,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        })
    }
}

#[derive(sqlx::FromRow)]
struct TurnRow {
    id: Uuid,
    session_id: Uuid,
    requester: Uuid,
    status: String,
    model: Option<String>,
    cancel: bool,
    signals: i64,
    reserved: i64,
    node: Option<Uuid>,
    epoch: i64,
    at: i64,
}

impl TurnRow {
    fn read(self) -> Result<Turn> {
        Ok(Turn {
            id: TurnId::from_uuid(self.id),
            session: ChatId::from_uuid(self.session_id),
            requester: UserId::from_uuid(self.requester),
            status: parsed("chat_turns.status", &self.status)?,
            model: self.model.map(|model| parsed("chat_turns.model", &model)).transpose()?,
            cancel: self.cancel,
            signals: number("chat_turns.signals", self.signals)?,
            reserved: number("chat_turns.reserved", self.reserved)?,
            node: self.node.map(NodeId::from_uuid),
            epoch: number("chat_turns.epoch", self.epoch)?,
            at: Timestamp::from_micros(self.at),
        })
    }
}

#[derive(sqlx::FromRow)]
struct EventRow {
    seq: i64,
    turn_id: Uuid,
    at: i64,
    data: String,
}

impl EventRow {
    fn read(self) -> Result<ChatEvent> {
        Ok(ChatEvent {
            seq: number("chat_events.seq", self.seq)?,
            turn: TurnId::from_uuid(self.turn_id),
            at: Timestamp::from_micros(self.at),
            what: from_json("chat_events.data", &self.data)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    id: Uuid,
    at: i64,
    person: Uuid,
    session_id: Uuid,
    turn_id: Uuid,
    model: String,
    input: i64,
    output: i64,
    cached: i64,
    reasoning: i64,
    cost_micros: Option<i64>,
}

impl UsageRow {
    fn read(self) -> Result<UsageEntry> {
        Ok(UsageEntry {
            id: UsageId::from_uuid(self.id),
            at: Timestamp::from_micros(self.at),
            person: UserId::from_uuid(self.person),
            session: ChatId::from_uuid(self.session_id),
            turn: TurnId::from_uuid(self.turn_id),
            model: parsed("chat_usage.model", &self.model)?,
            usage: TokenUsage {
                input: number("chat_usage.input", self.input)?,
                output: number("chat_usage.output", self.output)?,
                cached: number("chat_usage.cached", self.cached)?,
                reasoning: number("chat_usage.reasoning", self.reasoning)?,
            },
            cost_micros: self.cost_micros.map(|cost| number("chat_usage.cost_micros", cost)).transpose()?,
        })
    }
}

const APPEND: &str = "append to the journal of a conversation";

impl Unit {
    /// Notes how a turn goes on, and says whether it was asked to stop; none when it is not there or owned by another epoch.
    async fn progress(&mut self, batch: &ChatBatch) -> Result<Option<bool>> {
        let of_turn = rows::<(bool,)>(if batch.progress.is_some() { PROGRESS } else { ASKED_TO_STOP })
            .bind(self.workspace)
            .bind(batch.session.uuid())
            .bind(batch.turn.uuid());
        let of_turn = match batch.progress {
            Some(now) => {
                of_turn.bind(big(now.epoch)).bind(now.status.as_str()).bind(big(now.reserved)).bind(big(now.signals))
            }
            None => of_turn,
        };
        Ok(self.find(APPEND, of_turn).await?.map(|(cancel,)| cancel))
    }

    async fn write_events(&mut self, session: ChatId, events: &[ChatEvent]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::with_capacity(events.len());
        for event in events {
            lines.push((
                self.workspace.simple(),
                session.uuid().simple(),
                big(event.seq),
                event.turn.uuid().simple(),
                event.at.micros(),
                event.what.kind(),
                json(&event.what)?,
            ));
        }
        self.change(APPEND, query(EVENTS).bind(json(&lines)?)).await?;
        Ok(())
    }

    async fn write_usage(&mut self, usage: &[UsageEntry]) -> Result<()> {
        if usage.is_empty() {
            return Ok(());
        }
        let line = |entry: &UsageEntry| {
            let TokenUsage { input, output, cached, reasoning } = entry.usage;
            (
                self.workspace.simple(),
                entry.id.uuid().simple(),
                entry.at.micros(),
                entry.person.uuid().simple(),
                entry.session.uuid().simple(),
                entry.turn.uuid().simple(),
                entry.model.as_str().to_owned(),
                big(input),
                big(output),
                big(cached),
                big(reasoning),
                entry.cost_micros.map(big),
            )
        };
        let lines: Vec<_> = usage.iter().map(line).collect();
        self.change(APPEND, query(USED).bind(json(&lines)?)).await?;
        Ok(())
    }
}

#[async_trait]
impl ChatRepository for Unit {
    async fn sessions(&mut self, owner: UserId, text: Option<String>, page: &PageRequest) -> Result<Page<Session>> {
        let list = rows::<SessionRow>(SESSIONS)
            .bind(self.workspace)
            .bind(before(page))
            .bind(most(page))
            .bind(owner.uuid())
            .bind(text.as_deref().map(in_any_case));
        let found = self.all("list conversations", list).await?;
        let found = found.into_iter().map(SessionRow::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(found, page, |item: &Session| Cursor::new(owner, item.id.uuid().as_u128())))
    }

    async fn session(&mut self, id: ChatId) -> Result<Option<Session>> {
        let get = rows::<SessionRow>(SESSION).bind(self.workspace).bind(id.uuid());
        self.find("read a conversation", get).await?.map(SessionRow::read).transpose()
    }

    async fn insert_session(&mut self, session: &Session) -> Result<()> {
        let insert = query(INSERT_SESSION)
            .bind(self.workspace)
            .bind(session.id.uuid())
            .bind(session.owner.uuid())
            .bind(plain(&session.title))
            .bind(session.flow.map(Id::uuid))
            .bind(big(session.seq))
            .bind(session.created_at.micros())
            .bind(session.updated_at.micros());
        self.change("keep a conversation", insert).await?;
        Ok(())
    }

    async fn update_session(&mut self, session: &Session) -> Result<bool> {
        let update = query(UPDATE_SESSION)
            .bind(self.workspace)
            .bind(session.id.uuid())
            .bind(plain(&session.title))
            .bind(session.flow.map(Id::uuid))
            .bind(session.updated_at.micros());
        Ok(self.change("change a conversation", update).await? > 0)
    }

    async fn remove_session(&mut self, id: ChatId) -> Result<bool> {
        let operation = "delete a conversation";
        let removed = self.change(operation, query(REMOVE_SESSION).bind(self.workspace).bind(id.uuid())).await? > 0;
        // After the conversation: an append holds it until it has committed, and what it wrote is seen from then on.
        self.change(operation, query(DROP_EVENTS).bind(self.workspace).bind(id.uuid())).await?;
        Ok(removed)
    }

    async fn insert_turn(&mut self, turn: &Turn) -> Result<()> {
        let insert = query(INSERT_TURN)
            .bind(self.workspace)
            .bind(turn.id.uuid())
            .bind(turn.session.uuid())
            .bind(turn.requester.uuid())
            .bind(turn.status.as_str())
            .bind(turn.model.as_ref().map(ModelRef::as_str))
            .bind(turn.cancel)
            .bind(big(turn.signals))
            .bind(big(turn.reserved))
            .bind(turn.node.map(Id::uuid))
            .bind(big(turn.epoch))
            .bind(turn.at.micros());
        self.change("keep a turn", insert).await?;
        Ok(())
    }

    async fn turn(&mut self, id: TurnId) -> Result<Option<Turn>> {
        let get = rows::<TurnRow>(TURN).bind(self.workspace).bind(id.uuid());
        self.find("read a turn", get).await?.map(TurnRow::read).transpose()
    }

    async fn unfinished(&mut self, session: ChatId) -> Result<Vec<Turn>> {
        let unfinished = rows::<TurnRow>(UNFINISHED).bind(self.workspace).bind(session.uuid());
        self.all("list unfinished turns", unfinished).await?.into_iter().map(TurnRow::read).collect()
    }

    async fn claim(&mut self, id: TurnId, epoch: u64, node: NodeId) -> Result<bool> {
        let claim = query(CLAIM).bind(self.workspace).bind(id.uuid()).bind(big(epoch)).bind(node.uuid());
        Ok(self.change("take a turn over", claim).await? > 0)
    }

    async fn signal(&mut self, id: TurnId) -> Result<bool> {
        let signal = query(SIGNAL).bind(self.workspace).bind(id.uuid());
        Ok(self.change("signal a turn", signal).await? > 0)
    }

    async fn cancel(&mut self, session: ChatId) -> Result<Vec<TurnId>> {
        let operation = "ask turns to stop";
        self.must_write(operation)?;
        let cancel = rows::<(Uuid,)>(CANCEL).bind(self.workspace).bind(session.uuid());
        let mut turns: Vec<_> =
            self.all(operation, cancel).await?.into_iter().map(|(id,)| TurnId::from_uuid(id)).collect();
        turns.sort_unstable();
        Ok(turns)
    }

    async fn append(&mut self, batch: &ChatBatch) -> Result<Option<ChatAppended>> {
        self.must_write(APPEND)?;
        // The conversation first, as its deletion takes them.
        let count = batch.events.len() as u64;
        let number_events = rows::<(i64,)>(NUMBER)
            .bind(self.workspace)
            .bind(batch.session.uuid())
            .bind(big(count))
            .bind(batch.at.micros());
        let Some((last,)) = self.find(APPEND, number_events).await? else { return Ok(None) };
        let Some(cancel) = self.progress(batch).await? else { return Ok(None) };
        let first = number::<u64>("chat_sessions.seq", last)?.saturating_sub(count) + 1;
        let (turn, at) = (batch.turn, batch.at);
        let events: Vec<_> =
            (first..).zip(&batch.events).map(|(seq, what)| ChatEvent { seq, turn, at, what: what.clone() }).collect();
        self.write_events(batch.session, &events).await?;
        self.write_usage(&batch.usage).await?;
        Ok(Some(ChatAppended { events, cancel }))
    }

    async fn events(&mut self, session: ChatId, after: u64, choice: EventChoice, limit: u32) -> Result<Vec<ChatEvent>> {
        let events = rows::<EventRow>(match choice {
            EventChoice::All => ALL_EVENTS,
            EventChoice::Whole => WHOLE_EVENTS,
        });
        let events = events.bind(self.workspace).bind(session.uuid()).bind(big(after)).bind(i64::from(limit));
        let found = self.all("read the journal of a conversation", events).await?;
        found.into_iter().map(EventRow::read).collect()
    }

    async fn tokens_since(&mut self, since: Timestamp, person: Option<UserId>) -> Result<u64> {
        let tokens = rows::<(i64,)>(TOKENS).bind(self.workspace).bind(since.micros()).bind(person.map(Id::uuid));
        number("chat_usage", self.one("count tokens", tokens).await?.0)
    }

    async fn usage(&mut self, since: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<UsageEntry>> {
        let usage = rows::<UsageRow>(USAGE)
            .bind(self.workspace)
            .bind(since.micros())
            .bind(until.micros())
            .bind(i64::from(limit));
        self.all("read what conversations cost", usage).await?.into_iter().map(UsageRow::read).collect()
    }
}
