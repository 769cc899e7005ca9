//! Where runs are made: by an engine inside this process, or by a remote one. The only place of this folder that asks which.

mod here;
mod remote;

use serde_json::Value;

use super::{
    Edition, Intake, Run, RunContext, RunOrder, RunStatus, RunSummary, StepRecord, StepRun, StepStatus, steps_of,
};
use crate::{
    Error, FlowId, Result, WorkspaceId,
    action::Context,
    flow::{Document, FlowEngine, Host},
    store::RunRow,
};

/// What a new run runs, and with what.
pub(super) struct NewRun {
    pub(super) summary: RunSummary,
    /// The draft and its revision, when it does not run a published version.
    pub(super) draft: Option<(u64, Document)>,
    pub(super) input: Value,
}

/// Begins a run.
pub(super) async fn start(cx: &mut Context<'_>, engine: &dyn FlowEngine, new: NewRun) -> Result<RunSummary> {
    match engine.host() {
        Host::Embedded(runner) => here::start(cx, runner, new).await,
        Host::Remote(_) => remote::start(cx, engine, new).await,
    }
}

/// Repeats a run from its failed step, as `summary`.
pub(super) async fn retry(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    before: RunSummary,
    summary: RunSummary,
) -> Result<RunSummary> {
    match engine.host() {
        Host::Remote(_) if engine.descriptor().capabilities.retry_from_failed => {
            if before.status == RunStatus::Succeeded {
                return Err(Error::conflict("run_succeeded", "The run succeeded; no step of it failed."));
            }
            cx.count_run().await?;
            remote::retry(cx, engine, before.id, summary).await
        }
        Host::Embedded(_) | Host::Remote(_) => {
            Err(Error::unsupported("repeating a run of this engine from its failed step; repeat it from its start"))
        }
    }
}

/// Asks a run to stop; how it stands then.
pub(super) async fn cancel(cx: &mut Context<'_>, engine: &dyn FlowEngine, row: RunRow) -> Result<RunSummary> {
    match engine.host() {
        Host::Embedded(_) => here::cancel(cx, row).await,
        Host::Remote(_) => remote::cancel(cx, engine, row.summary).await,
    }
}

/// What the webhook of a flow takes; one of a remote engine is called at the engine's own address.
pub(super) fn intake(
    engine: &dyn FlowEngine,
    workspace: WorkspaceId,
    flow: FlowId,
    edition: Edition,
    document: &Document,
) -> Option<Intake> {
    match engine.host() {
        Host::Embedded(runner) => runner.intake(workspace, flow, edition, document),
        Host::Remote(_) => None,
    }
}

/// Works on a run, to its end, a wait, or a failure of the store.
pub(crate) async fn work(
    engine: &dyn FlowEngine,
    order: RunOrder,
    recorded: Vec<StepRecord>,
    context: &dyn RunContext,
) -> Result<()> {
    match engine.host() {
        Host::Embedded(runner) => runner.run(order, recorded, context).await,
        Host::Remote(_) => Err(Error::internal("run a flow of a remote engine in this process")),
    }
}

/// A run with its steps.
pub(super) async fn details(cx: &mut Context<'_>, row: RunRow) -> Result<Run> {
    let records = cx.read().await?.runs().records(row.summary.id).await?;
    if records.is_empty()
        && let Ok(engine) = cx.engines().get(&row.summary.engine)
        && let Host::Remote(_) = engine.host()
    {
        return remote::details(cx, &**engine, row.summary).await;
    }
    let mut steps = steps_of(records);
    if row.summary.status.is_final() {
        stop_waiting(&mut steps);
    }
    Ok(Run { summary: row.summary, steps, note: None })
}

/// In a run that has ended no step waits any more; those that did were cut off by its end.
fn stop_waiting(steps: &mut [StepRun]) {
    for step in steps {
        if step.status == StepStatus::Waiting {
            step.status = StepStatus::Cancelled;
        }
        for iteration in step.iterations.iter_mut().flatten() {
            if iteration.status == StepStatus::Waiting {
                iteration.status = StepStatus::Cancelled;
            }
            stop_waiting(&mut iteration.steps);
        }
    }
}
