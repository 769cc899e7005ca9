use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{
    ChatId, Cursor, Error, NodeId, Page, PageRequest, Result, Timestamp, TurnId, UserId,
    chat::{ChatEvent, Happening, Session, Turn, TurnStatus, UsageEntry},
    store::{ChatAppended, ChatBatch, ChatRepository, EventChoice, TurnProgress},
};

use super::{
    state::{Chat, Tenant, change, enough, insert, key, newest_first, remove, retain},
    unit::Unit,
};

impl Tenant {
    /// The turns of a conversation that have not ended, oldest first.
    fn unfinished(&self, session: ChatId) -> impl Iterator<Item = &Turn> {
        self.turns.values().filter(move |turn| turn.session == session && !turn.status.is_final())
    }

    /// Whether all older turns of its conversation have ended.
    pub(super) fn has_its_place(&self, turn: &Turn) -> bool {
        self.unfinished(turn.session).all(|other| other.id >= turn.id)
    }
}

/// Tells a turn that something happened that it may wait for.
fn signal(turn: &mut Turn) {
    turn.signals += 1;
    if turn.status == TurnStatus::WaitingApproval {
        turn.status = TurnStatus::Queued;
    }
}

/// A turn goes on. What it was told since it looked is not waited for.
fn set(turn: &mut Turn, progress: TurnProgress) {
    let missed = progress.status == TurnStatus::WaitingApproval && turn.signals > progress.signals;
    turn.status = if missed { TurnStatus::Queued } else { progress.status };
    turn.reserved = progress.reserved;
    if turn.status != TurnStatus::Running {
        turn.node = None;
    }
}

fn is_whole(event: &ChatEvent) -> bool {
    !matches!(event.what, Happening::TextDelta { .. } | Happening::ReasoningDelta { .. })
}

#[async_trait]
impl ChatRepository for Unit {
    async fn sessions(&mut self, owner: UserId, text: Option<String>, page: &PageRequest) -> Result<Page<Session>> {
        let text = text.map(|text| text.to_lowercase());
        let fits = |session: &&Session| {
            session.owner == owner && text.as_ref().is_none_or(|text| session.title.to_lowercase().contains(text))
        };
        let items = self.read(|tenant| {
            let found = newest_first(&tenant.chats, page).map(|chat| &chat.session);
            found.filter(fits).take(enough(page)).cloned().collect()
        });
        Ok(Page::cut(items, page, |last: &Session| Cursor::new(self.workspace, key(last.id))))
    }

    async fn session(&mut self, id: ChatId) -> Result<Option<Session>> {
        Ok(self.read(|tenant| tenant.chats.get(&id).map(|chat| chat.session.clone())))
    }

    async fn insert_session(&mut self, session: &Session) -> Result<()> {
        let chat = Chat { session: session.clone(), events: Vec::new() };
        insert(&mut self.fill()?.chats, session.id, Arc::new(chat))
    }

