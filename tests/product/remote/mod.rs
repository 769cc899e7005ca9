//! Automations of a remote engine: what is changed here is there, and the other way round.

mod engine;

use std::{sync::Arc, time::Duration};

use pmos::{
    core::{
        Clock, Kind, Pmos, SystemClock, WorkspaceId,
        action::Caller,
        event::{Feed, FeedItem, FeedRequest},
        flow::FlowEdit,
        run::RunStatus,
        testkit::TestClock,
    },
    storage::MemoryStore,
};
use serde_json::{Value, json};

pub(crate) use self::engine::RemoteEngine;
use crate::{
    setup,
    town::{call, try_call},
};

/// A person whose workspace is connected, with the engine in the test's other hand.
struct Scene {
    pmos: Pmos,
    remote: RemoteEngine,
    caller: Caller,
    workspace: WorkspaceId,
}

impl Scene {
    async fn new() -> Self {
        Self::by(Arc::new(SystemClock)).await
    }

    async fn by(clock: Arc<dyn Clock>) -> Self {
        let remote = RemoteEngine::by(clock.clone());
        let pmos = Pmos::builder(Arc::new(MemoryStore::new()))
            .engine(Arc::new(remote.clone()))
            .clock(clock)
            .master_key(setup::MASTER_KEY)
            .build()
            .unwrap();
        for job in pmos.background().unwrap() {
            tokio::spawn(job);
        }
        let caller = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
        let workspace = caller.scope().unwrap().workspace();
        call(&caller, "engines.connect", json!({ "engine": "remote", "provision": true })).await;
        Self { pmos, remote, caller, workspace }
    }

    async fn act(&self, name: &str, input: Value) -> Value {
        call(&self.caller, name, input).await
    }

    async fn order_intake(&self) -> Value {
        self.act("flows.create", json!({ "name": "Order intake", "engine": "remote", "graph": setup::order_intake() }))
            .await
    }

    async fn history(&self, flow: &Value) -> Vec<Value> {
        self.act("flows.history", json!({ "flow": flow })).await["items"].as_array().unwrap().clone()
    }

    /// Watches from the beginning of the log.
    async fn watch(&self, flow: Option<&Value>) -> Watching {
        let flow = flow.map(|flow| flow.as_str().unwrap().parse().unwrap());
        Watching(Feed::open(&self.caller, Some(0), FeedRequest { flow, ..FeedRequest::default() }).await.unwrap())
    }
}

struct Watching(Feed);

impl Watching {
    /// Waits for the next event of a kind that is about what `fits` says.
    async fn until(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                if let Some(FeedItem::Event(event)) = self.0.next().await.unwrap() {
                    let body: Value = serde_json::from_str(event.body.get()).unwrap();
                    if event.kind == kind && fits(&body) {
                        return body;
                    }
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), found).await.unwrap_or_else(|_| panic!("no {kind} came"))
    }
}

fn edits(value: Value) -> Vec<FlowEdit> {
    serde_json::from_value(value).unwrap()
}

fn name_of(step: &str, name: &str) -> Value {
    json!({ "op": "update_step", "id": step, "set": { "name": name } })
}

fn step_name(flow: &Value, step: &str) -> String {
    let steps = flow["draft"]["steps"].as_array().unwrap();
    steps.iter().find(|known| known["id"] == step).unwrap()["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_made_and_changed_here_is_there() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    assert_eq!(flow["engine"], "remote");
    assert!(flow["hook_url"].as_str().unwrap().starts_with("http://remote.example/"), "{flow}");
    let edit = json!({ "flow": flow["id"], "base": flow["revision"], "edits": [name_of("set", "Sum up")] });
    let changed = scene.act("flows.edit", edit).await;
    assert_eq!(step_name(&changed, "set"), "Sum up");
    let (_, kept) = scene.remote.flow("Order intake");
    assert!(kept.document.text().contains("Sum up"), "{}", kept.document.text());
    let history = scene.history(&flow["id"]).await;
    assert_eq!(history[0]["author"], json!(scene.caller.principal().actor.to_string()));
}

#[tokio::test]
async fn what_is_changed_there_is_seen_here_with_its_author() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let mut watching = scene.watch(Some(&flow["id"])).await;
    let (id, _) = scene.remote.flow("Order intake");
    scene.remote.edit(&id, &edits(json!([name_of("reply", "Say it")])));
    let told = watching.until("flow.changed", |body| body["actor"]["id"] == "outside").await;
    assert_eq!(told["data"]["edits"][0]["op"], "update_step", "{told}");
    let now = scene.act("flows.get", json!({ "flow": flow["id"] })).await;
    assert_eq!((step_name(&now, "reply").as_str(), &now["revision"]), ("Say it", &json!("2")));
    assert_eq!(scene.history(&flow["id"]).await[0]["author"], "outside");
}

