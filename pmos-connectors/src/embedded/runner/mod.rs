//! Runs compiled flows.
//!
//! **Durable by barrier.** Steps that only compute are gathered and written together; before an answer or a call leaves
//! PMOS, everything up to it is on disk. An interrupted run is run again from its start: steps that only compute
//! give the same as before, and what a service answered is taken from the record instead of being asked for again.

mod branch;
mod call;
mod frame;
mod halt;
mod journal;
mod looped;
mod record;
mod replay;
mod respond;
mod steps;
#[cfg(test)]
mod tests;
mod waits;

use std::sync::atomic::AtomicU64;

use pmos_core::{
    Result, Timestamp,
    flow::Issue,
    run::{Answer, RunContext, RunOrder, RunState, RunStatus, StepRecord, StepStatus},
};
use serde_json::{Value, json};

use self::{frame::Frame, halt::Halt, journal::Journal, replay::Replay};
use super::{
    computing::{Computing, is_large},
    config::EmbeddedConfig,
    expression::Scope,
    program::{Program, Trigger},
};

/// One run of one flow in this process.
struct Run<'a> {
    order: &'a RunOrder,
    context: &'a dyn RunContext,
    config: &'a EmbeddedConfig,
    computing: &'a Computing,
    journal: Journal<'a>,
    replay: Replay,
    /// How many were begun.
    steps: AtomicU64,
}

/// Runs `program` to its end; see [`pmos_core::run::Runner::run`].
pub(super) async fn run(
    program: Result<&Program, &[Issue]>,
    order: &RunOrder,
    recorded: Vec<StepRecord>,
    context: &dyn RunContext,
    config: &EmbeddedConfig,
    computing: &Computing,
) -> Result<()> {
    let (journal, replay) = (Journal::new(context), Replay::new(recorded));
    let run = Run { order, context, config, computing, journal, replay, steps: AtomicU64::new(0) };
    tokio::select! {
        biased;
        ended = run.to_its_end(program) => ended,
        error = run.journal.keep_fresh() => Err(error),
    }
}

impl Run<'_> {
    async fn to_its_end(&self, program: Result<&Program, &[Issue]>) -> Result<()> {
        let begun = self.context.now();
        let halt = match program {
            Ok(program) => self.flow(program, begun).await.err(),
            Err(issues) => Some(Halt::Failed(faults(issues))),
        };
        let wake_at = if let Some(Halt::Wait(until)) = &halt { *until } else { None };
        let (status, error) = halt.map_or(Ok((RunStatus::Succeeded, None)), Halt::ending)?;
        if !self.journal.is_answered() {
            // Who sent something that could not be processed must not believe that it was; and it is the flow that could
            // not, not this server.
            let code = if matches!(status, RunStatus::Succeeded | RunStatus::Waiting) { 202 } else { 422 };
            self.journal.answer(self.receipt(code), None);
        }
        let now = self.context.now();
        let worked = self.order.worked + now.since(begun);
        let duration_us = Some(u64::try_from(worked.as_micros()).unwrap_or(u64::MAX));
        let finished_at = Some(now).filter(|_| status.is_final());
        self.journal.finish(RunState { status, finished_at, duration_us, wake_at, error, result: None }).await
    }

    async fn flow(&self, program: &Program, begun: Timestamp) -> Result<(), Halt> {
        self.trigger(&program.trigger, self.replay.began().unwrap_or(begun)).await?;
        let (run, workspace) = (self.order.run.to_string(), self.order.workspace.to_string());
        let large = is_large(&self.order.input);
        let scope = self.computed(large, || Scope::of_run(&self.order.input, &run, &workspace)).await;
        let left = self.config.run_limit.saturating_sub(self.order.worked);
        let frame = Frame::of_run(scope, begun.plus(left));
        self.block(&program.body, &frame).await.map(drop)
    }

    /// Computes something here and now or, when it may take long, when it is the turn of the workspace.
    async fn computed<T>(&self, may_be_long: bool, work: impl FnOnce() -> T) -> T {
        if may_be_long { self.computing.long(self.order.workspace, work).await } else { work() }
    }

    async fn trigger(&self, trigger: &Trigger, began: Timestamp) -> Result<()> {
        let known = self.replay.has_ended(&[], &trigger.id);
        if !known {
            let record = StepRecord {
                within: Vec::new(),
                step: trigger.id.clone(),
                name: trigger.name.clone(),
                status: StepStatus::Succeeded,
                attempt: 1,
                started_at: began,
                duration_us: 0,
                input: None,
                output: record::whole(&self.order.input),
                error: None,
            };
            self.journal.add(record).await?;
        }
        if trigger.webhook.as_ref().is_some_and(|webhook| webhook.at_once) {
            self.journal.answer(self.receipt(202), None);
            self.journal.barrier().await?;
        }
        Ok(())
    }

    /// What a caller gets whom no respond step answered.
    fn receipt(&self, status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: json!({"run": self.order.run}) }
    }
}

/// The first of what is wrong.
fn faults(issues: &[Issue]) -> String {
    let fault = |issue: &Issue| {
        let step = issue.step.as_ref().map(|step| format!("{step}, ")).unwrap_or_default();
        format!("{step}{}: {}.", issue.field.as_deref().unwrap_or("flow"), issue.message)
    };
    let faults = issues.iter().take(5).map(fault);
    std::iter::once("The flow cannot run.".to_owned()).chain(faults).collect::<Vec<_>>().join(" ")
}

/// What a step gave.
struct Done {
    input: Option<Box<serde_json::value::RawValue>>,
    output: Value,
}
