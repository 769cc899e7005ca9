//! The log of a workspace as a stream for one watcher.

use std::{borrow::Cow, collections::VecDeque, fmt, sync::Arc};

use async_trait::async_trait;
use serde_json::value::RawValue;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};
use tokio_util::sync::CancellationToken;

use super::{Event, Notice};
use crate::{
    ChatId, FlowId, Result, RunId, WorkspaceScope,
    audit::Subject,
    cluster::Bus,
    store::{Access, Store},
};

/// What a key needs as a scope to watch.
pub(crate) const WATCH: &str = "events.watch";
/// How many events are read at once.
const PAGE: u32 = 200;
/// A watcher that is further behind reloads instead of reading everything.
const FAR: u64 = 5_000;

/// What a watcher sees next.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum FeedItem {
    /// An event of the log.
    Event(Event),
    /// Progress of the run or the conversation that is watched; it has no number in the log and is read back from there.
    Progress {
        /// As `run.step`.
        kind: Cow<'static, str>,
        /// What is sent.
        body: Arc<RawValue>,
    },
    /// Too far behind: reload. The number is where the log ends.
    Reset(u64),
}

/// What a feed shows beside the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct FeedRequest {
    /// A remote engine that keeps this flow is looked at every second or so for as long as the feed is open.
    pub flow: Option<FlowId>,
    /// The progress of this run.
    pub run: Option<RunId>,
    /// What happens in this conversation of the watcher's own.
    pub session: Option<ChatId>,
}

/// Whom a feed shows events to.
#[async_trait]
pub(crate) trait Watcher: fmt::Debug + Send + Sync {
    /// The right under which it watches now.
    ///
    /// # Errors
    /// When it may not watch any more.
    async fn scope(&self) -> Result<WorkspaceScope>;
}

/// How long a feed goes on.
#[derive(Debug)]
pub(crate) struct FeedEnd {
    /// Tells that rights may have changed.
    pub(crate) rights: watch::Receiver<u64>,
    /// When no feed goes on.
    pub(crate) stop: CancellationToken,
}

/// The log of a workspace as one watcher may see it: every number once, in order, without gaps but for what is not meant
/// for it. What a slow reader missed is read from the store, so publishing waits for none. Nothing is shown to a watcher who may
/// not watch any more, and the feed ends with the process.
#[derive(Debug)]
pub struct Feed {
    store: Arc<dyn Store>,
    watcher: Box<dyn Watcher>,
    end: FeedEnd,
    scope: WorkspaceScope,
    progress_of: Vec<Subject>,
    held: Option<Box<dyn fmt::Debug + Send + Sync>>,
    notices: broadcast::Receiver<Notice>,
    seen: u64,
    behind: bool,
    ready: VecDeque<Event>,
}

impl Feed {
    /// Watches from the event after `after`, or from now on.
    pub(crate) async fn begin(
        store: Arc<dyn Store>,
        bus: &dyn Bus,
        watcher: Box<dyn Watcher>,
        end: FeedEnd,
        after: Option<u64>,
        progress_of: Vec<Subject>,
    ) -> Result<Self> {
        let scope = watcher.scope().await?;
        // Before the store is read, so that nothing falls in between.
        let notices = bus.subscribe(scope.workspace());
        let seen = match after {
            Some(after) => after,
            None => store.begin(&scope, Access::Read).await?.events().head().await?,
        };
        let (behind, ready) = (after.is_some(), VecDeque::new());
        Ok(Self { store, watcher, end, scope, progress_of, held: None, notices, seen, behind, ready })
    }

    /// The right under which it watches.
    pub(crate) fn scope(&self) -> WorkspaceScope {
        self.scope
    }

    /// Keeps this for as long as the feed is open.
    pub(crate) fn hold(&mut self, guard: impl fmt::Debug + Send + Sync + 'static) {
        self.held = Some(Box::new(guard));
    }

    /// The next item; none when PMOS shuts down.
    ///
    /// # Errors
    /// `unauthenticated` or `not_found` as soon as the watcher may not watch any more. When the store cannot be read; the watcher
    /// may open a new feed after [`Feed::seen`].
    pub async fn next(&mut self) -> Result<Option<FeedItem>> {
        loop {
            if self.end.stop.is_cancelled() {
                return Ok(None);
            }
            self.scope = self.watcher.scope().await?;
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
            let notice = tokio::select! {
                biased;
                () = self.end.stop.cancelled() => return Ok(None),
                Ok(()) = self.end.rights.changed() => continue,
                notice = self.notices.recv() => notice,
            };
            match notice {
                Ok(Notice::Logged(event)) if event.seq <= self.seen => {}
                Ok(Notice::Logged(event)) if event.seq == self.seen + 1 => self.ready.push_back(event),
                Ok(Notice::Logged(_)) | Err(RecvError::Lagged(_)) => self.behind = true,
                Ok(Notice::Progress { kind, object, body }) => {
                    if self.progress_of.contains(&object) {
                        self.scope = self.watcher.scope().await?;
                        return Ok(Some(FeedItem::Progress { kind, body }));
                    }
                }
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    async fn catch_up(&mut self) -> Result<Option<FeedItem>> {
        let mut unit = self.store.begin(&self.scope, Access::Read).await?;
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