#[tokio::test]
async fn changes_of_different_steps_are_put_together_and_of_the_same_are_a_conflict() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let (id, _) = scene.remote.flow("Order intake");
    scene.remote.edit(&id, &edits(json!([name_of("reply", "Say it")])));
    let mine = json!({ "flow": flow["id"], "base": flow["revision"], "edits": [name_of("set", "Sum up")] });
    let merged = scene.act("flows.edit", mine).await;
    assert_eq!(merged["merged"], true, "{merged}");
    assert_eq!((step_name(&merged, "set"), step_name(&merged, "reply")), ("Sum up".to_owned(), "Say it".to_owned()));
    let collides = json!({ "flow": flow["id"], "base": flow["revision"], "edits": [name_of("reply", "Mine")] });
    let refused = try_call(&scene.caller, "flows.edit", collides).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "conflict"));
    assert!(scene.remote.flow("Order intake").1.document.text().contains("Say it"));
}

#[tokio::test]
async fn what_our_write_covered_is_kept_as_a_conflict() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    scene.remote.edit_in_between(edits(json!([name_of("set", "Theirs")])));
    let mine = json!({ "flow": flow["id"], "base": flow["revision"], "edits": [name_of("set", "Mine")] });
    assert_eq!(step_name(&scene.act("flows.edit", mine).await, "set"), "Mine");
    let history = scene.history(&flow["id"]).await;
    let conflict = history.iter().find(|entry| entry["conflict"] == true).unwrap();
    assert_eq!((&conflict["author"], &conflict["edits"][0]["set"]["name"]), (&json!("outside"), &json!("Theirs")));
    scene.watch(None).await.until("flow.conflict", |_| true).await;
    // The conflict is no part of what led to the draft: edits on an old base still find their way.
    let late = json!({ "flow": flow["id"], "base": flow["revision"], "edits": [name_of("reply", "Late")] });
    assert_eq!(step_name(&scene.act("flows.edit", late).await, "reply"), "Late");
}

