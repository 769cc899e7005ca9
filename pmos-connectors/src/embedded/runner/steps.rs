//! Steps one after the other.

use std::{sync::atomic::Ordering, time::Duration};

use futures::future::BoxFuture;
use pmos_core::{Timestamp, flow::OnError, run::StepStatus};
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::{Done, Run, frame::Frame, halt::Halt, record};
use crate::embedded::{
    computing::is_large,
    expression::{Budget, Mismatch, Template},
    program::{Block, Node, Work},
};

/// A step that computed this long lets others have the thread.
const FAIR_SHARE: Duration = Duration::from_millis(1);

impl Run<'_> {
    /// Runs a block; gives what its last step gave.
    pub(super) fn block<'r>(&'r self, block: &'r Block, frame: &'r Frame) -> BoxFuture<'r, Result<Value, Halt>> {
        Box::pin(async move {
            let mut last = Value::Null;
            for node in block {
                self.may_go_on(frame)?;
                let span = tracing::debug_span!("step", step = node.id.as_str());
                last = self.step(node, frame).instrument(span).await?;
                tokio::task::coop::consume_budget().await;
            }
            Ok(last)
        })
    }

    fn may_go_on(&self, frame: &Frame) -> Result<(), Halt> {
        if self.context.is_cancelled() {
            return Err(Halt::Cancelled);
        }
        if self.context.now() >= frame.until {
            return Err(Halt::Overdue(frame.until));
        }
        if self.steps.fetch_add(1, Ordering::Relaxed) >= self.config.most_steps {
            let most = self.config.most_steps;
            return Err(Halt::Failed(format!(
                "The run takes more than {most} steps; split the work over several runs."
            )));
        }
        Ok(())
    }

    async fn step(&self, node: &Node, frame: &Frame) -> Result<Value, Halt> {
        let began = self.context.now();
        if node.skip {
            return self.skipped(node, frame, began).await;
        }
        let long = may_be_long(&node.work) || frame.scope.is_large();
        match &node.work {
            Work::Call(call) => self.call(node, call, frame, long).await,
            Work::Branch(branch) => self.branch(node, branch, frame, began, long).await,
            Work::Loop(looped) => self.looped(node, looped, frame, began, long).await,
            Work::Set { values } => {
                let set = self.computed(long, || self.set(values, frame)).await;
                self.settle(node, frame, began, set).await
            }
            Work::Respond(respond) => {
                let responded = self.computed(long, || self.respond(respond, frame)).await;
                self.settle(node, frame, began, responded).await
            }
            Work::Delay(delay) => self.delay(node, delay, frame, began).await,
            Work::Subflow(subflow) => self.subflow(node, subflow, frame, began).await,
            Work::Stop { fail } => self.stop(node, fail.as_ref(), frame, began).await,
        }
    }

    async fn skipped(&self, node: &Node, frame: &Frame, began: Timestamp) -> Result<Value, Halt> {
        if !self.replay.has_ended(&frame.within, &node.id) {
            self.journal.add(record::of_step(node, frame, StepStatus::Skipped, began, began)).await?;
        }
        Ok(Value::Null)
    }

    fn set(&self, values: &Template, frame: &Frame) -> Result<Done, String> {
        let output = evaluate("values", values, frame, &mut self.budget())?;
        if !output.is_object() {
            return Err("values: must give an object of names and values".to_owned());
        }
        Ok(Done { input: record::whole(&json!({})), output })
    }

    async fn stop(&self, node: &Node, fail: Option<&Template>, frame: &Frame, began: Timestamp) -> Result<Value, Halt> {
        let message = fail.map(|fail| evaluate("fail", fail, frame, &mut self.budget()));
        let message = message.map(|message| message.map_or_else(|fault| fault, |value| text_of(&value)));
        if !self.replay.has_ended(&frame.within, &node.id) {
            let status = if message.is_some() { StepStatus::Failed } else { StepStatus::Succeeded };
            let mut record = record::of_step(node, frame, status, began, self.context.now());
            record.error.clone_from(&message);
            self.journal.add(record).await?;
        }
        Err(message.map_or(Halt::Ended, Halt::Failed))
    }

    /// Records what a step that only computes gave, unless that stands already, and lets the next steps see it.
    pub(super) async fn settle(
        &self,
        node: &Node,
        frame: &Frame,
        began: Timestamp,
        done: Result<Done, String>,
    ) -> Result<Value, Halt> {
        let now = self.context.now();
        let large = done.as_ref().is_ok_and(|done| is_large(&done.output));
        let (output, failure) = match done {
            Ok(done) => {
                if !self.replay.has_ended(&frame.within, &node.id) {
                    let mut record = record::of_step(node, frame, StepStatus::Succeeded, began, now);
                    let output = || record::capped(&done.output);
                    (record.input, record.output) = (done.input, self.computed(large, output).await);
                    self.journal.add(record).await?;
                }
                (done.output, None)
            }
            Err(why) => {
                if !self.replay.has_ended(&frame.within, &node.id) {
                    let mut record = record::of_step(node, frame, StepStatus::Failed, began, now);
                    record.error = Some(why.clone());
                    self.journal.add(record).await?;
                }
                (Value::Null, Some(why))
            }
        };
        if now.since(began) >= FAIR_SHARE {
            tokio::task::yield_now().await;
        }
        if let Some(why) = failure {
            return failed(node, frame, &why);
        }
        self.computed(large, || frame.scope.keep(node.id.as_str(), &output)).await;
        Ok(output)
    }

    pub(super) fn budget(&self) -> Budget {
        Budget::new(self.config.value_bytes)
    }
}

/// Whether what a step computes may take long, whatever it works on.
fn may_be_long(work: &Work) -> bool {
    match work {
        Work::Call(call) => call.settings.iter().any(|(_, setting)| setting.may_be_long()),
        Work::Branch(branch) => branch.arms.iter().any(|arm| arm.when.may_be_long()),
        Work::Loop(looped) => looped.items.may_be_long(),
        Work::Set { values } => values.may_be_long(),
        Work::Respond(respond) => {
            [&respond.status, &respond.headers, &respond.body].into_iter().any(Template::may_be_long)
        }
        Work::Subflow(subflow) => subflow.input.may_be_long(),
        // One short text each.
        Work::Delay(_) | Work::Stop { .. } => false,
    }
}

pub(super) fn evaluate(field: &str, template: &Template, frame: &Frame, budget: &mut Budget) -> Result<Value, String> {
    let describe = |mismatch: Mismatch| mismatch.inside(field).to_string();
    template.evaluate(&frame.scope, budget).map_err(describe)
}

/// What a recorded failure means for the run. Where the flow goes on, the next steps see `{error}`.
pub(super) fn failed(node: &Node, frame: &Frame, why: &str) -> Result<Value, Halt> {
    match node.on_error {
        OnError::Stop => Err(Halt::Failed(format!("{}: {why}", node.name))),
        OnError::Continue => {
            frame.scope.keep(node.id.as_str(), &json!({"error": why}));
            Ok(Value::Null)
        }
    }
}

/// How a value reads as a message or an address.
pub(super) fn text_of(value: &Value) -> String {
    let mut text = String::new();
    crate::embedded::expression::append(&mut text, value);
    text
}

/// What people call a kind of value.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
