//! Steps that wait: for a time, or for a run of another automation.
//!
//! A short wait is spent in memory, so that the caller of a webhook still gets its answer. A longer one gives the run back:
//! it takes no memory and no slot until it is due, and is then run again from its start, as after an interruption.

use std::time::Duration;

use pmos_core::{
    Error, Kind, RunId, Timestamp,
    run::{ChildState, RunStatus, StepRecord, StepStatus},
    schedule::LONGEST,
};
use serde_json::{Value, json};

use super::{
    Done, Run,
    frame::Frame,
    halt::Halt,
    record,
    steps::{evaluate, failed, kind_of},
};
use crate::embedded::program::{Delay, Node, Subflow};

impl Run<'_> {
    pub(super) async fn delay(
        &self,
        node: &Node,
        delay: &Delay,
        frame: &Frame,
        began: Timestamp,
    ) -> Result<Value, Halt> {
        let until = match self.recorded_input(node, frame, "until") {
            Some(until) => Ok(until),
            None => self.until(delay, frame, began),
        };
        let until = match until {
            Ok(until) => until,
            Err(why) => return self.settle(node, frame, began, Err(why)).await,
        };
        let began = self.began(node, frame, began);
        let input = record::whole(&json!({"until": until}));
        let limit = node.timeout.map(|timeout| began.plus(timeout));
        let ends = limit.map_or(until, |limit| limit.min(until));
        let has_ended = self.replay.has_ended(&frame.within, &node.id);
        if !has_ended && !self.is_short(ends) {
            self.wait_step(node, frame, began, input.clone()).await?;
        }
        if !has_ended {
            self.wait_until(frame, ends).await?;
        }
        let done = match node.timeout {
            Some(timeout) if ends < until => Err(too_long(timeout)),
            _ => Ok(Done { input, output: Value::Null }),
        };
        self.settle(node, frame, began, done).await
    }

    fn until(&self, delay: &Delay, frame: &Frame, began: Timestamp) -> Result<Timestamp, String> {
        let mut budget = self.budget();
        let until = match delay {
            Delay::Seconds(seconds) => {
                let seconds = evaluate("seconds", seconds, frame, &mut budget)?;
                let span = seconds.as_f64().filter(|seconds| (0.0..=LONGEST_SECONDS).contains(seconds));
                let span = span.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                began.plus(span.ok_or_else(|| format!("seconds: must be a number from 0 to {LONGEST} (366 days)"))?)
            }
            Delay::Until(until) => {
                let until = evaluate("until", until, frame, &mut budget)?;
                let at = until.as_str().and_then(|text| text.parse::<Timestamp>().ok());
                at.ok_or_else(|| {
                    format!("until: must be a time as 2027-03-01T09:00:00+01:00, and is {}", kind_of(&until))
                })?
            }
        };
        if until.since(began) > Duration::from_secs(LONGEST) {
            return Err("until: is more than 366 days away, and no run waits for longer".to_owned());
        }
        Ok(until)
    }

    pub(super) async fn subflow(
        &self,
        node: &Node,
        subflow: &Subflow,
        frame: &Frame,
        began: Timestamp,
    ) -> Result<Value, Halt> {
        let began = self.began(node, frame, began);
        let known = self.replay.of(&frame.within, &node.id);
        let child = match known.map(|last| last.status) {
            Some(StepStatus::Succeeded) => {
                let output = known.and_then(|last| last.output.as_ref());
                let output = output.and_then(|text| serde_json::from_str(text.get()).ok()).unwrap_or(Value::Null);
                frame.scope.keep(node.id.as_str(), &output);
                return Ok(output);
            }
            Some(StepStatus::Waiting) => self.recorded_input::<RunId>(node, frame, "run"),
            Some(_) => {
                let why = known.and_then(|last| last.error.clone()).unwrap_or_else(|| "It was stopped.".to_owned());
                return failed(node, frame, &why);
            }
            None => None,
        };
        let child = match child {
            Some(child) => child,
            None => match self.begin_subflow(node, subflow, frame, began).await? {
                Ok(child) => child,
                Err(why) => return self.settle(node, frame, began, Err(why)).await,
            },
        };
        let limit = node.timeout.map(|timeout| began.plus(timeout));
        let within = self.config.short_wait.min(self.left(frame));
        let state = tokio::select! {
            state = self.context.child_end(child, within) => state?,
            () = self.context.cancelled() => return Err(Halt::Cancelled),
        };
        let input = known.and_then(|last| last.input.clone());
        let ended = match state {
            Some(state) if !state.status.is_final() => match limit.zip(node.timeout) {
                Some((limit, timeout)) if self.context.now() >= limit => Err(too_long(timeout)),
                _ => return Err(Halt::Wait(limit.into_iter().chain(frame.deadline).min())),
            },
            Some(state) => result_of(state),
            None => Err("The run of the other automation is not there any more.".to_owned()),
        };
        let (status, error) = match &ended {
            Ok(_) => (StepStatus::Succeeded, None),
            Err(why) => (StepStatus::Failed, Some(why.clone())),
        };
        let output = ended.as_ref().ok().and_then(record::whole);
        let record = record::of_step(node, frame, status, began, self.context.now());
        self.journal.add(StepRecord { input, output, error, ..record }).await?;
        match ended {
            Ok(output) => {
                frame.scope.keep(node.id.as_str(), &output);
                Ok(output)
            }
            Err(why) => failed(node, frame, &why),
        }
    }

    /// Starts the run of the other automation, in the same commit as the record that names it.
    async fn begin_subflow(
        &self,
        node: &Node,
        subflow: &Subflow,
        frame: &Frame,
        began: Timestamp,
    ) -> Result<Result<RunId, String>, Halt> {
        let long = subflow.input.may_be_long() || frame.scope.is_large();
        let input = || evaluate("input", &subflow.input, frame, &mut self.budget());
        let input = match self.computed(long, input).await {
            Ok(input) => input,
            Err(why) => return Ok(Err(why)),
        };
        let shown = json!({"flow": subflow.flow, "input": input});
        let child = match self.context.child(subflow.flow, input).await {
            Ok(child) => child,
            Err(error) if is_ours(&error) => return Err(Halt::Store(error)),
            Err(error) => return Ok(Err(format!("The other automation cannot be called: {}", error.detail()))),
        };
        let run = child.run();
        let mut input = shown;
        input["run"] = json!(run);
        let waiting = record::of_step(node, frame, StepStatus::Waiting, began, began);
        self.journal.start(StepRecord { input: record::capped(&input), ..waiting }, child).await?;
        Ok(Ok(run))
    }

    /// Waits for a time: in memory when it comes soon, otherwise the run is given back.
    pub(super) async fn wait_until(&self, frame: &Frame, until: Timestamp) -> Result<(), Halt> {
        let now = self.context.now();
        if now >= until {
            return Ok(());
        }
        if !self.is_short(until) {
            return Err(Halt::Wait(Some(frame.deadline.map_or(until, |deadline| deadline.min(until)))));
        }
        let (wait, left) = (until.since(now), self.left(frame));
        tokio::select! {
            () = tokio::time::sleep(wait.min(left)) => {}
            () = self.context.cancelled() => return Err(Halt::Cancelled),
        }
        if wait > left { Err(Halt::Overdue(frame.until)) } else { Ok(()) }
    }

    fn is_short(&self, until: Timestamp) -> bool {
        until.since(self.context.now()) <= self.config.short_wait
    }

    fn left(&self, frame: &Frame) -> Duration {
        frame.until.since(self.context.now())
    }

    /// Records that a step waits, unless that stands already.
    async fn wait_step(
        &self,
        node: &Node,
        frame: &Frame,
        began: Timestamp,
        input: Option<Box<serde_json::value::RawValue>>,
    ) -> Result<(), Halt> {
        if self.replay.of(&frame.within, &node.id).is_none() {
            let waiting = record::of_step(node, frame, StepStatus::Waiting, began, began);
            self.journal.add(StepRecord { input, ..waiting }).await?;
        }
        Ok(())
    }

    /// When a step began, which may have been before this process came to it.
    pub(super) fn began(&self, node: &Node, frame: &Frame, now: Timestamp) -> Timestamp {
        self.replay.of(&frame.within, &node.id).map_or(now, |record| record.started_at)
    }

    fn recorded_input<T: serde::de::DeserializeOwned>(&self, node: &Node, frame: &Frame, name: &str) -> Option<T> {
        let input = self.replay.of(&frame.within, &node.id)?.input.as_ref()?;
        let mut input: Value = serde_json::from_str(input.get()).ok()?;
        serde_json::from_value(input.get_mut(name)?.take()).ok()
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
const LONGEST_SECONDS: f64 = LONGEST as f64;

pub(super) fn too_long(timeout: Duration) -> String {
    format!("It took longer than {} seconds.", timeout.as_secs())
}

/// Whether it is our failure, after which the run is taken up again, and not the flow's.
fn is_ours(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unavailable | Kind::Internal)
}

fn result_of(state: ChildState) -> Result<Value, String> {
    let why = match state.status {
        RunStatus::Succeeded => {
            let result = state.result.map(|text| serde_json::from_str(text.get())).transpose();
            return result.map(Option::unwrap_or_default).map_err(|_| "Its result cannot be read.".to_owned());
        }
        RunStatus::Cancelled => "it was stopped".to_owned(),
        RunStatus::TimedOut => "it took longer than it may".to_owned(),
        RunStatus::NeedsAttention => "it needs attention".to_owned(),
        _ => state.error.unwrap_or_else(|| "it failed".to_owned()),
    };
    Err(format!("The other automation did not succeed: {}.", why.trim_end_matches('.')))
}