#[tokio::test]
async fn what_is_made_or_deleted_there_comes_and_goes_here() {
    let scene = Scene::new().await;
    let (_, kept) = { (scene.order_intake().await, scene.remote.flow("Order intake").1) };
    let made = scene.remote.make(scene.workspace, "Made there", &kept.document);
    scene.remote.make(scene.pmos.clock().new_id().unwrap(), "Of another", &kept.document);
    let mut watching = scene.watch(None).await;
    scene.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
    let created = watching.until("flow.created", |body| body["actor"]["id"] == "outside").await;
    let listed = scene.act("flows.list", json!({})).await;
    let mut names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|flow| flow["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["Made there", "Order intake"]);
    scene.remote.remove(&made);
    scene.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
    watching.until("flow.deleted", |body| body["object"] == created["object"]).await;
    assert_eq!(scene.act("flows.list", json!({})).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn publishing_stopping_and_deleting_happen_there() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let about = json!({ "flow": flow["id"] });
    let live = scene.act("flows.publish", about.clone()).await;
    assert_eq!(
        (&live["enabled"], &live["published"]["version"], &live["pending"]),
        (&json!(true), &json!(1), &json!(false))
    );
    assert!(scene.remote.flow("Order intake").1.enabled);
    let edit = json!({ "flow": flow["id"], "base": live["revision"], "edits": [name_of("set", "Sum up")] });
    assert_eq!(scene.act("flows.edit", edit).await["pending"], true);
    scene.act("flows.disable", about.clone()).await;
    assert!(!scene.remote.flow("Order intake").1.enabled);
    let again = scene.act("flows.publish", about.clone()).await;
    assert_eq!((&again["published"]["version"], &again["pending"]), (&json!(2), &json!(false)));
    scene.act("flows.delete", about).await;
    assert_eq!(scene.remote.flows(), 0);
}

#[tokio::test]
async fn an_undo_takes_back_what_was_done_there() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let mut watching = scene.watch(Some(&flow["id"])).await;
    let (id, _) = scene.remote.flow("Order intake");
    scene.remote.edit(&id, &edits(json!([name_of("set", "Theirs")])));
    watching.until("flow.changed", |body| body["actor"]["id"] == "outside").await;
    let back = scene.act("flows.undo", json!({ "flow": flow["id"] })).await;
    assert_eq!(step_name(&back, "set"), "Compute total");
    assert!(!scene.remote.flow("Order intake").1.document.text().contains("Theirs"));
}

#[tokio::test]
async fn runs_of_the_engine_stand_in_our_history_and_no_foreign_ones() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let (id, kept) = scene.remote.flow("Order intake");
    let stranger = scene.remote.make(scene.pmos.clock().new_id().unwrap(), "Of another", &kept.document);
    scene.remote.run(&stranger, RunStatus::Succeeded);
    scene.act("flows.publish", json!({ "flow": flow["id"] })).await;
    let mut watching = scene.watch(None).await;
    let begun = scene.act("runs.start", json!({ "flow": flow["id"] })).await;
    assert_eq!((&begun["status"], &begun["engine"]), (&json!("queued"), &json!("remote")));
    watching.until("run.started", |body| body["object"]["id"] == begun["id"]).await;
    scene.remote.run(&id, RunStatus::Failed);
    scene.remote.end_runs(RunStatus::Succeeded);
    watching.until("run.finished", |body| body["object"]["id"] == begun["id"]).await;
    watching.until("run.finished", |body| body["data"]["status"] == "failed").await;
    let listed = scene.act("runs.list", json!({})).await;
    let statuses: Vec<_> = listed["items"].as_array().unwrap().iter().map(|run| run["status"].clone()).collect();
    assert_eq!((statuses.len(), statuses.contains(&json!("failed"))), (2, true), "{listed}");
    let run = scene.act("runs.get", json!({ "run": begun["id"] })).await;
    assert_eq!((&run["status"], &run["steps"][0]["output"]), (&json!("succeeded"), &json!({ "qty": 4 })), "{run}");
    assert_eq!(run["trigger"], "manual");
}

#[tokio::test]
async fn a_failed_run_is_repeated_there_and_a_running_one_is_stopped() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let (id, _) = scene.remote.flow("Order intake");
    let mut watching = scene.watch(None).await;
    scene.remote.run(&id, RunStatus::Failed);
    let failed = watching.until("run.finished", |body| body["data"]["status"] == "failed").await;
    let again = scene.act("runs.retry", json!({ "run": failed["object"]["id"], "from": "failed_step" })).await;
    assert_eq!((&again["flow"], &again["trigger"]), (&flow["id"], &json!("retry")));
    watching.until("run.started", |body| body["object"]["id"] == again["id"]).await;
    assert_eq!(scene.act("runs.cancel", json!({ "run": again["id"] })).await["status"], "cancelled");
    watching.until("run.finished", |body| body["object"]["id"] == again["id"]).await;
}

#[tokio::test]
async fn while_the_engine_does_not_answer_nothing_changes_and_everything_is_readable() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    scene.act("flows.publish", json!({ "flow": flow["id"] })).await;
    scene.remote.set_down(true);
    let edit = json!({ "flow": flow["id"], "base": flow["revision"], "edits": [name_of("set", "Sum up")] });
    let refused = try_call(&scene.caller, "flows.edit", edit.clone()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Upstream, "{refused:?}");
    assert_eq!(scene.act("flows.get", json!({ "flow": flow["id"] })).await["revision"], flow["revision"]);
    let begun = try_call(&scene.caller, "runs.start", json!({ "flow": flow["id"] })).await.unwrap_err();
    assert_eq!(begun.kind(), Kind::Upstream);
    let runs = scene.act("runs.list", json!({})).await;
    assert_eq!(
        (&runs["items"][0]["status"], &runs["items"][0]["error"]),
        (&json!("failed"), &json!("Remote does not answer."))
    );
    let checked = scene.act("engines.check", json!({ "engine": "remote" })).await;
    assert_eq!(checked["state"], "unreachable", "{checked}");
    scene.watch(None).await.until("engine.state", |body| body["data"]["state"] == "unreachable").await;
    scene.remote.set_down(false);
    assert_eq!(scene.act("engines.check", json!({ "engine": "remote" })).await["state"], "ready");
    assert_eq!(step_name(&scene.act("flows.edit", edit).await, "set"), "Sum up");
}

