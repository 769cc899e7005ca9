//! What the nodes of a run did, as people may see it: capped, and without secrets, stack traces and paths of the server.

use std::{collections::HashMap, time::Duration};

use pmos_core::{
    RunId, Timestamp,
    flow::StepId,
    run::{Iteration, StepRun, StepStatus, shown},
};
use serde_json::{Map, Value, json, value::RawValue};

use super::super::{
    client::{Execution, NodeRun},
    mapping,
    node::Node,
};
use crate::upstream::Cleaning;

/// The header that carries our id of a run into it.
pub(super) const RUN_HEADER: &str = "x-pmos-run";
/// How many passes of one node are shown.
pub(super) const MOST_PASSES: usize = 1_000;
/// What of n8n's own is not for people.
const CLEANING: Cleaning = Cleaning {
    hidden: &["stack", "stacktrace", "stackTrace", "resumeToken", "executionData", "cause"],
    own_paths: &["node_modules", ".n8n"],
};

/// What the nodes of a run did in each pass, by their names.
pub(super) type Passes = HashMap<String, Vec<NodeRun>>;

/// The steps in the order they began.
pub(super) fn of(run: &Execution) -> Vec<StepRun> {
    let Some(data) = &run.data else { return Vec::new() };
    // As they were when the run began.
    let ids = ids(run.workflow_data.as_ref().map(|snapshot| &*snapshot.nodes).unwrap_or_default());
    let passes: Passes = data.result_data.run_data.iter().map(|(name, passes)| (name.clone(), read(passes))).collect();
    let mut nodes: Vec<_> = passes.iter().filter_map(|(name, passes)| Some((order(passes.first()?), name))).collect();
    nodes.sort_unstable();
    nodes.into_iter().filter_map(|(_, name)| step(ids.get(name)?, name, &passes)).collect()
}

fn read(passes: &Value) -> Vec<NodeRun> {
    let passes = passes.as_array().map(Vec::as_slice).unwrap_or_default();
    passes.iter().take(MOST_PASSES).filter_map(|pass| serde::Deserialize::deserialize(pass).ok()).collect()
}

fn order(pass: &NodeRun) -> (u64, i64) {
    (pass.execution_index.unwrap_or(u64::MAX), pass.start_time.unwrap_or(i64::MAX))
}

/// The ids of steps by the names of nodes, as the lens shows them.
pub(super) fn ids(nodes: &[Map<String, Value>]) -> HashMap<String, StepId> {
    let shown: Vec<_> = nodes.iter().cloned().map(Node::new).collect();
    let names = nodes.iter().map(|node| node.get("name").and_then(Value::as_str));
    names.zip(mapping::ids(&shown)).filter_map(|(name, id)| Some((name?.to_owned(), id.parse().ok()?))).collect()
}

fn step(id: &StepId, name: &str, passes: &Passes) -> Option<StepRun> {
    let own = passes.get(name)?;
    let mut whole = whole(id, name, own, passes)?;
    if own.len() > 1 {
        let iterations = own.iter().zip(0..).map(|(pass, index)| {
            let step = once(id, name, pass, passes);
            Iteration { index, status: step.status, steps: vec![step] }
        });
        whole.iterations = Some(iterations.collect());
    }
    Some(whole)
}

/// What a node did in all of its passes; it shows the values of the last.
pub(super) fn whole(id: &StepId, name: &str, own: &[NodeRun], passes: &Passes) -> Option<StepRun> {
    let (first, last) = (own.first()?, own.last()?);
    let mut whole = once(id, name, last, passes);
    if own.len() > 1 {
        whole.started_at = began(first);
        whole.duration_ms = Some(own.iter().filter_map(|pass| pass.execution_time).sum());
        if let Some(failed) = own.iter().find(|pass| status(pass) == StepStatus::Failed) {
            whole.status = StepStatus::Failed;
            whole.error = failed.error.as_ref().map(|error| message_of(Some(error)));
        }
    }
    Some(whole)
}

