//! The runs that are under way in this process.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, atomic::AtomicU64, atomic::Ordering},
    time::Duration,
};

use moka::sync::Cache;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{Span, field};

use super::{Answer, Edition, First, RunOrder, StepRecord, deliver::Hook, refusals::Refusals};
use crate::{
    Error, Result, RunId, WorkspaceId, WorkspaceScope,
    flow::{Document, FlowEngine},
    store::RunRow,
};

/// How long the address of a live webhook is believed. A change is seen at once by its hint; this bounds what a lost one
/// costs.
const BELIEVED: Duration = Duration::from_millis(900);
/// Runs that are worked on at the same time.
pub(crate) const AT_ONCE: usize = 1_024;
/// Runs that wait for their turn at most; what comes beyond is refused.
const QUEUE: usize = 4_096;
/// How often a run is taken up again whose work broke off, before it is given up.
const TRIES: u32 = 3;

/// A run that is to be worked on.
pub(crate) struct Work {
    pub(crate) scope: WorkspaceScope,
    pub(crate) engine: Arc<dyn FlowEngine>,
    pub(crate) order: RunOrder,
    /// The row, when nothing is written of the run yet.
    pub(crate) begin: Option<RunRow>,
    /// What an earlier process wrote.
    pub(crate) recorded: Vec<StepRecord>,
    pub(crate) epoch: u64,
    pub(crate) depth: u32,
    pub(crate) parent: Option<RunId>,
    pub(crate) started_by: Option<String>,
    pub(crate) answer: Option<oneshot::Sender<Answer>>,
    /// The delivery that begins it, when its sender named it.
    pub(crate) first: Option<First>,
    /// Cancelled when a person asks to stop it.
    pub(crate) cancel: CancellationToken,
}

impl Work {
    /// The work on a run that stands in its row as `row`.
    pub(crate) fn new(
        scope: WorkspaceScope,
        engine: Arc<dyn FlowEngine>,
        (edition, document): (Edition, Document),
        row: &RunRow,
        input: Value,
    ) -> Self {
        let RunRow { summary, owner, depth, .. } = row;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no run works less than no time")]
        let worked = summary.duration_ms.map_or(Duration::ZERO, |ms| Duration::from_micros((ms * 1_000.0) as u64));
        Self {
            scope,
            engine,
            order: RunOrder {
                workspace: scope.workspace(),
                run: summary.id,
                flow: summary.flow,
                edition,
                document,
                trigger: summary.trigger,
                input,
                worked,
            },
            begin: None,
            recorded: Vec::new(),
            epoch: owner.epoch,
            depth: *depth,
            parent: summary.parent,
            started_by: summary.started_by.clone(),
            answer: None,
            first: None,
            cancel: CancellationToken::new(),
        }
    }

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
    queue: mpsc::Sender<(Work, Span)>,
    pub(crate) waiting: Mutex<Option<mpsc::Receiver<(Work, Span)>>>,
    active: Mutex<HashMap<RunId, Active>>,
    interrupted: Mutex<HashMap<RunId, Interrupted>>,
    hint: Notify,
    watched: Mutex<HashMap<RunId, Arc<Notify>>>,
    hooks: Cache<String, Arc<Hook>>,
    refusals: Refusals,
    generation: AtomicU64,
    pub(crate) stop: CancellationToken,
}

/// A run under way.
struct Active {
    workspace: WorkspaceId,
    parent: Option<RunId>,
    cancel: CancellationToken,
}

/// A run whose work broke off, by a failure of the store or of the engine.
struct Interrupted {
    workspace: WorkspaceId,
    times: u32,
    waits: bool,
}

/// A run whose end somewhere is waited for by the run that started it.
pub(super) struct Watched<'r> {
    runs: &'r Runs,
    run: RunId,
    ended: Arc<Notify>,
}

impl Watched<'_> {
    pub(super) async fn ended(&self) {
        self.ended.notified().await;
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.runs.watched.lock().remove(&self.run);
    }
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runs").field("active", &self.active.lock().len()).finish_non_exhaustive()
    }
}