/// What the dashboard says of an engine.
async fn health(scene: &Scene, name: &str) -> Option<Value> {
    let dashboard = scene.act("dashboard.get", json!({})).await;
    dashboard["health"].as_array().unwrap().iter().find(|fact| fact["name"] == name).cloned()
}

#[tokio::test]
async fn the_dashboard_says_how_an_engine_stood_when_it_was_last_looked_at() {
    let clock = Arc::new(TestClock::default());
    let scene = Scene::by(clock.clone()).await;
    let connected = clock.now();
    let well = json!({ "name": "Remote", "ok": true, "message": "It answers.", "at": connected });
    assert_eq!(health(&scene, "Remote").await, Some(well));

    clock.advance(Duration::from_mins(1));
    scene.remote.set_down(true);
    scene.watch(None).await.until("engine.state", |body| body["data"]["state"] == "unreachable").await;
    let noticed = clock.now();
    clock.advance(Duration::from_mins(2));
    let ill = json!({ "name": "Remote", "ok": false, "message": "It does not answer.", "at": noticed });
    assert_eq!(health(&scene, "Remote").await, Some(ill));

    scene.remote.set_down(false);
    scene.act("engines.check", json!({ "engine": "remote" })).await;
    assert_eq!(health(&scene, "Remote").await.unwrap()["ok"], true);
    scene.act("engines.disconnect", json!({ "engine": "remote" })).await;
    assert_eq!(health(&scene, "Remote").await, None, "a workspace that is not connected has nothing to be told");
}

#[tokio::test]
async fn what_the_dashboard_says_of_an_engine_is_never_old_while_it_is_followed() {
    let clock = Arc::new(TestClock::default());
    let scene = Scene::by(clock.clone()).await;
    clock.advance(Duration::from_hours(1));
    let looked_at_again = async {
        while health(&scene, "Remote").await.unwrap()["at"] != json!(clock.now()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looked_at_again).await.expect("it is not looked at again");
}

#[tokio::test]
async fn another_workspace_on_the_same_server_finds_none_of_it() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let stranger = setup::at_home(&scene.pmos, &setup::sign_up(&scene.pmos, "Stan").await).await;
    call(&stranger, "engines.connect", json!({ "engine": "remote", "provision": true })).await;
    for (name, more) in [
        ("flows.get", json!({})),
        ("flows.edit", json!({ "base": "1", "edits": [name_of("set", "Mine")] })),
        ("flows.publish", json!({})),
        ("flows.history", json!({})),
        ("flows.undo", json!({})),
        ("flows.delete", json!({})),
        ("runs.start", json!({})),
    ] {
        let mut input = more;
        input["flow"] = flow["id"].clone();
        assert_eq!(try_call(&stranger, name, input).await.unwrap_err().kind(), Kind::NotFound, "{name}");
    }
    let flow = Some(flow["id"].as_str().unwrap().parse().unwrap());
    assert!(Feed::open(&stranger, None, FeedRequest { flow, ..FeedRequest::default() }).await.is_err());
    assert_eq!(scene.remote.flows(), 1);
}