/// What a node did in one pass.
pub(super) fn once(id: &StepId, name: &str, pass: &NodeRun, passes: &Passes) -> StepRun {
    let status = status(pass);
    StepRun {
        id: id.clone(),
        name: name.to_owned(),
        status,
        started_at: began(pass),
        duration_ms: pass.execution_time,
        input: given(pass, passes).as_ref().and_then(kept),
        output: pass.data.as_ref().map(outputs).as_ref().and_then(kept),
        attempt: 1,
        error: (status == StepStatus::Failed).then(|| message_of(pass.error.as_ref())),
        iterations: None,
    }
}

fn began(pass: &NodeRun) -> Option<Timestamp> {
    let millis = u64::try_from(pass.start_time?).ok()?;
    Some(Timestamp::from_micros(0).plus(Duration::from_millis(millis)))
}

fn status(pass: &NodeRun) -> StepStatus {
    match pass.execution_status.as_deref() {
        _ if pass.error.as_ref().is_some_and(|error| !error.is_null()) => StepStatus::Failed,
        Some("success") => StepStatus::Succeeded,
        Some("running") => StepStatus::Running,
        Some("new") => StepStatus::Queued,
        Some("waiting") => StepStatus::Waiting,
        Some("canceled") => StepStatus::Cancelled,
        Some("error" | "crashed") => StepStatus::Failed,
        _ => StepStatus::Unknown,
    }
}

/// What a node got: what the nodes before it gave.
fn given(pass: &NodeRun, passes: &Passes) -> Option<Value> {
    let mut inputs = pass.source.iter().flatten().filter_map(|source| {
        let before = passes.get(&source.node)?.get(source.run)?;
        let main = before.data.as_ref()?.get("main")?.get(source.output)?;
        Some(items(main))
    });
    let first = inputs.next()?;
    let more: Vec<_> = inputs.collect();
    if more.is_empty() {
        return Some(first);
    }
    let all = std::iter::once(first).chain(more).enumerate();
    Some(Value::Object(all.map(|(at, items)| (format!("main:{at}"), items)).collect()))
}

/// What a node gave: its items, or, of one with several ways out, the items of each that was taken.
fn outputs(data: &Map<String, Value>) -> Value {
    let mut ports = data.iter().flat_map(|(kind, outputs)| {
        let outputs = outputs.as_array().map(Vec::as_slice).unwrap_or_default();
        outputs.iter().enumerate().map(move |(at, output)| (format!("{kind}:{at}"), output))
    });
    match (ports.next(), ports.next()) {
        (None, _) => json!([]),
        (Some((_, only)), None) => items(only),
        (Some(first), Some(second)) => {
            let all = [first, second].into_iter().chain(ports);
            Value::Object(all.map(|(port, output)| (port, items(output))).collect())
        }
    }
}

fn items(output: &Value) -> Value {
    let items = output.as_array().map(Vec::as_slice).unwrap_or_default();
    Value::Array(items.iter().map(item).collect())
}

/// An item is its JSON; of what is not text only the name and size are shown.
fn item(item: &Value) -> Value {
    let json = item.get("json").map_or(Value::Null, |json| CLEANING.value(json));
    let Some(files) = item.get("binary").and_then(Value::as_object).filter(|files| !files.is_empty()) else {
        return json;
    };
    let about = |file: &Value| {
        let known = ["fileName", "mimeType", "fileSize", "fileExtension"];
        let known = known.iter().filter_map(|key| Some(((*key).to_owned(), file.get(key)?.clone())));
        Value::Object(known.collect())
    };
    let files: Map<_, _> = files.iter().map(|(name, file)| (name.clone(), about(file))).collect();
    json!({"json": json, "files": files})
}

fn kept(value: &Value) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(value).ok().map(shown)
}

/// Why a run failed.
pub(super) fn failure(run: &Execution) -> String {
    match (&*run.status, run.data.as_ref().and_then(|data| data.result_data.error.as_ref())) {
        ("crashed", _) => "n8n stopped while it was running this.".to_owned(),
        (_, None) => "It failed at n8n; its steps say where.".to_owned(),
        (_, error) => message_of(error),
    }
}

/// What a node said of its failure.
fn message_of(error: Option<&Value>) -> String {
    CLEANING.message(error.and_then(|error| error.get("message")).and_then(Value::as_str).unwrap_or_default())
}

