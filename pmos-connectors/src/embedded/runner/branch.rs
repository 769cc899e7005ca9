//! Different ways for different data.

use pmos_core::{
    Timestamp,
    flow::OnError,
    run::{StepRecord, StepStatus},
};
use serde_json::{Value, json};

use super::{
    Done, Run,
    frame::Frame,
    halt::Halt,
    record,
    steps::{evaluate, failed},
};
use crate::embedded::program::{Branch, Node, Work};

impl Run<'_> {
    pub(super) async fn branch(
        &self,
        node: &Node,
        branch: &Branch,
        frame: &Frame,
        began: Timestamp,
        long: bool,
    ) -> Result<Value, Halt> {
        let mut taken = Vec::new();
        let decided = self.computed(long, || self.decide(branch, frame, &mut taken)).await;
        let failed = decided.is_err();
        let mut last = self.settle(node, frame, began, decided).await?;
        if failed {
            return Ok(last);
        }
        let began = self.began(node, frame, began);
        let inner = node.timeout.map(|timeout| Frame::until(frame, began.plus(timeout)));
        let inside = inner.as_ref().unwrap_or(frame);
        let mut ways: Vec<_> = taken.iter().map(|arm| &branch.arms[*arm].body).collect();
        if ways.is_empty() {
            ways.push(&branch.otherwise);
        }
        for way in ways {
            match self.block(way, inside).await {
                Ok(_) if way.is_empty() => {}
                Ok(output) => last = output,
                Err(halt) => return self.broken(node, frame, began, inside, halt).await,
            }
        }
        Ok(last)
    }

    fn decide(&self, branch: &Branch, frame: &Frame, taken: &mut Vec<usize>) -> Result<Done, String> {
        let (mut budget, mut when) = (self.budget(), Vec::new());
        for (n, arm) in branch.arms.iter().enumerate() {
            let value = evaluate(&format!("branches[{n}].when"), &arm.when, frame, &mut budget)?;
            let applies = applies(&value);
            when.push(json!({"name": arm.name, "when": applies}));
            if applies {
                taken.push(n);
                if !branch.all {
                    break;
                }
            }
        }
        let names: Vec<_> = taken.iter().map(|arm| branch.arms[*arm].name.as_str()).collect();
        Ok(Done { input: record::capped(&json!({"branches": when})), output: json!({"taken": names}) })
    }

    /// What a halt inside a step means for the step and for the run.
    pub(super) async fn broken(
        &self,
        node: &Node,
        frame: &Frame,
        began: Timestamp,
        inside: &Frame,
        halt: Halt,
    ) -> Result<Value, Halt> {
        // Only the time of the step itself makes it fail; where the time around is over, that is not its failure.
        let (halt, own) = match halt {
            Halt::Overdue(until) if until == inside.until && until < frame.until => {
                let seconds = node.timeout.unwrap_or_default().as_secs();
                (Halt::Failed(format!("It took longer than {seconds} seconds.")), true)
            }
            other => (other, false),
        };
        if matches!(halt, Halt::Store(_) | Halt::Wait(_)) {
            return Err(halt);
        }
        let goes_on = matches!(halt, Halt::Failed(_)) && node.on_error == OnError::Continue;
        // A branch did its part when it chose; a loop ends with its last pass.
        let ends_here = own || goes_on || matches!(node.work, Work::Loop(_));
        let (status, error) = halt.around();
        if ends_here && !self.is_recorded(frame, node, status) {
            let record = record::of_step(node, frame, status, began, self.context.now());
            self.journal.add(StepRecord { error, ..record }).await?;
        }
        match halt {
            Halt::Failed(why) if goes_on => failed(node, frame, &why),
            other => Err(other),
        }
    }

    fn is_recorded(&self, frame: &Frame, node: &Node, status: StepStatus) -> bool {
        self.replay.of(&frame.within, &node.id).is_some_and(|record| record.status == status)
    }
}

/// What counts as yes: everything but null, false, zero and what is empty.
fn applies(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}
