//! The runs that are under way in this process.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, atomic::AtomicU64, atomic::Ordering},
    time::Duration,
};

use moka::sync::Cache;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{Span, field};

use super::{Answer, RunOrder, StepRecord, deliver::Hook};
use crate::{Error, Result, RunId, WorkspaceId, WorkspaceScope, event::Event, flow::FlowEngine, store::RunRow};

/// How long the address of a live webhook is believed; a change in this process is seen at once.
const BELIEVED: Duration = Duration::from_secs(30);

/// A run that is to be worked on.
pub(crate) struct Work {
    pub(crate) scope: WorkspaceScope,
    pub(crate) engine: Arc<dyn FlowEngine>,
    pub(crate) order: RunOrder,
    /// The row, when nothing is written of the run yet.
    pub(crate) begin: Option<RunRow>,
    /// What an earlier process wrote.
    pub(crate) recorded: Vec<StepRecord>,
    /// Whether anybody was told that it began.
    pub(crate) announced: bool,
    pub(crate) started_at: crate::Timestamp,
    pub(crate) answer: Option<oneshot::Sender<Answer>>,
    /// Cancelled when a person asks to stop it.
    pub(crate) cancel: CancellationToken,
}

impl Work {
    /// The run as logs and traces see it, within what led to it.
    fn span(&self) -> Span {
        tracing::info_span!(
            "run",
            run = %self.order.run,
            workspace = %self.order.workspace,
            flow = %self.order.flow,
            engine = self.engine.descriptor().name,
            status = field::Empty,
        )
    }
}

/// The runs that are under way in this process, and the webhooks that begin new ones.
pub struct Runs {
    queue: mpsc::UnboundedSender<(Work, Span)>,
    pub(crate) waiting: Mutex<Option<mpsc::UnboundedReceiver<(Work, Span)>>>,
    active: Mutex<HashMap<RunId, (WorkspaceId, CancellationToken)>>,
    hooks: Cache<String, Arc<Hook>>,
    generation: AtomicU64,
    pub(crate) stop: CancellationToken,
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runs").field("active", &self.active.lock().len()).finish_non_exhaustive()
    }
}

impl Runs {
    pub(crate) fn new() -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        Self {
            queue,
            waiting: Mutex::new(Some(waiting)),
            active: Mutex::default(),
            hooks: Cache::builder().max_capacity(50_000).time_to_live(BELIEVED).build(),
            generation: AtomicU64::new(0),
            stop: CancellationToken::new(),
        }
    }

    /// How many runs are under way.
    pub fn count(&self) -> usize {
        self.active.lock().len()
    }

    /// Hands a run to the background work.
    pub(crate) fn launch(&self, work: Work) -> Result<()> {
        let run = work.order.run;
        let span = work.span();
        self.active.lock().insert(run, (work.scope.workspace(), work.cancel.clone()));
        if self.stop.is_cancelled() || self.queue.send((work, span)).is_err() {
            self.active.lock().remove(&run);
            return Err(Error::unavailable("begin a run while the server stops"));
        }
        Ok(())
    }

    pub(crate) fn is_active(&self, run: RunId) -> bool {
        self.active.lock().contains_key(&run)
    }

    pub(crate) fn ended(&self, run: RunId) {
        self.active.lock().remove(&run);
    }

    /// Asks a run to stop; `false` when it is not under way here.
    pub(crate) fn cancel(&self, run: RunId) -> bool {
        match self.active.lock().get(&run) {
            Some((_, cancel)) => {
                cancel.cancel();
                true
            }
            None => false,
        }
    }

    /// Stops what is under way in a workspace that is gone, and closes its webhooks.
    pub(crate) fn forget_workspace(&self, workspace: WorkspaceId) {
        for (_, cancel) in self.active.lock().values().filter(|(owner, _)| *owner == workspace) {
            cancel.cancel();
        }
        self.forget_hooks();
    }

    /// Forgets what an event makes untrue.
    pub(crate) fn learn(&self, event: &Event) {
        let changes_what_is_live =
            matches!(event.kind.as_str(), "flow.published" | "flow.enabled" | "flow.disabled" | "flow.deleted");
        if changes_what_is_live {
            self.forget_hooks();
        }
    }

    fn forget_hooks(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.hooks.invalidate_all();
    }

    pub(super) fn hook(&self, token: &str) -> Option<Arc<Hook>> {
        self.hooks.get(token)
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Keeps what was read, unless something changed since `generation`.
    pub(super) fn keep_hook(&self, token: &str, hook: Arc<Hook>, generation: u64) {
        if self.generation() == generation {
            self.hooks.insert(token.to_owned(), hook);
        }
    }
}