/// What the run answered: what its last node gave.
pub(super) fn result(run: &Execution) -> Option<Value> {
    let data = &run.data.as_ref()?.result_data;
    let passes = read(data.run_data.get(data.last_node_executed.as_deref()?)?);
    if run.status != "success" {
        return None;
    }
    let result = passes.last()?.data.as_ref().map(outputs)?;
    let shown = kept(&result)?;
    serde_json::from_str(shown.get()).ok()
}

/// Our id, when the run carries it.
pub(super) fn carried(run: &Execution) -> Option<RunId> {
    let data = &run.data.as_ref()?.result_data;
    data.run_data.values().find_map(|passes| {
        let json = passes.pointer("/0/data/main/0/0/json")?;
        json.get("headers")?.get(RUN_HEADER)?.as_str()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(value: Value) -> Execution {
        serde_json::from_value(value).unwrap()
    }

    fn example() -> Execution {
        run(json!({
            "id": "7", "status": "error", "mode": "webhook", "workflowId": "W1", "startedAt": "2026-01-31T09:30:00Z",
            "data": {"resultData": {"lastNodeExecuted": "Check", "error": {"message": "boom\n at /usr/x", "stack": "s"}, "runData": {
                "Check": [
                    {"startTime": 1_700_000_000_020_i64, "executionIndex": 2, "executionTime": 3, "executionStatus": "success",
                     "source": [{"previousNode": "In"}], "data": {"main": [[{"json": {"n": 1}}], []]}},
                    {"startTime": 1_700_000_000_030_i64, "executionIndex": 3, "executionTime": 4, "executionStatus": "error",
                     "source": [{"previousNode": "In"}], "error": {"message": "boom", "stack": "at /usr/lib"}},
                ],
                "In": [{"startTime": 1_700_000_000_000_i64, "executionIndex": 0, "executionTime": 1, "executionStatus": "success",
                    "source": [], "data": {"main": [[{"json": {
                        "headers": {"Authorization": "Bearer tok", "x-pmos-run": "run_00000000000000000000000000000007"},
                        "body": {"a": 1, "resumeToken": "r"}}, "binary": {"f": {"data": "AAAA", "fileName": "a.png"}}}]]}}],
            }}},
            "workflowData": {"nodes": [{"id": "n-1", "name": "In"}, {"id": "n-2", "name": "Check"}]},
        }))
    }

    #[test]
    fn steps_come_in_the_order_they_began_and_show_each_pass() {
        let steps = of(&example());
        assert_eq!(
            steps.iter().map(|step| (step.id.as_str(), &*step.name)).collect::<Vec<_>>(),
            [("n-1", "In"), ("n-2", "Check")]
        );
        let check = &steps[1];
        assert_eq!(
            (check.status, check.error.as_deref(), check.duration_ms),
            (StepStatus::Failed, Some("boom"), Some(7.0))
        );
        let passes = check.iterations.as_ref().unwrap();
        assert_eq!(
            passes.iter().map(|pass| (pass.index, pass.status)).collect::<Vec<_>>(),
            [(0, StepStatus::Succeeded), (1, StepStatus::Failed)]
        );
        assert_eq!(passes[0].steps[0].output.as_ref().unwrap().get(), r#"{"main:0":[{"n":1}],"main:1":[]}"#);
        let input: Value = serde_json::from_str(passes[0].steps[0].input.as_ref().unwrap().get()).unwrap();
        assert_eq!(input[0]["json"]["body"], json!({"a": 1}));
    }

    #[test]
    fn secrets_stack_traces_and_files_are_left_out() {
        let text = serde_json::to_string(&of(&example())).unwrap();
        for hidden in ["tok", "resumeToken", "AAAA", "/usr/"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        assert!(text.contains("a.png"));
        assert_eq!(failure(&example()), "boom");
    }

    #[test]
    fn a_run_carries_our_id_in_a_header() {
        assert_eq!(carried(&example()).unwrap().to_string(), "run_00000000000000000000000000000007");
    }

    #[test]
    fn an_answer_is_what_the_last_node_gave() {
        let mut run = example();
        assert_eq!(result(&run), None);
        run.status = "success".to_owned();
        run.data.as_mut().unwrap().result_data.last_node_executed = Some("In".to_owned());
        assert_eq!(result(&run).unwrap()[0]["json"]["body"]["a"], 1);
    }
}
