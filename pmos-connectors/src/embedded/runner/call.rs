//! Steps that an operation carries out: the only ones that may leave PMOS.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt as _, future::BoxFuture};
use pmos_core::{
    Timestamp,
    flow::{StepEffect, fill_in},
    run::{StepRecord, StepStatus},
};
use serde_json::{Map, Value, value::RawValue};

use super::{
    Run,
    frame::Frame,
    halt::Halt,
    record,
    steps::{evaluate, failed},
    waits::too_long,
};
use crate::embedded::{
    call::hide,
    computing::is_large,
    operation::{Means, StepContext, StepFailure},
    program::{Call, Node},
};

/// The longest wait before a further try.
const LONGEST_BACKOFF: Duration = Duration::from_hours(1);

/// What a person can do about a step that may have had its effect.
const NOT_KNOWN: &str = "Whether it took effect is not known. Look where it would show before you repeat it.";

/// Where a step stands when this process comes to it.
enum Attempt {
    /// This try is to be made.
    Try(u32),
    /// It succeeded with this output.
    Succeeded(Value),
    /// It failed for good.
    Failed(String),
    /// It was begun and its answer was lost, in this try.
    Lost(u32),
}

/// How one try ended.
enum Outcome {
    Succeeded(Value),
    Failed(StepFailure),
    Cancelled,
}

/// The settings of a step, computed.
struct Given {
    settings: Map<String, Value>,
    /// What is recorded of them.
    shown: Option<Box<RawValue>>,
}