impl Runs {
    pub(crate) fn new() -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        Self {
            queue,
            waiting: Mutex::new(Some(waiting)),
            active: Mutex::default(),
            interrupted: Mutex::default(),
            hint: Notify::new(),
            watched: Mutex::default(),
            hooks: Cache::builder().max_capacity(50_000).time_to_live(BELIEVED).build(),
            refusals: Refusals::new(),
            generation: AtomicU64::new(0),
            stop: CancellationToken::new(),
        }
    }

    /// How many runs are under way.
    pub fn count(&self) -> usize {
        self.active.lock().len()
    }

    /// How many more runs would be worked on at once.
    pub(crate) fn free(&self) -> usize {
        AT_ONCE.saturating_sub(self.count())
    }

    /// Hands a run to the background work.
    ///
    /// # Errors
    /// `unavailable` when too many wait already, or the server stops.
    pub(crate) fn launch(&self, work: Work) -> Result<()> {
        let run = work.order.run;
        let span = work.span();
        if self.stop.is_cancelled() {
            return Err(Error::unavailable("begin a run while the server stops"));
        }
        let active = Active { workspace: work.scope.workspace(), parent: work.parent, cancel: work.cancel.clone() };
        self.active.lock().insert(run, active);
        if self.queue.try_send((work, span)).is_err() {
            self.active.lock().remove(&run);
            return Err(Error::unavailable("begin a run while so many wait").retry_after(Duration::from_secs(1)));
        }
        Ok(())
    }

    /// Has runs that are due looked for now, and not in the next round.
    pub(crate) fn look(&self) {
        self.hint.notify_one();
    }

    pub(crate) async fn hinted(&self) {
        self.hint.notified().await;
    }

    pub(crate) fn is_active(&self, run: RunId) -> bool {
        self.active.lock().contains_key(&run)
    }

    /// That a run is no work of this process any more, because it ended or waits.
    pub(crate) fn ended(&self, run: RunId) {
        self.active.lock().remove(&run);
        self.interrupted.lock().remove(&run);
        if let Some(watched) = self.watched.lock().get(&run) {
            watched.notify_one();
        }
    }

    /// Watches for the end of a run in this process.
    pub(super) fn watch(&self, run: RunId) -> Watched<'_> {
        let ended = Arc::clone(self.watched.lock().entry(run).or_default());
        Watched { runs: self, run, ended }
    }

    /// That the work on a run broke off; it is taken up again.
    pub(crate) fn broke_off(&self, run: RunId) {
        let Some(Active { workspace, .. }) = self.active.lock().remove(&run) else { return };
        let mut interrupted = self.interrupted.lock();
        let known = interrupted.entry(run).or_insert(Interrupted { workspace, times: 0, waits: true });
        known.times += 1;
        known.waits = true;
    }

    /// That a run is ours and there was no room for it.
    pub(crate) fn postpone(&self, workspace: WorkspaceId, run: RunId) {
        self.interrupted.lock().entry(run).or_insert(Interrupted { workspace, times: 0, waits: true }).waits = true;
    }

    /// The runs whose work broke off, and whether it was tried often enough to take one up again.
    pub(crate) fn take_interrupted(&self) -> Vec<(WorkspaceId, RunId, bool)> {
        let mut interrupted = self.interrupted.lock();
        let waiting = interrupted.iter_mut().filter(|(_, known)| known.waits);
        let taken = waiting.map(|(run, known)| {
            known.waits = false;
            (known.workspace, *run, known.times >= TRIES)
        });
        taken.collect()
    }

    /// Asks a run to stop, if it is under way here.
    pub(crate) fn cancel(&self, run: RunId) {
        if let Some(active) = self.active.lock().get(&run) {
            active.cancel.cancel();
        }
    }

    /// Asks the runs here to stop that this one started.
    pub(crate) fn cancel_children(&self, parent: RunId) {
        for child in self.active.lock().values().filter(|active| active.parent == Some(parent)) {
            child.cancel.cancel();
        }
    }

    /// Stops what is under way in a workspace that is gone, and closes its webhooks.
    pub(crate) fn forget_workspace(&self, workspace: WorkspaceId) {
        for active in self.active.lock().values().filter(|active| active.workspace == workspace) {
            active.cancel.cancel();
        }
        self.forget_hooks();
    }

    pub(crate) fn forget_hooks(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.hooks.invalidate_all();
    }

    pub(super) fn hook(&self, token: &str) -> Option<Arc<Hook>> {
        self.hooks.get(token)
    }

    pub(super) fn refusals(&self) -> &Refusals {
        &self.refusals
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
