//! What PMOS lends an engine for one run.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::{
    Answer, Child, ChildState, First, RunContext, RunState, RunStatus, RunSummary, StepRecord, StepStatus, TriggerKind,
    Work, show_progress,
};
use crate::{
    ConnectionId, Error, FlowId, Result, RunId, Timestamp, WorkspaceScope,
    audit::Subject,
    cluster::Hint,
    event::NewEvent,
    outward::Outward,
    services::Services,
    store::{Access, Closing, RunBatch, RunRow},
    vault::{AssociatedData, Credential},
};

/// How many runs may stand above each other, each started by the one above it.
const DEEPEST: u32 = 16;

/// The context of one run.
pub(crate) struct JournaledRun {
    services: Services,
    scope: WorkspaceScope,
    run: RunId,
    flow: FlowId,
    engine: String,
    begun_at: Timestamp,
    worked: Duration,
    epoch: u64,
    depth: u32,
    parent: Option<RunId>,
    started_by: Option<String>,
    begin: Mutex<Option<RunRow>>,
    announced: AtomicBool,
    has_children: AtomicBool,
    next: AtomicU32,
    answer: Mutex<Option<oneshot::Sender<Answer>>>,
    first: Option<First>,
    cancel: CancellationToken,
    span: Span,
}

impl fmt::Debug for JournaledRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JournaledRun({})", self.run)
    }
}

#[derive(Serialize)]
struct RunProgress {
    flow: FlowId,
    status: RunStatus,
}

impl JournaledRun {
    pub(crate) fn new(services: Services, work: &mut Work) -> Self {
        let run = work.order.run;
        Self {
            cancel: work.cancel.clone(),
            scope: work.scope,
            run,
            flow: work.order.flow,
            engine: work.engine.descriptor().name.clone(),
            begun_at: services.clock.now(),
            worked: work.order.worked,
            epoch: work.epoch,
            depth: work.depth,
            parent: work.parent,
            started_by: work.started_by.take(),
            begin: Mutex::new(work.begin.take()),
            announced: AtomicBool::new(!work.recorded.is_empty()),
            // What it waits for may be a run that it started before.
            has_children: AtomicBool::new(work.recorded.iter().any(|record| record.status == StepStatus::Waiting)),
            next: AtomicU32::new(u32::try_from(work.recorded.len()).unwrap_or(u32::MAX)),
            answer: Mutex::new(work.answer.take()),
            first: work.first.take(),
            span: Span::current(),
            services,
        }
    }

    fn events(&self, state: &RunState, children: &[RunRow], now: Timestamp) -> Vec<NewEvent> {
        let object = Subject::new("run", self.run);
        let mut events = Vec::new();
        let data = RunProgress { flow: self.flow, status: state.status };
        let mut tell = |kind| events.push(NewEvent::with(kind, now, self.scope.actor(), &object, Some(&data)));
        let announced = self.announced.swap(true, Ordering::Relaxed);
        match state.status {
            status if status.is_final() => tell("run.finished"),
            RunStatus::Waiting => tell("run.waiting"),
            _ if !announced => tell("run.started"),
            _ => {}
        }
        for child in children {
            let object = Subject::new("run", child.summary.id);
            events.push(NewEvent::new("run.queued", now, self.scope.actor(), &object));
        }
        events
    }

    async fn child_state(&self, run: RunId) -> Result<Option<ChildState>> {
        let mut outward = Outward::of(&self.services);
        let found = outward.look(&self.scope).await?.runs().get(run).await?.map(|row| row.summary);
        let ours = found.filter(|summary| summary.parent == Some(self.run));
        Ok(ours.map(|RunSummary { status, error, result, .. }| ChildState { status, error, result }))
    }

    /// Keeps the answer for a delivery of the same name, before the sender has it: it may have hung up already.
    async fn remember(&self, first: &First, answer: &Answer) -> Result<()> {
        let closing =
            Closing { answer: Some(first.named.answered(answer, self.services.clock.now())?), ..Closing::default() };
        let unit = self.services.store.begin(&self.scope, Access::Write).await?;
        unit.commit(closing).await.map(drop)
    }

    fn show(&self, records: &[StepRecord]) {
        show_progress(
            &*self.services.bus,
            self.services.clock.now(),
            self.scope.workspace(),
            self.scope.actor(),
            self.run,
            records,
        );
    }
}

