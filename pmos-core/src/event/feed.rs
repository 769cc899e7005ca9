//! The log of a workspace as a stream for one watcher.

use std::{collections::VecDeque, sync::Arc};

use serde_json::value::RawValue;
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Event, Notice};
use crate::{
    Error, FlowId, Pmos, Result, RunId, Way, WorkspaceScope, action::Caller, engine::Watched,
    flow::hosting::is_watched, store::Access,
};

/// What a key needs as a scope to watch.
pub(crate) const WATCH: &str = "events.watch";
/// How many events are read at once.
const PAGE: u32 = 200;
/// A watcher that is further behind reloads instead of reading everything.
const FAR: u64 = 5_000;

/// What a watcher sees next.
#[derive(Debug, Clone)]
pub enum FeedItem {
    /// An event of the log.
    Event(Event),
    /// Progress of the run that is watched; it has no number and is read back from the run.
    Progress(Arc<RawValue>),
    /// Too far behind: reload. The number is where the log ends.
    Reset(u64),
}

/// The log of a workspace as one watcher may see it: every number once, in order, without gaps but for what is not meant
/// for it. What a slow reader missed is read from the store, so publishing waits for none.
#[derive(Debug)]
pub struct Feed {
    pmos: Pmos,
    scope: WorkspaceScope,
    run: Option<RunId>,
    _watched: Option<Watched>,
    notices: broadcast::Receiver<Notice>,
    seen: u64,
    behind: bool,
    ready: VecDeque<Event>,
}

impl Feed {
    /// Watches from the event after `after`, or from now on. With a run, its progress too; with a flow, a remote engine
    /// that keeps it is looked at every second or so for as long as the feed is open.
    ///
    /// # Errors
    /// `not_found` outside a workspace, or for a flow that is not there; `forbidden` for a key without the scope
    /// `events.watch`; when the store cannot be read.
    pub async fn open(caller: &Caller, after: Option<u64>, run: Option<RunId>, flow: Option<FlowId>) -> Result<Self> {
        let scope = caller.scope().ok_or_else(Error::not_found)?;
        if let Way::Key { scopes, .. } = &caller.principal().way
            && !scopes.iter().any(|scope| scope.covers(WATCH))
        {
            return Err(Error::forbidden(format!("This API key does not have the scope {WATCH}.")));
        }
        let pmos = caller.pmos().clone();
        // Before the store is read, so that nothing falls in between.
        let notices = pmos.bus().subscribe(scope.workspace());
        let seen = match after {
            Some(after) => after,
            None => pmos.store().begin(&scope, Access::Read).await?.events().head().await?,
        };
        let watched = match flow {
            Some(flow) => watch(&pmos, &scope, flow).await?,
            None => None,
        };
        Ok(Self { behind: after.is_some(), pmos, scope, run, _watched: watched, notices, seen, ready: VecDeque::new() })
    }

    /// The next item; none when the bus is gone.
    ///
    /// # Errors
    /// When the store cannot be read; the watcher may open a new feed after [`Feed::seen`].
    pub async fn next(&mut self) -> Result<Option<FeedItem>> {
        loop {
            while let Some(event) = self.ready.pop_front() {
                self.seen = event.seq;
                if event.audience.admits(&self.scope) {
                    return Ok(Some(FeedItem::Event(event)));
                }
            }
            if self.behind {
                if let Some(reset) = self.catch_up().await? {
                    return Ok(Some(reset));
                }
                continue;
            }
            match self.notices.recv().await {
                Ok(Notice::Logged(event)) if event.seq <= self.seen => {}
                Ok(Notice::Logged(event)) if event.seq == self.seen + 1 => self.ready.push_back(event),
                Ok(Notice::Logged(_)) | Err(RecvError::Lagged(_)) => self.behind = true,
                Ok(Notice::Progress { object, body }) => {
                    if self.run.is_some_and(|run| object.id == run.to_string()) {
                        return Ok(Some(FeedItem::Progress(body)));
                    }
                }
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    async fn catch_up(&mut self) -> Result<Option<FeedItem>> {
        let mut unit = self.pmos.store().begin(&self.scope, Access::Read).await?;
        let head = unit.events().head().await?;
        // A number from the future belongs to a log that is not there any more, as after a restored backup.
        if self.seen > head || head - self.seen > FAR {
            self.seen = head;
            self.behind = false;
            return Ok(Some(FeedItem::Reset(head)));
        }
        self.ready = unit.events().after(self.seen, PAGE).await?.into();
        self.behind = self.ready.len() == PAGE as usize;
        Ok(None)
    }

    /// The number of the last event that was passed.
    pub fn seen(&self) -> u64 {
        self.seen
    }
}

/// Has a flow looked at often, when a remote engine keeps it.
async fn watch(pmos: &Pmos, scope: &WorkspaceScope, flow: FlowId) -> Result<Option<Watched>> {
    let row = pmos.store().begin(scope, Access::Read).await?.flows().get(flow).await?;
    let engine = row.ok_or_else(Error::not_found)?.engine;
    let watched = is_watched(&**pmos.engines().get(&engine)?);
    Ok(watched.then(|| pmos.watch().watch(flow, (scope.workspace(), engine))))
}
