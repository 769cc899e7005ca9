//! n8n dies in the middle of things, at every request they make: nothing is lost, and it goes on by itself.

use std::time::Duration;

use pmos::connectors::n8n::Limits;
use serde_json::{Value, json};

use super::{
    Us,
    double::{Double, Dying, Traps},
    instance, name_of, unique, view,
};

/// Gives up soon, so that a dead server is noticed.
fn quick() -> Limits {
    Limits {
        connect: Duration::from_millis(500),
        total: Duration::from_secs(2),
        settle: Duration::from_secs(2),
        look: Duration::from_millis(5),
        socket: Duration::from_millis(500),
        patience: Duration::from_secs(2),
        rest: Duration::from_millis(10),
    }
}

/// Lets it die at each request of an act in turn, before and after it was carried out, until the act is through before.
/// Every time it comes back as a server that starts, and the act is done again until it works.
async fn at_every_request<F: Future<Output = bool> + Send + 'static>(double: &Double, act: impl Fn(usize) -> F) {
    let mut round = 0;
    for after in 0.. {
        let mut through = false;
        for works in [false, true] {
            round += 1;
            let death = double.state().death.clone();
            double.state().dying = Some(Dying { after, works });
            let mut under_way = tokio::spawn(act(round));
            through = tokio::select! {
                () = death.notified() => false,
                done = &mut under_way => { assert!(done.unwrap()); true }
            };
            double.kill();
            if !through {
                under_way.await.unwrap();
            }
            double.set(Traps { starting: 2, ..Traps::default() });
            double.restart();
            let works_again = async { while !act(round).await {} };
            tokio::time::timeout(Duration::from_secs(20), works_again).await.expect("it does not work again");
        }
        if through {
            assert!(after > 2, "it asked for next to nothing");
            return;
        }
    }
}

/// Whether it was done. What stands in the way may only be the server, or one's own edit whose answer was lost: it comes
/// back as an external one.
fn done(answer: &crate::web::Answer) -> bool {
    assert!(answer.is_success() || matches!(answer.status, 409 | 502..=504), "{} {}", answer.status, answer.text());
    answer.is_success()
}

async fn scene() -> (Double, Us, Value) {
    let double = Double::start();
    let us = Us::connected(&instance(&double.server, quick()), "Ada").await;
    let flow = us.echo("Orders", &unique()).await["id"].clone();
    (double, us, flow)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_survive_its_death() {
    let (double, us, flow) = scene().await;
    let (inner, about) = (us.clone(), flow.clone());
    at_every_request(&double, move |round| {
        let (us, flow) = (inner.clone(), about.clone());
        async move { done(&us.edit(&flow, name_of("set", &format!("Set {round}"))).await) }
    })
    .await;
    let here = us.act("flows.get", json!({ "flow": flow })).await;
    assert_eq!(here["draft"], view(&double.state().workflow("Orders")));
    let text = json!(us.history(&flow).await).to_string();
    let rounds = (1..1_000).take_while(|round| text.contains(&format!("\"Set {round}\""))).count();
    assert!(here["draft"].to_string().contains(&format!("\"Set {rounds}\"")), "an edit is not in the history");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_survives_its_death() {
    let (double, us, flow) = scene().await;
    let (inner, about) = (us.clone(), flow.clone());
    at_every_request(&double, move |round| {
        let (us, flow) = (inner.clone(), about.clone());
        async move {
            done(&us.edit(&flow, name_of("set", &format!("Set {round}"))).await)
                && done(&us.ask("flows.publish", json!({ "flow": flow })).await)
        }
    })
    .await;
    let here = us.act("flows.get", json!({ "flow": flow })).await;
    assert_eq!((&here["enabled"], &here["pending"]), (&json!(true), &json!(false)), "{here}");
    let there = double.state().workflow("Orders");
    assert_eq!((&there["active"], &there["activeVersionId"]), (&json!(true), &there["versionId"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_survive_its_death() {
    let (double, us, flow) = scene().await;
    us.act("flows.publish", json!({ "flow": flow })).await;
    let (inner, about) = (us.clone(), flow.clone());
    at_every_request(&double, move |round| {
        let (us, flow) = (inner.clone(), about.clone());
        async move {
            done(&us.edit(&flow, name_of("set", &format!("Set {round}"))).await)
                && done(&us.ask("runs.start", json!({ "flow": flow })).await)
        }
    })
    .await;
    // Every run there has its place here, once, and all of them end.
    let told = async {
        loop {
            let listed = us.act("runs.list", json!({ "limit": 200 })).await;
            let runs = listed["items"].as_array().unwrap().clone();
            let ended = |run: &Value| matches!(run["status"].as_str(), Some("succeeded" | "failed"));
            if runs.iter().all(ended) {
                let succeeded = runs.iter().filter(|run| run["status"] == "succeeded").count();
                if succeeded == double.state().executions() {
                    return;
                }
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), told).await.expect("runs are missing, or there are too many");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_it_stands_is_told_and_nothing_is_unreadable() {
    let (double, us, flow) = scene().await;
    let fact = |view: &Value, name: &str| {
        let facts = view["facts"].as_array().unwrap();
        facts.iter().find(|fact| fact["name"] == name).unwrap()["ok"].clone()
    };
    double.kill();
    let down = us.act("engines.check", json!({ "engine": "n8n" })).await;
    assert_eq!((&down["state"], fact(&down, "reachable")), (&json!("unreachable"), json!(false)), "{down}");
    let listed = us.act("engines.list", json!({})).await;
    assert!(listed["items"].as_array().unwrap().iter().any(|engine| engine["state"] == "unreachable"), "{listed}");
    assert!(us.act("flows.get", json!({ "flow": flow })).await["draft"]["steps"].is_array());
    let refused = us.edit(&flow, name_of("set", "Not now")).await;
    assert_eq!(refused.code().as_deref(), Some("engine_unreachable"), "{}", refused.text());
    double.restart();
    let again = async {
        loop {
            let again = us.act("engines.check", json!({ "engine": "n8n" })).await;
            if again["state"] == "ready" {
                return again;
            }
            // A server that failed is left alone for some milliseconds.
            tokio::task::yield_now().await;
        }
    };
    let again = tokio::time::timeout(Duration::from_secs(20), again).await.expect("it does not work again");
    assert_eq!(fact(&again, "reachable"), json!(true), "{again}");
    assert!(us.edit(&flow, name_of("set", "Now")).await.is_success());
}