#[async_trait]
impl RunContext for JournaledRun {
    fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    async fn commit(&self, records: Vec<StepRecord>, state: RunState, children: Vec<Child>) -> Result<()> {
        let count = u32::try_from(records.len()).map_err(|cause| Error::internal("count records").because(cause))?;
        self.show(&records);
        let (status, now) = (state.status, self.services.clock.now());
        let children: Vec<_> = children.into_iter().map(|Child(row)| row).collect();
        if !children.is_empty() {
            self.has_children.store(true, Ordering::Relaxed);
        }
        let (has_children, starts) = (self.has_children.load(Ordering::Relaxed), !children.is_empty());
        let begin = self.begin.lock().take();
        let first = self.first.as_ref().filter(|_| begin.is_some());
        let batch = RunBatch {
            run: self.run,
            epoch: self.epoch,
            begin,
            answers: first.map(|first| first.named.begun(self.run, now)).transpose()?.into_iter().collect(),
            events: self.events(&state, &children, now),
            state,
            first: self.next.fetch_add(count, Ordering::Relaxed),
            records,
            children,
            has_children,
            parent: self.parent,
            at: now,
        };
        let appended = self.services.store.journal().append(&self.scope, batch).await?;
        self.services.publish(self.scope.workspace(), appended.events);
        if appended.cancel {
            self.cancel.cancel();
        }
        if status != RunStatus::Running {
            self.span.record("status", status.as_str());
        }
        if status.is_final() {
            let took = self.worked + now.since(self.begun_at);
            self.services.observer.run_finished(&self.engine, status.as_str(), took);
            if has_children {
                self.services.hint(Hint::ChildrenCancelled(self.run));
            }
        }
        if starts || status.is_final() && (has_children || self.parent.is_some()) {
            self.services.hint(Hint::RunDue);
        }
        Ok(())
    }

    async fn child(&self, flow: FlowId, input: Value) -> Result<Child> {
        let depth = self.depth + 1;
        if depth > DEEPEST {
            let message =
                format!("There are {DEEPEST} automations that called each other already; call fewer in a row.");
            return Err(Error::conflict("too_deep", message));
        }
        let mut outward = Outward::of(&self.services);
        let mut unit = outward.look(&self.scope).await?;
        let found = unit.flows().get(flow).await?.ok_or_else(Error::not_found)?;
        if found.engine != self.engine {
            return Err(Error::unsupported("calling an automation of another engine"));
        }
        let published = found.published.ok_or_else(|| {
            let message = format!("The automation \"{}\" is not published; publish it first.", found.name);
            Error::conflict("not_published", message)
        })?;
        self.services.limits.run(&self.scope, Some(&mut *unit)).await?;
        let input = serde_json::value::to_raw_value(&input)
            .map_err(|cause| Error::internal("write an input").because(cause))?;
        let clock = &self.services.clock;
        let summary = RunSummary {
            started_by: self.started_by.clone(),
            parent: Some(self.run),
            ..RunSummary::queued(
                clock.new_id()?,
                flow,
                found.engine,
                Some(published.version),
                TriggerKind::Subflow,
                clock.now(),
            )
        };
        Ok(Child(RunRow { depth, ..RunRow::new(summary, Some(input)) }))
    }

    async fn child_end(&self, run: RunId, within: Duration) -> Result<Option<ChildState>> {
        self.has_children.store(true, Ordering::Relaxed);
        // Watched before it is looked at, so that an end in between is not missed.
        let watched = self.services.runs.watch(run);
        let mut state = self.child_state(run).await?;
        if state.as_ref().is_some_and(|state| !state.status.is_final()) {
            // Time that is over says nothing of the run; it is looked at once more either way.
            let _ = tokio::time::timeout(within, watched.ended()).await;
            state = self.child_state(run).await?;
        }
        Ok(state)
    }

    fn progress(&self, step: &StepRecord) {
        self.show(std::slice::from_ref(step));
    }

    async fn answer(&self, answer: Answer) {
        let waiting = self.answer.lock().take();
        if let Some(waiting) = waiting {
            if let Some(first) = &self.first
                && let Err(error) = self.remember(first, &answer).await
            {
                tracing::warn!(run = %self.run, ?error, "the answer to a delivery is not remembered");
            }
            // The caller may have hung up; the run goes on without it.
            let _ = waiting.send(answer);
        }
    }

    async fn credential(&self, connection: ConnectionId) -> Result<Credential> {
        let mut outward = Outward::of(&self.services);
        let sealed = outward.look(&self.scope).await?.connections().sealed(connection).await?;
        let sealed = sealed.ok_or_else(Error::not_found)?;
        let id = connection.to_string();
        let associated = AssociatedData { workspace: self.scope.workspace(), kind: "connection", id: &id };
        let secret = outward.open(&self.scope, associated, &sealed.secret).await?;
        let known = sealed.connection;
        Ok(Credential { kind: known.kind, name: known.secret_name, secret, hosts: known.hosts })
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }
}