#[tokio::test]
async fn a_connection_that_the_engine_keeps_is_managed_here_and_its_values_are_nowhere() {
    let scene = Scene::new().await;
    let made = scene
        .act("connections.create", json!({
            "engine": "remote", "kind": "httpHeaderAuth", "name": "Shop", "secret": { "name": "x-key", "value": "canary-7" },
        }))
        .await;
    assert_eq!((&made["engine"], &made["kind"]), (&json!("remote"), &json!("httpHeaderAuth")));
    let about = json!({ "connection": made["id"] });
    let renamed = scene.act("connections.rename", json!({ "connection": made["id"], "name": "Shop 2" })).await;
    assert_eq!(renamed["name"], "Shop 2");
    assert_eq!(scene.act("connections.test", about.clone()).await["ok"], true);
    let listed = scene.act("connections.list", json!({ "engine": "remote" })).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert!(!format!("{listed}{made}{renamed}").contains("canary-7"));
    scene.act("connections.delete", about.clone()).await;
    assert_eq!(try_call(&scene.caller, "connections.test", about).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_workspace_that_leaves_the_engine_takes_its_automations_away_and_keeps_its_history() {
    let scene = Scene::new().await;
    let flow = scene.order_intake().await;
    let (id, _) = scene.remote.flow("Order intake");
    let mut watching = scene.watch(None).await;
    scene.remote.run(&id, RunStatus::Succeeded);
    let run = watching.until("run.finished", |_| true).await;
    scene.act("engines.rotate", json!({ "engine": "remote" })).await;
    scene.remote.set_down(true);
    assert!(try_call(&scene.caller, "engines.disconnect", json!({ "engine": "remote" })).await.is_err());
    scene.remote.set_down(false);
    scene.act("engines.disconnect", json!({ "engine": "remote" })).await;
    assert_eq!(scene.remote.flows(), 0);
    let gone = try_call(&scene.caller, "flows.get", json!({ "flow": flow["id"] })).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
    assert_eq!(scene.act("runs.get", json!({ "run": run["object"]["id"] })).await["status"], "succeeded");
    let engines = scene.act("engines.list", json!({})).await;
    assert_eq!(
        (&engines["items"][0]["state"], &engines["items"][0]["connected"]),
        (&json!("action_needed"), &json!(false))
    );
    let refused =
        try_call(&scene.caller, "flows.create", json!({ "name": "New", "engine": "remote" })).await.unwrap_err();
    assert_eq!(refused.code(), "not_connected");
}

#[tokio::test]
async fn a_server_of_ones_own_is_opened_with_what_its_engine_asks_for() {
    let scene = Scene::new().await;
    let engines = scene.act("engines.list", json!({})).await;
    let declared = json!([{ "name": "pass", "title": "Pass", "kind": { "type": "secret" }, "required": true, "expressions": false }]);
    assert_eq!(engines["items"][0]["login"], declared);
    scene.act("engines.disconnect", json!({ "engine": "remote" })).await;

    let own = json!({ "engine": "remote", "base_url": "https://remote.example", "pass": "canary-pass" });
    for (field, value) in
        [("pass", json!(null)), ("pass", json!(" ")), ("pass", json!({ "is": "canary" })), ("pin", json!("1"))]
    {
        let mut wrong = own.clone();
        wrong[field] = value;
        let refused = try_call(&scene.caller, "engines.connect", wrong).await.unwrap_err();
        assert_eq!((refused.code(), &*refused.fields()[0].field), ("invalid_input", field), "{refused}");
        assert!(!format!("{refused:?} {:?}", refused.fields()).contains("canary"));
    }
    let both = json!({ "engine": "remote", "base_url": "https://remote.example", "pass": "p", "provision": true });
    let refused = try_call(&scene.caller, "engines.connect", both).await.unwrap_err();
    assert_eq!(refused.fields()[0].field, "base_url");
    let connected = scene.act("engines.connect", own).await;
    assert_eq!((&connected["state"], &connected["wall"]), (&json!("ready"), &json!("own_key")));
    assert!(!connected.to_string().contains("canary-pass"));
}

#[tokio::test]
async fn a_workspace_is_deleted_only_once_nothing_of_it_is_left_at_an_engine() {
    let scene = Scene::new().await;
    let name = scene.act("workspace.get", json!({})).await["name"].clone();
    let refused = try_call(&scene.caller, "workspace.delete", json!({ "confirm": name })).await.unwrap_err();
    assert_eq!(refused.code(), "engines_connected");
    scene.act("engines.disconnect", json!({ "engine": "remote" })).await;
    scene.act("workspace.delete", json!({ "confirm": name })).await;
}

#[tokio::test]
async fn a_begin_whose_answer_was_lost_waits_for_a_person() {
    let clock = Arc::new(TestClock::default());
    let scene = Scene::by(clock.clone()).await;
    let flow = scene.order_intake().await;
    scene.act("flows.publish", json!({ "flow": flow["id"] })).await;
    scene.remote.lose_begins();
    let begun = scene.act("runs.start", json!({ "flow": flow["id"] })).await;
    let mut watching = scene.watch(None).await;
    clock.advance(Duration::from_mins(5));
    scene.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
    watching.until("run.finished", |body| body["object"]["id"] == begun["id"]).await;
    let run = scene.act("runs.get", json!({ "run": begun["id"] })).await;
    assert_eq!(run["status"], "needs_attention", "{run}");
}