    async fn update_session(&mut self, session: &Session) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(change(&mut tenant.chats, &session.id, |chat| {
            let kept = &mut Arc::make_mut(chat).session;
            (kept.flow, kept.updated_at) = (session.flow, session.updated_at);
            kept.title.clone_from(&session.title);
        }))
    }

    async fn remove_session(&mut self, id: ChatId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        retain(&mut tenant.turns, |turn| turn.session != id);
        Ok(remove(&mut tenant.chats, &id))
    }

    async fn insert_turn(&mut self, turn: &Turn) -> Result<()> {
        let tenant = self.fill()?;
        if !tenant.chats.contains_key(&turn.session) {
            return Err(Error::not_found());
        }
        insert(&mut tenant.turns, turn.id, turn.clone())
    }

    async fn turn(&mut self, id: TurnId) -> Result<Option<Turn>> {
        Ok(self.read(|tenant| tenant.turns.get(&id).cloned()))
    }

    async fn unfinished(&mut self, session: ChatId) -> Result<Vec<Turn>> {
        Ok(self.read(|tenant| tenant.unfinished(session).cloned().collect()))
    }

    async fn claim(&mut self, id: TurnId, epoch: u64, node: NodeId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        let open = |turn: &Turn| matches!(turn.status, TurnStatus::Queued | TurnStatus::Running) && turn.epoch == epoch;
        if tenant.turns.get(&id).is_none_or(|turn| !open(turn) || !tenant.has_its_place(turn)) {
            return Ok(false);
        }
        Ok(change(&mut tenant.turns, &id, |turn| {
            (turn.status, turn.node) = (TurnStatus::Running, Some(node));
            turn.epoch += 1;
        }))
    }

    async fn signal(&mut self, id: TurnId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        if tenant.turns.get(&id).is_none_or(|turn| turn.status.is_final()) {
            return Ok(false);
        }
        Ok(change(&mut tenant.turns, &id, signal))
    }

    async fn cancel(&mut self, session: ChatId) -> Result<Vec<TurnId>> {
        let Some(tenant) = self.write()? else { return Ok(Vec::new()) };
        let open: Vec<_> = tenant.unfinished(session).map(|turn| turn.id).collect();
        for turn in &open {
            change(&mut tenant.turns, turn, |turn| {
                turn.cancel = true;
                signal(turn);
            });
        }
        Ok(open)
    }

    async fn append(&mut self, batch: &ChatBatch) -> Result<Option<ChatAppended>> {
        let Some(tenant) = self.write()? else { return Ok(None) };
        let ChatBatch { session, turn: id, progress, events, usage, at } = batch;
        let owned = |turn: &&Turn| turn.session == *session && progress.is_none_or(|now| now.epoch == turn.epoch);
        let Some(turn) = tenant.turns.get(id).filter(owned) else { return Ok(None) };
        let cancel = turn.cancel;
        if let Some(progress) = progress {
            change(&mut tenant.turns, id, |turn| set(turn, *progress));
        }
        let mut numbered = Vec::with_capacity(events.len());
        change(&mut tenant.chats, session, |chat| {
            let chat = Arc::make_mut(chat);
            for what in events {
                chat.session.seq += 1;
                numbered.push(ChatEvent { seq: chat.session.seq, turn: *id, at: *at, what: what.clone() });
            }
            chat.session.updated_at = *at;
            chat.events.extend(numbered.iter().cloned().map(Arc::new));
        });
        for entry in usage {
            insert(&mut tenant.usage, entry.id, entry.clone())?;
        }
        Ok(Some(ChatAppended { events: numbered, cancel }))
    }

    async fn events(&mut self, session: ChatId, after: u64, choice: EventChoice, limit: u32) -> Result<Vec<ChatEvent>> {
        let wanted = |event: &&ChatEvent| choice == EventChoice::All || is_whole(event);
        Ok(self.read(|tenant| {
            let events = tenant.chats.get(&session).map_or(&[][..], |chat| &chat.events);
            let later = events.iter().map(|event| &**event).skip_while(|event| event.seq <= after);
            later.filter(wanted).take(limit as usize).cloned().collect()
        }))
    }

    async fn tokens_since(&mut self, since: Timestamp, person: Option<UserId>) -> Result<u64> {
        let of = |who: UserId| person.is_none_or(|person| person == who);
        Ok(self.read(|tenant| {
            let used = tenant.usage.values().filter(|entry| entry.at >= since && of(entry.person));
            let open = tenant.turns.values().filter(|turn| !turn.status.is_final() && of(turn.requester));
            used.map(|entry| entry.usage.total()).chain(open.map(|turn| turn.reserved)).sum()
        }))
    }

    async fn usage(&mut self, since: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<UsageEntry>> {
        let mut found: Vec<_> = self
            .read(|tenant| tenant.usage.values().filter(|entry| (since..until).contains(&entry.at)).cloned().collect());
        found.sort_by_key(|entry| (entry.at, entry.id));
        found.truncate(limit as usize);
        Ok(found)
    }
}
