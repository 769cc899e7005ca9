//! The story of a stranger, on the real n8n.

use std::time::{Duration, Instant};

use fastrand::Rng;
use pmos::{
    connectors::{
        n8n::Limits,
        outbound::{Method, Outbound, OutboundRequest},
    },
    core::Pmos,
};
use serde_json::{Value, json};

use super::{
    Us, echo, instance, name_of,
    server::{Running, Server},
    storm::{Client, chain, nothing_was_lost, ours, theirs},
    unique, view,
};

const STORM: usize = 200;

fn skipped() {
    eprintln!("SKIPPED: the real n8n; scripts/n8n.sh install installs it, and so does PMOS_LIVE=1");
}

fn limits() -> Limits {
    Limits { settle: Duration::from_secs(10), ..Limits::default() }
}

/// n8n itself, with a key of its owner.
struct ExternalEditor {
    outbound: Outbound,
    base: String,
    cookie: String,
    key: (String, String),
}

impl ExternalEditor {
    async fn of(server: &Server) -> Self {
        let outbound = Outbound::builder().allow(server.host().parse().unwrap()).build().unwrap();
        let base = server.base_url.clone();
        let login = json!({ "emailOrLdapLoginId": server.email, "password": server.password });
        let answer =
            outbound.send(OutboundRequest::post(&format!("{base}/rest/login")).unwrap().json(&login)).await.unwrap();
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut editor = Self { outbound, base, cookie, key: Default::default() };
        let scopes = ["workflow:read", "workflow:update", "workflow:list"];
        let order = json!({ "label": format!("test {}", unique()), "expiresAt": null, "scopes": scopes });
        let (status, made) = editor.send(Method::POST, "/rest/api-keys", Some(&order)).await;
        assert_eq!(status, 200, "{made}");
        let text = |name: &str| made["data"][name].as_str().unwrap().to_owned();
        editor.key = (text("id"), text("rawApiKey"));
        editor
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = OutboundRequest::new(method, &format!("{}{path}", self.base)).unwrap();
        let (name, value) =
            if path.starts_with("/api/") { ("x-n8n-api-key", &self.key.1) } else { ("cookie", &self.cookie) };
        let request = request.header(name, value).unwrap();
        let request = body.into_iter().fold(request, OutboundRequest::json);
        let answer = self.outbound.send(request).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn workflow(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/workflows/{id}")).await
    }

    /// The id of the workflow of that name.
    async fn find(&self, name: &str) -> String {
        let found = self.get(&format!("/api/v1/workflows?name={name}")).await;
        found["data"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn change(&self, id: &str, change: impl FnOnce(&mut Value)) {
        let mut workflow = self.workflow(id).await;
        change(&mut workflow);
        let order = json!({ "name": workflow["name"], "nodes": workflow["nodes"],
            "connections": workflow["connections"], "settings": {} });
        let path = format!("/api/v1/workflows/{id}?publishIfActive=false");
        let (status, body) = self.send(Method::PUT, &path, Some(&order)).await;
        assert_eq!(status, 200, "{body}");
    }

    /// The nodes of every version there was, in order.
    async fn versions(&self, id: &str) -> Vec<Value> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/api/v1/workflows/{id}/history?limit=100{cursor}")).await;
            ids.extend(page["data"].as_array().unwrap().iter().map(|entry| entry["versionId"].clone()));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let mut versions = Vec::new();
        for version in ids.iter().rev() {
            let path = format!("/api/v1/workflows/{id}/versions/{}", version.as_str().unwrap());
            versions.push(self.get(&path).await["nodes"].clone());
        }
        versions
    }

    async fn call(&self, url: &str, body: &Value) -> (u16, Value) {
        let answer = self.outbound.send(OutboundRequest::post(url).unwrap().json(body)).await.unwrap();
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn leave(self) {
        self.send(Method::DELETE, &format!("/rest/api-keys/{}", self.key.0), None).await;
    }
}

fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(story);
}

async fn release(us: &Us) {
    us.act("engines.disconnect", json!({ "engine": "n8n" })).await;
}

#[test]
fn a_stranger_connects_makes_changes_publishes_calls_and_sees_the_run() {
    let Some(running) = Running::find() else { return skipped() };
    run(async {
        let pmos = instance(&running.server, limits());
        let editor = ExternalEditor::of(&running.server).await;
        let us = Us::connected(&pmos, "Ada").await;
        let name = unique();
        let flow = us.echo(&name, &unique()).await;
        let about = json!({ "flow": flow["id"] });
        let id = editor.find(&name).await;
        assert_eq!(flow["draft"], view(&editor.workflow(&id).await), "what was made here is not what is there");

        let mut watch = us.watch(&format!("?flow={}", flow["id"].as_str().unwrap())).await;
        watch.until("flow.created").await;
        editor.change(&id, |workflow| workflow["nodes"][1]["parameters"]["includeOtherFields"] = json!(true)).await;
        let begun = Instant::now();
        watch.until("includeOtherFields").await;
        assert!(begun.elapsed() < Duration::from_secs(2), "seen after {:?}", begun.elapsed());
        eprintln!("a change there was seen here after {:?}", begun.elapsed());
        assert_eq!(us.history(&flow["id"]).await[0]["author"], "outside");

        let mut before = editor.workflow(&id).await;
        assert!(us.edit(&flow["id"], name_of("set", "Renamed here")).await.is_success());
        let mut after = editor.workflow(&id).await;
        assert_eq!(after["nodes"][1]["name"], "Renamed here");
        before["nodes"][1]["name"] = json!("Renamed here");
        before["connections"]["In"]["main"][0][0]["node"] = json!("Renamed here");
        for workflow in [&mut before, &mut after] {
            // What n8n counts and dates itself.
            for key in ["updatedAt", "versionId", "versionCounter"] {
                workflow.as_object_mut().unwrap().remove(key);
            }
        }
        assert_eq!(after, before, "something else was changed there");

        let live = us.act("flows.publish", about.clone()).await;
        let (status, answer) = editor.call(live["hook_url"].as_str().unwrap(), &json!({ "qty": 4 })).await;
        assert_eq!((status, &answer["got"]), (200, &json!({ "qty": 4 })), "{answer}");
        us.watch("").await.until("run.finished").await;
        let runs = us.act("runs.list", json!({})).await;
        let run = us.act("runs.get", json!({ "run": runs["items"][0]["id"] })).await;
        assert_eq!((&run["status"], &run["flow"]), (&json!("succeeded"), &flow["id"]), "{run}");
        assert_eq!(run["steps"].as_array().unwrap().len(), 2, "{run}");

        let stan = Us::connected(&pmos, "Stan").await;
        let run = json!({ "run": run["id"] });
        for (action, input) in [
            ("flows.get", &about),
            ("flows.history", &about),
            ("flows.publish", &about),
            ("flows.delete", &about),
            ("runs.start", &about),
            ("runs.get", &run),
            ("runs.cancel", &run),
        ] {
            assert_eq!(stan.ask(action, input.clone()).await.status, 404, "{action}");
        }
        let edit = json!({ "flow": flow["id"], "base": "1", "edits": name_of("set", "Mine") });
        assert_eq!(stan.ask("flows.edit", edit).await.status, 404);
        assert!(stan.act("flows.list", json!({})).await["items"].as_array().unwrap().is_empty());
        for us in [&us, &stan] {
            release(us).await;
        }
        editor.leave().await;
    });
}

#[test]
fn a_draft_is_watched_step_by_step() {
    let Some(running) = Running::find() else { return skipped() };
    run(async {
        let us = Us::connected(&instance(&running.server, limits()), "Ada").await;
        let mut graph = echo(&unique());
        let steps = graph["steps"].as_array_mut().unwrap();
        steps.push(json!({
            "id": "wait", "kind": "action", "name": "Wait", "piece": "n8n-nodes-base.wait", "operation": "execute",
            "settings": { "amount": 3, "unit": "seconds" }, "position": { "x": 110, "y": 0 }
        }));
        graph["edges"] = json!([{ "from": "in", "port": "main:0", "to": "wait" }, { "from": "wait", "port": "main:0", "to": "set" }]);
        let flow = us.act("flows.create", json!({ "name": unique(), "engine": "n8n", "graph": graph })).await;
        let run =
            us.act("runs.start", json!({ "flow": flow["id"], "draft": true, "input": { "body": { "n": 7 } } })).await;
        let begun = Instant::now();
        let mut watch = us.watch(&format!("?run={}", run["id"].as_str().unwrap())).await;
        let statuses = async || {
            let run = us.act("runs.get", json!({ "run": run["id"] })).await;
            let steps = run["steps"].as_array().unwrap().iter();
            steps.map(|step| format!("{} {}", step["id"], step["status"]).replace('"', "")).collect::<Vec<_>>()
        };
        while statuses().await != ["in succeeded", "wait running"] {
            assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", statuses().await);
            tokio::task::yield_now().await;
        }
        eprintln!("the first two steps were seen after {:?}", begun.elapsed());
        let seen = watch.until("run.finished").await;
        eprintln!("the end was seen after {:?}", begun.elapsed());
        let told = seen.find("event: run.step").expect("steps are told");
        assert!(told < seen.find("event: run.finished").unwrap() && seen[told..].contains("\"id\":\"set\""), "{seen}");
        while statuses().await != ["in succeeded", "wait succeeded", "set succeeded"] {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", statuses().await);
            tokio::task::yield_now().await;
        }
        release(&us).await;
    });
}

#[test]
fn of_two_hundred_edits_from_both_sides_none_is_covered_unseen() {
    let Some(running) = Running::find() else { return skipped() };
    run(async {
        let pmos = instance(&running.server, limits());
        let editor = ExternalEditor::of(&running.server).await;
        let us = Us::connected(&pmos, "Ada").await;
        let name = unique();
        let flow = us.act("flows.create", json!({ "name": name, "engine": "n8n", "graph": chain(&name) })).await;
        let id = editor.find(&name).await;
        let _open = us.watch(&format!("?flow={}", flow["id"].as_str().unwrap())).await;
        let acknowledged = storm(&us, &editor, &flow, &id).await;
        assert!(us.edit(&flow["id"], name_of("in", "Last")).await.is_success());
        let here = us.act("flows.get", json!({ "flow": flow["id"] })).await;
        assert_eq!(here["draft"], view(&editor.workflow(&id).await), "both ends differ");
        nothing_was_lost(&editor.versions(&id).await, &us.history(&flow["id"]).await, &acknowledged);
        release(&us).await;
        editor.leave().await;
    });
}

/// Half of them from each side, as fast as they go.
async fn storm(us: &Us, editor: &ExternalEditor, flow: &Value, id: &str) -> Vec<((String, &'static str), String, u64)> {
    let there = async {
        let mut random = Rng::with_seed(3);
        for number in 0..STORM / 2 {
            editor.change(id, theirs(&mut random, number)).await;
        }
    };
    let here = |seed: u64| async move {
        let mut random = Rng::with_seed(seed);
        let mut client = Client::new(us, flow);
        let mut acknowledged = Vec::new();
        let mut number = usize::try_from(seed).unwrap() * 10_000;
        while acknowledged.len() < STORM / 4 {
            number += 1;
            let (field, word, edits) = ours(&mut random, number);
            if let Some(revision) = client.send(&flow["id"], edits).await {
                acknowledged.push((field, word, revision));
            }
        }
        acknowledged
    };
    let ((), one, two) = tokio::join!(there, here(1), here(2));
    one.into_iter().chain(two).collect()
}

#[test]
fn a_server_that_is_killed_and_comes_back_costs_nothing() {
    let Some(running) = Running::start() else { return skipped() };
    run(async {
        let pmos: Pmos = instance(&running.server, limits());
        let us = Us::connected(&pmos, "Ada").await;
        let name = unique();
        let flow = us.echo(&name, &unique()).await;
        let live = us.act("flows.publish", json!({ "flow": flow["id"] })).await;
        let editor = ExternalEditor::of(&running.server).await;
        assert_eq!(editor.call(live["hook_url"].as_str().unwrap(), &json!({ "qty": 1 })).await.0, 200);
        let mut watch = us.watch("").await;
        watch.until("run.finished").await;

        let (last, ()) = tokio::join!(edit_until_refused(&us, &flow["id"]), async {
            watch.until("Edit 3").await;
            running.kill();
        });
        let down = us.act("engines.check", json!({ "engine": "n8n" })).await;
        assert_eq!(down["state"], "unreachable", "{down}");
        assert!(us.act("flows.get", json!({ "flow": flow["id"] })).await["draft"]["steps"].is_array());

        tokio::task::block_in_place(|| running.restart());
        let ready = async {
            while us.act("engines.check", json!({ "engine": "n8n" })).await["state"] != "ready" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), ready).await.expect("it does not work again");
        assert!(us.edit(&flow["id"], name_of("in", "Back")).await.is_success());
        let here = us.act("flows.get", json!({ "flow": flow["id"] })).await;
        let id = editor.find(&name).await;
        assert_eq!(here["draft"], view(&editor.workflow(&id).await), "both ends differ");
        // The one that was under way is there or was refused; the one before was acknowledged.
        let shown = here["draft"].to_string();
        assert!((last..last + 2).any(|edit| shown.contains(&format!("\"Edit {edit}\""))), "{last}: {shown}");
        let url = here["hook_url"].as_str().unwrap();
        assert_eq!(editor.call(url, &json!({ "qty": 2 })).await.0, 200, "it is not live any more");
        let counted = async {
            while us.act("runs.list", json!({})).await["items"].as_array().unwrap().len() < 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), counted).await.expect("the run is not in the history");
        release(&us).await;
        editor.leave().await;
    });
}

/// The number of the last edit that was taken.
async fn edit_until_refused(us: &Us, flow: &Value) -> usize {
    for number in 0.. {
        let answer = us.edit(flow, name_of("set", &format!("Edit {number}"))).await;
        if !answer.is_success() {
            assert!(matches!(answer.status, 502..=504), "{} {}", answer.status, answer.text());
            return number - 1;
        }
    }
    unreachable!()
}
