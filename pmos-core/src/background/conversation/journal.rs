//! What a turn writes down: nothing is shown that does not stand in its journal.

use crate::{
    Error, Result, WorkspaceId, WorkspaceScope,
    chat::{Happening, Transcript, Turn, TurnRecord, TurnStatus, UsageEntry},
    services::Services,
    store::{Access, ChatBatch, Closing, EventChoice, TurnProgress},
};

/// How many events are read at once.
const PAGE: u32 = 1_000;

/// The journal of a turn, for the one who works on it.
pub(super) struct TurnJournal {
    services: Services,
    scope: WorkspaceScope,
    turn: Turn,
    /// The conversation as far as it is written down.
    pub(super) transcript: Transcript,
}

impl TurnJournal {
    /// # Errors
    /// When the conversation cannot be read.
    pub(super) async fn open(services: Services, workspace: WorkspaceId, turn: Turn) -> Result<Self> {
        let scope = WorkspaceScope::system(workspace, "answer in a conversation");
        let mut transcript = Transcript::default();
        let mut after = 0;
        loop {
            let mut unit = services.store.begin(&scope, Access::Read).await?;
            let page = unit.chat().events(turn.session, after, EventChoice::Whole, PAGE).await?;
            drop(unit);
            for event in &page {
                transcript.take(event);
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = last.seq,
                _ => return Ok(Self { services, scope, turn, transcript }),
            }
        }
    }

    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    pub(super) fn scope(&self) -> &WorkspaceScope {
        &self.scope
    }

    /// Writes down what happened; whether the turn was asked to stop.
    ///
    /// # Errors
    /// `conflict` when another process took the turn over; when the store cannot write.
    pub(super) async fn write(&mut self, events: Vec<Happening>) -> Result<bool> {
        self.append(TurnStatus::Running, events, Vec::new()).await
    }

    /// The same, with how the turn stands from now on and what it cost.
    pub(super) async fn append(
        &mut self,
        status: TurnStatus,
        events: Vec<Happening>,
        usage: Vec<UsageEntry>,
    ) -> Result<bool> {
        let Turn { id, session, epoch, signals, reserved, .. } = self.turn;
        let progress = Some(TurnProgress { epoch, status, reserved, signals });
        let batch = ChatBatch { session, turn: id, progress, events, usage, at: self.services.clock.now() };
        let mut unit = self.services.store.begin(&self.scope, Access::Write).await?;
        let Some(appended) = unit.chat().append(&batch).await? else {
            return Err(Error::conflict("conflict", "Another process answers this turn."));
        };
        unit.commit(Closing::default()).await?;
        self.turn.status = status;
        for event in &appended.events {
            self.transcript.take(event);
        }
        self.services.show_chat(self.scope.workspace(), session, &appended.events);
        Ok(appended.cancel)
    }

    /// Sets tokens aside for what a model is asked next; true with the next write.
    pub(super) fn reserve(&mut self, tokens: u64) {
        self.turn.reserved = tokens;
    }

    /// What it says of the turn that is worked on.
    pub(super) fn record(&self) -> TurnRecord {
        let found = self.transcript.turn(self.turn.id).cloned();
        found.unwrap_or_else(|| TurnRecord::begun(self.turn.id, self.turn.at))
    }
}
