//! The steps of a run while it is at work, from what n8n tells its own editor.

use std::collections::HashMap;

use futures::stream::{self, StreamExt};
use pmos_core::{
    engine::LiveSteps,
    flow::StepId,
    run::{StepRecord, StepRun, records_of},
};

use super::{
    super::client::{NodeRun, Pushed, Pushes},
    steps::{self, Passes},
};

/// How many passes of nodes are told of.
const MOST: usize = 2_000;
/// How much of what nodes gave is held to show it as what the next ones got, in bytes as it came.
const HELD_BYTES: usize = 2 * 1024 * 1024;

/// The steps of one run; what is told of others is none of its business.
pub(super) fn steps_of(run: u64, ids: HashMap<String, StepId>, pushes: Pushes) -> LiveSteps {
    let received = Received { run, ids, passes: Passes::new(), held: 0 };
    let records = stream::unfold((received, pushes), |(mut received, mut pushes)| async move {
        let pushed = pushes.next().await?;
        let records = received.hear(pushed)?;
        Some((stream::iter(records), (received, pushes)))
    });
    records.flatten().boxed()
}

/// What was told of a run so far.
struct Received {
    run: u64,
    ids: HashMap<String, StepId>,
    passes: Passes,
    held: usize,
}

impl Received {
    /// What there is to say of a push; none when it was the last.
    fn hear(&mut self, pushed: Pushed) -> Option<Vec<StepRecord>> {
        let Pushed { kind, data, bytes } = pushed;
        if data.execution_id != self.run {
            return Some(Vec::new());
        }
        let (Some(name), Some(mut pass)) = (data.node_name, data.data) else {
            let is_last = matches!(&*kind, "executionFinished" | "executionWaiting");
            return (!is_last).then(Vec::new);
        };
        match &*kind {
            "nodeExecuteBefore" => pass.execution_status = Some("running".to_owned()),
            // Without what the node gave, and then again with it.
            "nodeExecuteAfter" | "nodeExecuteAfterData" => {}
            _ => return Some(Vec::new()),
        }
        Some(self.take(&name, pass, bytes).unwrap_or_default())
    }

    fn take(&mut self, name: &str, pass: NodeRun, bytes: usize) -> Option<Vec<StepRecord>> {
        let id = self.ids.get(name)?.clone();
        let count: usize = self.passes.values().map(Vec::len).sum();
        let own = self.passes.entry(name.to_owned()).or_default();
        let known = own.iter().position(|known| known.execution_index == pass.execution_index);
        let at = known.unwrap_or(own.len());
        match known {
            Some(at) => own[at] = pass,
            None if own.len() < steps::MOST_PASSES && count < MOST => own.push(pass),
            None => return None,
        }
        let own = &self.passes[name];
        let mut records = vec![record(Vec::new(), &steps::whole(&id, name, own, &self.passes)?)?];
        if own.len() > 1 {
            // What was shown as the step itself was the first of its passes.
            let from = if known.is_none() && at == 1 { 0 } else { at };
            let passes = (from..=at).filter_map(|at| {
                let within = vec![(id.clone(), u32::try_from(at).ok()?)];
                record(within, &steps::once(&id, name, &own[at], &self.passes))
            });
            records.extend(passes);
        }
        self.hold(name, at, bytes);
        Some(records)
    }

    /// Holds what a node gave, if there is room.
    fn hold(&mut self, name: &str, at: usize, bytes: usize) {
        let Some(data) = self.passes.get_mut(name).and_then(|own| own.get_mut(at)).map(|pass| &mut pass.data) else {
            return;
        };
        match data {
            Some(_) if self.held + bytes > HELD_BYTES => *data = None,
            Some(_) => self.held += bytes,
            None => {}
        }
    }
}

fn record(within: Vec<(StepId, u32)>, step: &StepRun) -> Option<StepRecord> {
    let record = records_of(std::slice::from_ref(step)).pop()?;
    Some(StepRecord { within, ..record })
}

#[cfg(test)]
mod tests {
    use pmos_core::run::steps_of as folded;
    use serde_json::{Value, json};

    use super::*;

    fn received() -> Received {
        let nodes = json!([{"id": "n-1", "name": "In"}, {"id": "n-2", "name": "Each"}]);
        let nodes: Vec<_> = serde_json::from_value(nodes).unwrap();
        Received { run: 7, ids: steps::ids(&nodes), passes: Passes::new(), held: 0 }
    }

