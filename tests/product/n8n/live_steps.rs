//! Steps of a run at n8n are seen while it is at work there, by those whose run it is.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Us, calm,
    double::{Double, Socket, Traps},
    instance, unique,
};

const CANARY: &str = "canary-of-ada";

/// A call that is waited over.
fn waiting(path: &str) -> Value {
    let mut graph = super::echo(path);
    graph["steps"][1] = json!({
        "id": "wait", "kind": "action", "name": "Set", "piece": "n8n-nodes-base.wait", "operation": "execute",
        "settings": {"amount": 30, "unit": "seconds"}, "position": {"x": 220, "y": 0}
    });
    graph["edges"][0]["to"] = json!("wait");
    graph
}

async fn begin(us: &Us) -> Value {
    let new = json!({ "name": "Orders", "engine": "n8n", "graph": waiting(&unique()) });
    let flow = us.act("flows.create", new).await["id"].clone();
    let input = json!({ "body": { "word": CANARY }, "headers": { "authorization": "Bearer canary-token" } });
    us.act("runs.start", json!({ "flow": flow, "draft": true, "input": input })).await
}

fn statuses(run: &Value) -> Vec<(&str, &str)> {
    let steps = run["steps"].as_array().unwrap().iter();
    steps.map(|step| (step["id"].as_str().unwrap(), step["status"].as_str().unwrap())).collect()
}

/// The run as soon as its steps stand like this.
async fn once(us: &Us, run: &Value, wanted: &[(&str, &str)]) -> Value {
    let found = async {
        loop {
            let run = us.act("runs.get", json!({ "run": run["id"] })).await;
            if statuses(&run) == wanted {
                return run;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), found).await.expect("its steps do not come to stand like this")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_of_a_run_at_work_are_shown_and_told_to_those_who_watch_it() {
    let double = Double::start();
    let pmos = instance(&double.server, calm());
    let us = Us::connected(&pmos, "Ada").await;
    let stan = Us::connected(&pmos, "Stan").await;
    double.set(Traps { socket: Socket::Foreign, ..Traps::default() });
    let run = begin(&us).await;
    let shown = once(&us, &run, &[("in", "succeeded"), ("wait", "running")]).await;
    assert!(matches!(shown["status"].as_str(), Some("queued" | "running")), "{shown}");
    assert_eq!(shown["steps"][1]["input"][0]["body"]["word"], CANARY, "{shown}");
    assert!(!shown.to_string().contains("canary-token"), "{shown}");

    let of_the_run = format!("?run={}", run["id"].as_str().unwrap());
    let mut ours = us.watch(&of_the_run).await;
    let mut theirs = stan.watch(&of_the_run).await;
    assert_eq!(stan.ask("runs.get", json!({ "run": run["id"] })).await.status, 404);
    double.state().go_on();
    let seen = ours.until("run.finished").await;
    let step = seen.find("event: run.step").expect("the step is told");
    assert!(step < seen.find("event: run.finished").unwrap(), "before the end of the run: {seen}");
    assert!(seen[step..].contains(CANARY) && !seen.contains("canary-foreign"), "{seen}");

    let shown = once(&us, &run, &[("in", "succeeded"), ("wait", "succeeded")]).await;
    assert_eq!(shown["status"], "succeeded", "{shown}");
    let mark = stan.echo("Mark", &unique()).await;
    let seen = theirs.until(mark["id"].as_str().unwrap()).await;
    assert!(!seen.contains("run.step") && !seen.contains(CANARY), "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_steps_are_not_told_shows_them_at_its_end() {
    for socket in [Socket::Refuses, Socket::Breaks, Socket::Garbles] {
        let double = Double::start();
        let us = Us::connected(&instance(&double.server, calm()), "Ada").await;
        double.set(Traps { socket, ..Traps::default() });
        let run = begin(&us).await;
        double.state().go_on();
        let shown = once(&us, &run, &[("in", "succeeded"), ("wait", "succeeded")]).await;
        assert!(shown["note"].is_null(), "{socket:?}: {shown}");
    }
}