impl Run<'_> {
    /// Boxed: the way of a call is long, and steps stand deep inside each other.
    pub(super) fn call<'r>(
        &'r self,
        node: &'r Node,
        call: &'r Call,
        frame: &'r Frame,
        long: bool,
    ) -> BoxFuture<'r, Result<Value, Halt>> {
        Box::pin(self.called(node, call, frame, long))
    }

    async fn called(&self, node: &Node, call: &Call, frame: &Frame, long: bool) -> Result<Value, Halt> {
        let first = match self.attempt_state(node, call, frame) {
            Attempt::Succeeded(output) => {
                frame.scope.keep(node.id.as_str(), &output);
                return Ok(output);
            }
            Attempt::Failed(why) => return failed(node, frame, &why),
            Attempt::Lost(attempt) => return self.lost_before(node, frame, attempt).await,
            Attempt::Try(attempt) => attempt,
        };
        let began = self.context.now();
        let given = match self.computed(long, || self.settings(call, frame)).await {
            Ok(given) => given,
            Err(why) => return self.settle(node, frame, began, Err(why)).await,
        };
        let most = 1 + node.retry.map_or(0, |retry| retry.times);
        let mut attempt = first;
        loop {
            if attempt > 1 {
                let failed_at = self.failed_at(node, frame, attempt - 1).unwrap_or_else(|| self.context.now());
                self.wait_until(frame, failed_at.plus(back_off(node, attempt))).await?;
            }
            match self.attempt(node, call, frame, &given, attempt).await? {
                Outcome::Succeeded(output) => {
                    self.computed(is_large(&output), || frame.scope.keep(node.id.as_str(), &output)).await;
                    return Ok(output);
                }
                Outcome::Failed(failure) => match failure.means {
                    Means::Temporary if attempt < most => attempt += 1,
                    Means::Temporary | Means::Permanent => return failed(node, frame, &failure.message),
                    Means::Lost => return lost(node, frame, &failure.message),
                },
                Outcome::Cancelled => return Err(Halt::Cancelled),
            }
        }
    }

    fn attempt_state(&self, node: &Node, call: &Call, frame: &Frame) -> Attempt {
        let Some(last) = self.replay.of(&frame.within, &node.id) else {
            return Attempt::Try(1);
        };
        match last.status {
            StepStatus::Succeeded => {
                let output = last.output.as_ref().and_then(|output| serde_json::from_str(output.get()).ok());
                output.map_or_else(
                    || Attempt::Failed("What was recorded of its answer cannot be read.".to_owned()),
                    Attempt::Succeeded,
                )
            }
            StepStatus::Failed if last.attempt <= node.retry.map_or(0, |retry| retry.times) => {
                Attempt::Try(last.attempt + 1)
            }
            StepStatus::Running if call.repeatable => Attempt::Try(last.attempt),
            StepStatus::Running | StepStatus::Unknown => Attempt::Lost(last.attempt),
            _ => Attempt::Failed(last.error.clone().unwrap_or_else(|| "It was stopped.".to_owned())),
        }
    }

    /// The settings as the fields of the operation want them.
    fn settings(&self, call: &Call, frame: &Frame) -> Result<Given, String> {
        let mut budget = self.budget();
        let mut computed = Map::new();
        for (name, setting) in &call.settings {
            let value = evaluate(name, setting, frame, &mut budget)?;
            if !value.is_null() {
                computed.insert(name.clone(), value);
            }
        }
        let filled = fill_in(&call.operation.computed, Value::Object(computed), "");
        let settings = match filled.map_err(|error| error.detail().to_owned())? {
            Value::Object(settings) => settings,
            _ => Map::new(),
        };
        let mut shown = call.operation.handler.shown(&settings);
        if let Some(connection) = call.connection {
            shown.insert("connection".to_owned(), connection.to_string().into());
        }
        let shown = record::capped(&shown);
        Ok(Given { settings, shown })
    }

    /// The same for every try of this step in this place, and for no other call.
    fn idempotency_key(&self, node: &Node, frame: &Frame) -> String {
        let passes = frame.within.iter().map(|(step, pass)| format!("{step}.{pass}"));
        let places = std::iter::once(self.order.run.to_string()).chain(passes).chain([node.id.to_string()]);
        places.collect::<Vec<_>>().join(":")
    }

    /// When an earlier process recorded that this try failed.
    fn failed_at(&self, node: &Node, frame: &Frame, attempt: u32) -> Option<Timestamp> {
        let last = self.replay.of(&frame.within, &node.id).filter(|last| last.attempt == attempt)?;
        Some(last.started_at.plus(Duration::from_micros(last.duration_us)))
    }

    async fn attempt(
        &self,
        node: &Node,
        call: &Call,
        frame: &Frame,
        given: &Given,
        attempt: u32,
    ) -> Result<Outcome, Halt> {
        let began = self.context.now();
        let begun = record::of_step(node, frame, StepStatus::Running, began, began);
        let begun = StepRecord { attempt, input: given.shown.clone(), ..begun };
        self.context.progress(&begun);
        // What only computes leaves nothing behind that would have to be known before.
        if call.operation.operation.effect != StepEffect::Pure {
            let stands = |last: &StepRecord| last.status == StepStatus::Running && last.attempt == attempt;
            if !self.replay.of(&frame.within, &node.id).is_some_and(stands) {
                self.journal.add(begun).await?;
            }
            self.journal.barrier().await?;
        }
        let outcome = self.carry_out(node, call, frame, given.settings.clone(), attempt).await;
        let now = self.context.now();
        let (status, output, error) = match &outcome {
            Outcome::Succeeded(output) => (StepStatus::Succeeded, Some(output), None),
            Outcome::Failed(StepFailure { message, output, means }) => {
                let status = if *means == Means::Lost { StepStatus::Unknown } else { StepStatus::Failed };
                (status, output.as_ref(), Some(message.clone()))
            }
            Outcome::Cancelled => (StepStatus::Cancelled, None, None),
        };
        let ended = record::of_step(node, frame, status, began, now);
        let large = output.is_some_and(is_large);
        let output = self.computed(large, || output.and_then(record::whole)).await;
        self.journal.add(StepRecord { attempt, input: given.shown.clone(), output, error, ..ended }).await?;
        Ok(outcome)
    }

    /// One try, within its time and until the run is stopped.
    async fn carry_out(
        &self,
        node: &Node,
        call: &Call,
        frame: &Frame,
        settings: Map<String, Value>,
        attempt: u32,
    ) -> Outcome {
        let left = frame.until.since(self.context.now());
        let limit = node.timeout.map_or(left, |timeout| timeout.min(left));
        let key = self.idempotency_key(node, frame);
        let cx = StepContext::new(self.context, self.order, self.computing, &node.id, key);
        let cx = cx.with(call.connection, attempt, limit);
        let work = AssertUnwindSafe(call.operation.handler.run(settings, &cx)).catch_unwind();
        let ended = tokio::select! {
            biased;
            ended = work => ended,
            () = self.context.cancelled() => return Outcome::Cancelled,
            () = tokio::time::sleep(limit) => Ok(Err(StepFailure::lost(too_long(limit)))),
        };
        let mut ended = ended.unwrap_or_else(|_| {
            tracing::error!(step = %node.id, operation = %call.operation.operation.name, "an operation panicked");
            Err(StepFailure::lost("The step broke off; the log of the server says more."))
        });
        if let Some(credential) = cx.opened() {
            let (Ok(output) | Err(StepFailure { output: Some(output), .. })) = &mut ended else {
                return Outcome::of(ended, call.repeatable);
            };
            self.computed(is_large(output), || hide(output, &credential)).await;
        }
        Outcome::of(ended, call.repeatable)
    }

    /// A step that an earlier process began without recording its answer.
    async fn lost_before(&self, node: &Node, frame: &Frame, attempt: u32) -> Result<Value, Halt> {
        let why = &format!("The step was begun when the run was interrupted, and its answer was lost. {NOT_KNOWN}");
        let known = self.replay.of(&frame.within, &node.id).filter(|last| last.status == StepStatus::Unknown);
        if known.is_none() {
            let now = self.context.now();
            let record = record::of_step(node, frame, StepStatus::Unknown, now, now);
            self.journal.add(StepRecord { attempt, error: Some(why.to_owned()), ..record }).await?;
        }
        lost(node, frame, why)
    }
}

impl Outcome {
    /// A lost answer is like any other failure where doing it twice does no harm.
    fn of(ended: Result<Value, StepFailure>, repeatable: bool) -> Self {
        match ended {
            Ok(output) => Self::Succeeded(output),
            Err(failure) if failure.means != Means::Lost => Self::Failed(failure),
            Err(failure) if repeatable => Self::Failed(StepFailure { means: Means::Temporary, ..failure }),
            Err(StepFailure { message, output, means }) => {
                Self::Failed(StepFailure { message: format!("{message} {NOT_KNOWN}"), output, means })
            }
        }
    }
}

/// How long to wait before a further try.
fn back_off(node: &Node, attempt: u32) -> Duration {
    let first = Duration::from_secs(node.retry.map_or(0, |retry| retry.backoff_s).into());
    first.saturating_mul(1 << attempt.saturating_sub(2).min(16)).min(LONGEST_BACKOFF)
}

fn lost(node: &Node, frame: &Frame, why: &str) -> Result<Value, Halt> {
    match failed(node, frame, why) {
        Err(Halt::Failed(why)) => Err(Halt::Attention(why)),
        went_on => went_on,
    }
}
