//! Calls of services: the only step that leaves PMOS.

use std::time::Duration;

use futures::future::BoxFuture;
use pmos_core::{
    Timestamp,
    run::{StepRecord, StepStatus},
    vault::Credential,
};
use serde_json::{Value, value::RawValue};

use super::{
    Run,
    frame::Frame,
    halt::Halt,
    record,
    steps::{evaluate, failed},
};
use crate::embedded::{
    call::{self, Refused},
    computing::{SMALL_BYTES, is_large},
    program::{Http, Node},
    sender::{HttpAnswer, HttpCall},
};

/// The longest wait before a further try.
const LONGEST_BACKOFF: Duration = Duration::from_hours(1);

/// What a person can do about a call that may have had its effect.
const NOT_KNOWN: &str = "Whether the service acted on it is not known. Look there before you repeat it, or mark the step as safe \
                         to repeat if doing it twice does no harm.";

/// Where a call stands when this process comes to it.
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
    Failed { why: String, output: Option<Value>, again: bool },
    Lost(String),
    Cancelled,
}

impl Run<'_> {
    /// Boxed: the way of a call is long, and steps stand deep inside each other.
    pub(super) fn http<'r>(
        &'r self,
        node: &'r Node,
        http: &'r Http,
        frame: &'r Frame,
        long: bool,
    ) -> BoxFuture<'r, Result<Value, Halt>> {
        Box::pin(self.called(node, http, frame, long))
    }

    async fn called(&self, node: &Node, http: &Http, frame: &Frame, long: bool) -> Result<Value, Halt> {
        let first = match self.attempt_state(node, http, frame) {
            Attempt::Succeeded(output) => {
                frame.scope.keep(node.id.as_str(), &output);
                return Ok(output);
            }
            Attempt::Failed(why) => return failed(node, frame, &why),
            Attempt::Lost(attempt) => return self.lost_before(node, frame, attempt).await,
            Attempt::Try(attempt) => attempt,
        };
        let began = self.context.now();
        let (call, shown) = match self.computed(long, || self.prepare(node, http, frame)).await {
            Ok(prepared) => prepared,
            Err(why) => return self.settle(node, frame, began, Err(why)).await,
        };
        let most = 1 + node.retry.map_or(0, |retry| retry.times);
        let mut attempt = first;
        loop {
            if attempt > 1 {
                let failed_at = self.failed_at(node, frame, attempt - 1).unwrap_or_else(|| self.context.now());
                self.wait_until(frame, failed_at.plus(back_off(node, attempt))).await?;
            }
            match self.attempt(node, http, frame, &call, shown.as_deref(), attempt).await? {
                Outcome::Succeeded(output) => {
                    self.computed(is_large(&output), || frame.scope.keep(node.id.as_str(), &output)).await;
                    return Ok(output);
                }
                Outcome::Failed { again: true, .. } if attempt < most => attempt += 1,
                Outcome::Failed { why, .. } => return failed(node, frame, &why),
                Outcome::Lost(why) => return lost(node, frame, &why),
                Outcome::Cancelled => return Err(Halt::Cancelled),
            }
        }
    }

    fn attempt_state(&self, node: &Node, http: &Http, frame: &Frame) -> Attempt {
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
            StepStatus::Running if http.repeatable => Attempt::Try(last.attempt),
            StepStatus::Running | StepStatus::Unknown => Attempt::Lost(last.attempt),
            _ => Attempt::Failed(last.error.clone().unwrap_or_else(|| "It was stopped.".to_owned())),
        }
    }

    fn prepare(&self, node: &Node, http: &Http, frame: &Frame) -> Result<(HttpCall, Option<Box<RawValue>>), String> {
        let mut budget = self.budget();
        let url = evaluate("url", &http.url, frame, &mut budget)?;
        let headers = evaluate("headers", &http.headers, frame, &mut budget)?;
        let query = evaluate("query", &http.query, frame, &mut budget)?;
        let body = http.body.as_ref().map(|body| evaluate("body", body, frame, &mut budget)).transpose()?;
        let mut call = call::build(&http.method, &url, &headers, &query, body.as_ref())?;
        call.timeout = node.timeout.map_or(http.timeout, |most| most.min(http.timeout));
        call.answer_bytes = self.config.answer_bytes;
        call.identify(&self.idempotency_key(node, frame));
        let shown = record::capped(&call::shown(http, &url, &headers, &query, body.as_ref()));
        Ok((call, shown))
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
        http: &Http,
        frame: &Frame,
        call: &HttpCall,
        shown: Option<&RawValue>,
        attempt: u32,
    ) -> Result<Outcome, Halt> {
        let began = self.context.now();
        let begun = record::of_step(node, frame, StepStatus::Running, began, began);
        let begun = StepRecord { attempt, input: shown.map(RawValue::to_owned), ..begun };
        self.context.progress(&begun);
        let stands = |last: &StepRecord| last.status == StepStatus::Running && last.attempt == attempt;
        if !self.replay.of(&frame.within, &node.id).is_some_and(stands) {
            self.journal.add(begun).await?;
        }
        self.journal.barrier().await?;

        let outcome = self.exchange(http, frame, call.clone()).await;
        let now = self.context.now();
        let (status, output, error) = match &outcome {
            Outcome::Succeeded(output) => (StepStatus::Succeeded, Some(output), None),
            Outcome::Failed { why, output, .. } => (StepStatus::Failed, output.as_ref(), Some(why.clone())),
            Outcome::Lost(why) => (StepStatus::Unknown, None, Some(why.clone())),
            Outcome::Cancelled => (StepStatus::Cancelled, None, None),
        };
        let ended = record::of_step(node, frame, status, began, now);
        let large = output.is_some_and(is_large);
        let output = self.computed(large, || output.and_then(record::whole)).await;
        let input = shown.map(RawValue::to_owned);
        self.journal.add(StepRecord { attempt, input, output, error, ..ended }).await?;
        Ok(outcome)
    }

    async fn exchange(&self, http: &Http, frame: &Frame, mut call: HttpCall) -> Outcome {
        if let Some(connection) = http.connection {
            match self.context.credential(connection).await {
                Ok(credential) => call.credential = Some(credential),
                Err(error) => {
                    let why = format!("The connection cannot be used: {}", error.detail());
                    return Outcome::Failed { why, output: None, again: error.is_temporary() };
                }
            }
        }
        call.timeout = call.timeout.min(frame.until.since(self.context.now()));
        let credential = call.credential.clone();
        let answered = tokio::select! {
            answered = self.sender.send(call) => answered,
            () = self.context.cancelled() => return Outcome::Cancelled,
        };
        match answered {
            Ok(answer) => {
                let long = answer.body.len() > SMALL_BYTES;
                let read = read(http, answer, credential.as_ref());
                // All of the answer is here, so reading it waits for nothing.
                let read =
                    if long { self.computed(true, || futures::executor::block_on(read)).await } else { read.await };
                match read {
                    Ok(output) => Outcome::Succeeded(output),
                    Err(Refused { why, output }) => Outcome::Failed { why, output: Some(output), again: true },
                }
            }
            Err(none) => {
                let why = format!("The call failed: {}.", none.reason.trim_end_matches('.'));
                if none.perhaps_received && !http.repeatable {
                    Outcome::Lost(format!("{why} {NOT_KNOWN}"))
                } else {
                    Outcome::Failed { why, output: None, again: none.temporary }
                }
            }
        }
    }

    /// A call that an earlier process began without recording its answer.
    async fn lost_before(&self, node: &Node, frame: &Frame, attempt: u32) -> Result<Value, Halt> {
        let why = &format!("The call was begun when the run was interrupted, and its answer was lost. {NOT_KNOWN}");
        let known = self.replay.of(&frame.within, &node.id).filter(|last| last.status == StepStatus::Unknown);
        if known.is_none() {
            let now = self.context.now();
            let record = record::of_step(node, frame, StepStatus::Unknown, now, now);
            self.journal.add(StepRecord { attempt, error: Some(why.to_owned()), ..record }).await?;
        }
        lost(node, frame, why)
    }
}

/// What the step gives, without anything of the credential.
async fn read(http: &Http, mut answer: HttpAnswer, credential: Option<&Credential>) -> Result<Value, Refused> {
    if let Some(credential) = credential {
        answer = call::without(answer, credential);
    }
    let mut read = call::read(http, &answer).await;
    if let Some(credential) = credential {
        let (Ok(output) | Err(Refused { output, .. })) = &mut read;
        call::hide(output, credential);
    }
    read
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
