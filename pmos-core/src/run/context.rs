//! What PMOS lends an engine for one run.

use std::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::{Answer, RunContext, RunState, RunStatus, StepRecord, Work, show_progress};
use crate::{
    ConnectionId, Error, Pmos, Result, RunId, Timestamp, WorkspaceScope,
    action::Outward,
    audit::Subject,
    event::NewEvent,
    store::{RunBatch, RunRow},
    vault::{AssociatedData, Credential},
};

/// The context of one run.
pub(crate) struct JournaledRun {
    pmos: Pmos,
    scope: WorkspaceScope,
    run: RunId,
    flow: crate::FlowId,
    engine: String,
    started_at: Timestamp,
    begin: Mutex<Option<RunRow>>,
    announced: Mutex<bool>,
    next: AtomicU32,
    answer: Mutex<Option<oneshot::Sender<Answer>>>,
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
    flow: crate::FlowId,
    status: RunStatus,
}

impl JournaledRun {
    pub(crate) fn new(pmos: Pmos, work: &mut Work) -> Self {
        let run = work.order.run;
        Self {
            cancel: work.cancel.clone(),
            scope: work.scope,
            run,
            flow: work.order.flow,
            engine: work.engine.descriptor().name.clone(),
            started_at: work.started_at,
            begin: Mutex::new(work.begin.take()),
            announced: Mutex::new(work.announced),
            next: AtomicU32::new(u32::try_from(work.recorded.len()).unwrap_or(u32::MAX)),
            answer: Mutex::new(work.answer.take()),
            span: Span::current(),
            pmos,
        }
    }

    fn events(&self, state: &RunState) -> Vec<NewEvent> {
        let object = Subject::new("run", self.run);
        let now = self.pmos.clock().now();
        let mut events = Vec::new();
        let data = RunProgress { flow: self.flow, status: state.status };
        let mut tell = |kind| events.push(NewEvent::with(kind, now, self.scope.actor(), &object, Some(&data)));
        let mut announced = self.announced.lock();
        if state.status.is_final() {
            tell("run.finished");
        } else if !*announced {
            *announced = true;
            tell("run.started");
        }
        events
    }

    fn show(&self, records: &[StepRecord]) {
        show_progress(&self.pmos, self.scope.workspace(), self.scope.actor(), self.run, records);
    }
}

#[async_trait]
impl RunContext for JournaledRun {
    fn now(&self) -> Timestamp {
        self.pmos.clock().now()
    }

    async fn commit(&self, records: Vec<StepRecord>, state: RunState) -> Result<()> {
        let count = u32::try_from(records.len()).map_err(|cause| Error::internal("count records").because(cause))?;
        self.show(&records);
        let is_final = state.status.is_final();
        let status = state.status;
        let batch = RunBatch {
            run: self.run,
            begin: self.begin.lock().take(),
            events: self.events(&state),
            state,
            first: self.next.fetch_add(count, Ordering::Relaxed),
            records,
        };
        let events = self.pmos.store().journal().append(&self.scope, batch).await?;
        self.pmos.publish(self.scope.workspace(), events);
        if is_final {
            self.span.record("status", status.as_str());
            let took = self.pmos.clock().now().since(self.started_at);
            self.pmos.observer().run_finished(&self.engine, status.as_str(), took);
        }
        Ok(())
    }

    fn progress(&self, step: &StepRecord) {
        self.show(std::slice::from_ref(step));
    }

    fn answer(&self, answer: Answer) {
        if let Some(waiting) = self.answer.lock().take() {
            // The caller may have hung up; the run goes on without it.
            let _ = waiting.send(answer);
        }
    }

    async fn credential(&self, connection: ConnectionId) -> Result<Credential> {
        let mut outward = Outward::of(&self.pmos);
        let sealed = outward.look(&self.scope).await?.connections().sealed(connection).await?;
        let sealed = sealed.ok_or_else(Error::not_found)?;
        let id = connection.to_string();
        let place = AssociatedData { workspace: self.scope.workspace(), kind: "connection", id: &id };
        let secret = outward.open(&self.scope, place, &sealed.secret).await?;
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
