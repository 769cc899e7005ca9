//! From a call of a webhook to its answer.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{
    Answer, Edition, First, InboundRequest, Intake, RunStatus, RunSummary, Runs, TriggerKind, Work, hosting,
    named::{Named, in_progress},
    refusals::refused,
};
use crate::{
    Clock, Error, FlowId, NodeId, Result, RunId, Timestamp, WorkspaceScope,
    audit::Subject,
    cluster::Leases,
    event::NewEvent,
    flow::{Document, Engines, FlowEngine},
    quota::Limits,
    store::{Access, Owner, RunRow, Store},
};

/// A live webhook.
#[derive(Debug)]
pub(super) struct Hook {
    scope: WorkspaceScope,
    flow: FlowId,
    engine: Arc<dyn FlowEngine>,
    version: u32,
    document: Document,
    intake: Intake,
}

/// What calls of webhooks need.
pub(crate) struct Deliveries<'p> {
    pub(crate) store: &'p dyn Store,
    pub(crate) clock: &'p dyn Clock,
    pub(crate) engines: &'p Engines,
    pub(crate) limits: &'p Limits,
    pub(crate) leases: &'p dyn Leases,
    pub(crate) runs: &'p Runs,
    pub(crate) node: NodeId,
}

impl Deliveries<'_> {
    /// Takes a call, runs the flow and returns the answer.
    pub(crate) async fn take(&self, token: &str, request: InboundRequest) -> Result<Answer> {
        let hook = self.hook(token).await?;
        let taken = self.taken(&hook, request).await;
        if let Err(error) = &taken {
            self.tell(&hook, error).await;
        }
        taken
    }

    /// Tells the owner that a call was refused before it was read whole.
    pub(crate) async fn refuse(&self, token: &str, error: &Error) {
        if let Ok(hook) = self.hook(token).await {
            self.tell(&hook, error).await;
        }
    }

    async fn hook(&self, token: &str) -> Result<Arc<Hook>> {
        match self.runs.hook(token) {
            Some(hook) => Ok(hook),
            None => self.find(token).await,
        }
    }

    /// Writes a refusal down where the owner looks. The sender is told in any case, so that it cannot be written is no more
    /// than a line in the log.
    async fn tell(&self, hook: &Hook, error: &Error) {
        let now = self.clock.now();
        let Some(why) = self.runs.refusals().said(hook.flow, error, now) else { return };
        if let Err(cause) = self.write_refusal(hook, why, now).await {
            tracing::warn!(flow = %hook.flow, %cause, "a refused delivery is not listed");
        }
    }

    async fn write_refusal(&self, hook: &Hook, why: String, now: Timestamp) -> Result<()> {
        let (engine, version) = (&hook.engine.descriptor().name, Some(hook.version));
        let run: RunId = self.clock.new_id()?;
        let summary = RunSummary::queued(run, hook.flow, engine, version, TriggerKind::Webhook, now);
        let events = vec![NewEvent::new("run.finished", now, hook.scope.actor(), &Subject::new("run", run))];
        self.store.journal().append(&hook.scope, refused(summary, why, events)).await?;
        Ok(())
    }

    async fn taken(&self, hook: &Hook, mut request: InboundRequest) -> Result<Answer> {
        if let Some(answer) = hook.intake.greet(&request)? {
            return Ok(answer);
        }
        let opened = hook.intake.opened_to(&request);
        request.raw = hook.intake.raw;
        let mut answer = match Named::of(hook.flow, &request)? {
            None => self.run(hook, request, None).await?,
            Some(named) => self.once(hook, request, named).await?,
        };
        open(&mut answer, opened);
        Ok(answer)
    }

    /// Runs the flow for the first delivery of this name, and gives its answer to those that follow.
    async fn once(&self, hook: &Hook, request: InboundRequest, named: Named) -> Result<Answer> {
        if let Some(answer) = self.answer_before(hook, &named).await? {
            return Ok(answer);
        }
        let alone = self.leases.try_acquire(named.lease(hook.scope.workspace())).await?.ok_or_else(in_progress)?;
        // The first may have ended in between.
        if let Some(answer) = self.answer_before(hook, &named).await? {
            return Ok(answer);
        }
        self.run(hook, request, Some(First { named, _alone: alone })).await
    }

    async fn answer_before(&self, hook: &Hook, named: &Named) -> Result<Option<Answer>> {
        let mut unit = self.store.begin(&hook.scope, Access::Read).await?;
        named.answer_before(&mut *unit).await
    }

    async fn run(&self, hook: &Hook, request: InboundRequest, first: Option<First>) -> Result<Answer> {
        self.limits.run(&hook.scope, None).await?;
        let input = request.received().await?;
        let (answer, answered) = oneshot::channel();
        let run: RunId = self.clock.new_id()?;
        let started_at = self.clock.now();
        let (engine, version) = (&hook.engine.descriptor().name, Some(hook.version));
        let summary = RunSummary::queued(run, hook.flow, engine, version, TriggerKind::Webhook, started_at);
        let row = RunRow {
            owner: Owner { node: Some(self.node), epoch: 1 },
            ..RunRow::new(RunSummary { status: RunStatus::Running, ..summary }, None)
        };
        let text = (Edition::Version(hook.version), hook.document.clone());
        let work = Work::new(hook.scope, hook.engine.clone(), text, &row, input);
        self.runs.launch(Work { begin: Some(row), answer: Some(answer), first, ..work })?;
        // Without an answer the run could not be recorded; then nothing left PMOS.
        answered.await.map_err(|_| Error::unavailable("record a run"))
    }

    async fn find(&self, token: &str) -> Result<Arc<Hook>> {
        let generation = self.runs.generation();
        let (workspace, flow) = self.store.directory().hook(token).await?.ok_or_else(Error::not_found)?;
        let scope = WorkspaceScope::system(workspace, "webhook");
        let mut unit = self.store.begin(&scope, Access::Read).await?;
        let row = unit.flows().get(flow).await?.filter(|row| row.enabled).ok_or_else(Error::not_found)?;
        let published = row.published.ok_or_else(Error::not_found)?;
        let version = unit.flows().version(flow, published.version).await?.ok_or_else(Error::not_found)?;
        drop(unit);
        let engine = self.engines.get(&row.engine)?.clone();
        let edition = Edition::Version(version.version);
        let intake = hosting::intake(&*engine, workspace, flow, edition, &version.document);
        let hook = Arc::new(Hook {
            scope,
            flow,
            version: version.version,
            document: version.document,
            intake: intake.ok_or_else(Error::not_found)?,
            engine,
        });
        self.runs.keep_hook(token, hook.clone(), generation);
        Ok(hook)
    }
}

/// Lets the page that called read the answer, unless the flow says itself who may.
fn open(answer: &mut Answer, opened: Vec<(String, String)>) {
    if !answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("access-control-allow-origin")) {
        answer.headers.extend(opened);
    }
}

/// A new secret part of a webhook address: 128 random bits.
pub(crate) fn new_hook_token(clock: &dyn Clock) -> Result<String> {
    let mut bytes = [0_u8; 16];
    clock.random(&mut bytes)?;
    Ok(hex::encode(bytes))
}