    fn push(kind: &str, run: u64, node: &str, index: u64, output: Option<&Value>) -> Pushed {
        let data = output.map(|json| json!({"main": [[{"json": json}]]}));
        let status = (kind != "nodeExecuteBefore").then_some("success");
        let source = if node == "In" { json!([]) } else { json!([{"previousNode": "In"}]) };
        let pushed = json!({"type": kind, "data": {"executionId": run.to_string(), "nodeName": node, "data": {
            "startTime": 1_700_000_000_000_u64 + index, "executionIndex": index, "source": source, "data": data,
            "executionTime": 3, "executionStatus": status}}});
        Pushed { bytes: pushed.to_string().len(), ..serde_json::from_value(pushed).unwrap() }
    }

    fn hear(received: &mut Received, pushes: impl IntoIterator<Item = Pushed>) -> Value {
        let records = pushes.into_iter().flat_map(|push| received.hear(push).unwrap());
        serde_json::to_value(folded(records)).unwrap()
    }

    #[test]
    fn a_step_is_told_when_it_begins_and_when_it_ends_with_what_it_got_and_gave() {
        let mut received = received();
        let (order, none) = (json!({"order": 1, "headers": {"Authorization": "Bearer canary"}}), None);
        let steps = hear(
            &mut received,
            [
                push("nodeExecuteBefore", 7, "In", 0, none),
                push("nodeExecuteAfter", 7, "In", 0, none),
                push("nodeExecuteAfterData", 7, "In", 0, Some(&order)),
                push("nodeExecuteBefore", 7, "Each", 1, none),
            ],
        );
        let seen = |step: &Value| (step["id"].clone(), step["name"].clone(), step["status"].clone());
        assert_eq!(seen(&steps[0]), (json!("n-1"), json!("In"), json!("succeeded")));
        assert_eq!(seen(&steps[1]), (json!("n-2"), json!("Each"), json!("running")));
        assert_eq!((&steps[0]["output"][0]["order"], &steps[1]["input"][0]["order"]), (&json!(1), &json!(1)));
        assert!(!steps.to_string().contains("canary"), "{steps}");
    }

    #[test]
    fn a_step_that_runs_several_times_shows_each_pass() {
        let mut received = received();
        let pushes = (0..3).flat_map(|index| {
            [
                push("nodeExecuteBefore", 7, "Each", index, None),
                push("nodeExecuteAfterData", 7, "Each", index, Some(&json!({"pass": index}))),
            ]
        });
        let steps = hear(&mut received, pushes.chain([push("nodeExecuteBefore", 7, "Each", 3, None)]));
        let passes = steps[0]["iterations"].as_array().unwrap();
        assert_eq!(
            passes.iter().map(|pass| &pass["status"]).collect::<Vec<_>>(),
            ["succeeded", "succeeded", "succeeded", "running"]
        );
        assert_eq!(passes[2]["steps"][0]["output"], json!([{"pass": 2}]));
    }

    #[test]
    fn what_is_told_of_other_runs_and_of_unknown_nodes_is_left_out() {
        let mut received = received();
        let foreign = json!({"foreign": true});
        let pushes = [
            push("nodeExecuteAfterData", 8, "In", 0, Some(&foreign)),
            push("executionFinished", 8, "In", 0, None),
            push("nodeExecuteAfterData", 7, "Gone", 0, Some(&foreign)),
            push("somethingNew", 7, "In", 0, Some(&foreign)),
        ];
        assert_eq!(hear(&mut received, pushes), json!([]));
    }

    #[test]
    fn it_ends_with_the_run_and_when_the_run_waits() {
        for kind in ["executionFinished", "executionWaiting"] {
            let pushed = json!({"type": kind, "data": {"executionId": "7", "status": "success"}});
            assert!(received().hear(serde_json::from_value(pushed).unwrap()).is_none(), "{kind}");
        }
    }

    #[test]
    fn what_is_held_of_a_run_is_bounded() {
        let mut received = received();
        let large = json!("x".repeat(HELD_BYTES / 3));
        for index in 0..3_000 {
            received.hear(push(
                "nodeExecuteAfterData",
                7,
                "Each",
                index,
                Some(if index < 9 { &large } else { &Value::Null }),
            ));
        }
        assert!(received.held <= HELD_BYTES);
        assert_eq!(received.passes["Each"].len(), steps::MOST_PASSES);
        assert_eq!(received.passes["Each"].iter().take(9).filter(|pass| pass.data.is_some()).count(), 2);
    }
}
