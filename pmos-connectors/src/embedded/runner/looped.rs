//! The same steps for every entry of a list.

use futures::{StreamExt, future::BoxFuture, stream::FuturesOrdered};
use parking_lot::Mutex;
use pmos_core::{
    Timestamp,
    run::{StepRecord, StepStatus},
};
use serde_json::{Value, json};

use super::{
    Done, Run,
    frame::Frame,
    halt::Halt,
    record,
    steps::{evaluate, kind_of},
};
use crate::embedded::program::{Loop, Node};

/// How many passes one loop may have.
const MOST_PASSES: usize = 10_000;

impl Run<'_> {
    pub(super) async fn looped(
        &self,
        node: &Node,
        looped: &Loop,
        frame: &Frame,
        began: Timestamp,
        long: bool,
    ) -> Result<Value, Halt> {
        let items = match self.computed(long, || self.items(looped, frame)).await {
            Ok(items) => items,
            Err(why) => return self.settle(node, frame, began, Err(why)).await,
        };
        let count = items.len();
        let input = record::capped(&json!({"items": items, "concurrency": looped.concurrency}));
        if self.replay.of(&frame.within, &node.id).is_none() {
            // Its passes are recorded inside it, so it has to stand before them.
            let begun =
                StepRecord { input: input.clone(), ..record::of_step(node, frame, StepStatus::Running, began, began) };
            self.context.progress(&begun);
            self.journal.add(begun).await?;
        }
        let began = self.began(node, frame, began);
        let inner = node.timeout.map(|timeout| Frame::until(frame, began.plus(timeout)));
        let inside = inner.as_ref().unwrap_or(frame);
        match self.passes(node, looped, inside, items).await {
            Ok(results) => {
                let output = json!({"count": count, "results": results});
                self.settle(node, frame, began, Ok(Done { input, output })).await
            }
            Err(halt) => self.broken(node, frame, began, inside, halt).await,
        }
    }

    fn items(&self, looped: &Loop, frame: &Frame) -> Result<Vec<Value>, String> {
        match evaluate("items", &looped.items, frame, &mut self.budget())? {
            Value::Array(items) if items.len() > MOST_PASSES => Err(format!(
                "items: has {} entries, and a loop takes at most {MOST_PASSES}; send them in parts",
                items.len()
            )),
            Value::Array(items) => Ok(items),
            other => Err(format!("items: must be a list, and is {}", kind_of(&other))),
        }
    }

    /// Runs the passes, some side by side; one that waits counts among them. After a halt no pass begins, and those at work
    /// come to an end of their own, so that no call is cut off.
    async fn passes(&self, node: &Node, looped: &Loop, frame: &Frame, items: Vec<Value>) -> Result<Vec<Value>, Halt> {
        let halted = Mutex::new(Halted::default());
        let mut items = (0_u32..).zip(items);
        let (mut passes, mut results, mut room) = (FuturesOrdered::new(), Vec::new(), self.config.value_bytes);
        loop {
            while halted.lock().may_begin(passes.len(), looped.concurrency)
                && let Some((index, item)) = items.next()
            {
                passes.push_back(self.pass(node, looped, frame, &halted, index, item));
            }
            let Some(result) = passes.next().await else { break };
            results.push(fitting(result, &mut room));
        }
        drop(passes);
        halted.into_inner().halt.map_or(Ok(results), Err)
    }

    fn pass<'r>(
        &'r self,
        node: &'r Node,
        looped: &'r Loop,
        frame: &'r Frame,
        halted: &'r Mutex<Halted>,
        index: u32,
        item: Value,
    ) -> BoxFuture<'r, Value> {
        Box::pin(async move {
            let frame = Frame::of_pass(frame, &node.id, index, &item);
            drop(item);
            self.block(&looped.body, &frame).await.unwrap_or_else(|found| {
                halted.lock().take(found);
                Value::Null
            })
        })
    }
}

/// What keeps a loop from going on with its next pass.
#[derive(Default)]
struct Halted {
    halt: Option<Halt>,
    waiting: usize,
}

impl Halted {
    fn take(&mut self, halt: Halt) {
        self.waiting += usize::from(matches!(halt, Halt::Wait(_)));
        Halt::merge(&mut self.halt, halt);
    }

    fn may_begin(&self, at_work: usize, concurrency: usize) -> bool {
        matches!(self.halt, None | Some(Halt::Wait(_))) && at_work + self.waiting < concurrency
    }
}

/// The result of a pass, or a remark of its size once all of them together are too large to be held. The passes
/// themselves matter more than what they gave, so the loop goes on.
fn fitting(result: Value, room: &mut usize) -> Value {
    let bytes = match &result {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        other => other.to_string().len(),
    };
    match room.checked_sub(bytes) {
        Some(left) => {
            *room = left;
            result
        }
        None => json!({"truncated": true, "bytes": bytes}),
    }
}
