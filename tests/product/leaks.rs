//! Two workspaces full of things: nothing of one is ever seen from the other, in no list, stream, error or metric.

use pmos::core::{
    Channel,
    action::{Called, Method, Reach},
};
use pmos_server::RouterConfig;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    matrix::inputs::{credential, draft},
    setup::{self, On},
    town::{Person, Tenant, Town, enter},
    web::{Credential, Web, route, with},
};

/// How many things of each kind a workspace holds.
const MANY: usize = 50;

/// A workspace whose every text carries a word of its own.
struct Full<'t> {
    tenant: Tenant,
    admin: &'t Person,
    canary: &'static str,
    /// The ids of what is in it, by the field that names them.
    ids: Vec<(&'static str, Vec<Value>)>,
}

impl Full<'_> {
    fn ids(&self, field: &str) -> &[Value] {
        self.ids.iter().find(|(name, _)| *name == field).map(|(_, ids)| &ids[..]).unwrap_or_default()
    }

    /// What must not be seen from elsewhere.
    fn marks(&self) -> Vec<String> {
        let ids = self.ids.iter().flat_map(|(_, ids)| ids).map(|id| id.as_str().unwrap().to_owned());
        ids.chain([self.canary.to_owned(), self.tenant.workspace.to_string()]).collect()
    }
}

async fn fill<'t>(town: &Town, tenant: Tenant, admin: &'t Person, canary: &'static str) -> Full<'t> {
    tenant.act("workspace.update", json!({ "name": format!("Works of {canary}") })).await;
    let live = tenant.act("flows.create", json!({ "name": format!("Live {canary}"), "graph": graph(canary) })).await;
    let live = tenant.act("flows.publish", json!({ "flow": live["id"] })).await;
    let token = live["hook_url"].as_str().unwrap().rsplit('/').next().unwrap();
    let [mut flows, mut runs, mut connections, mut invitations, mut keys] = [const { Vec::new() }; 5];
    flows.push(live["id"].clone());
    for n in 0..MANY {
        let name = format!("{canary} {n}");
        let flow = json!({ "name": name, "graph": graph(canary) });
        flows.push(tenant.act("flows.create", flow).await["id"].clone());
        connections
            .push(tenant.act("connections.create", with(&credential(), "name", name.clone())).await["id"].clone());
        let invitation = json!({ "email": format!("{canary}{n}@example.com"), "role": "viewer" });
        invitations.push(tenant.act("invitations.create", invitation).await["id"].clone());
        let key = json!({ "name": name, "scopes": ["flows.*"] });
        keys.push(tenant.act("api_keys.create", key).await["id"].clone());
        let hook = format!("/hooks/{token}");
        let body = json!({ "who": canary, "fail": n % 2 == 0 });
        let answer = town.web.call(&Credential::Nothing, "POST", &hook, &body).await;
        assert!(matches!(answer.status, 200 | 422), "{}", answer.text());
    }
    for run in tenant.act("runs.list", json!({ "limit": 200 })).await["items"].as_array().unwrap() {
        runs.push(run["id"].clone());
    }
    assert_eq!(runs.len(), MANY);
    let [mut sessions, mut approvals] = [const { Vec::new() }; 2];
    let agent = enter(&town.pmos, admin.id, Channel::Agent, tenant.workspace).await.unwrap();
    for flow in &flows[..3] {
        let session = tenant.act("chat.sessions.create", json!({ "title": canary, "flow": flow })).await["id"].clone();
        tenant.act("chat.send", json!({ "session": session, "text": format!("Tell me of {canary}") })).await;
        sessions.push(session);
        let Called::Parked(approval) = agent.call("flows.publish", json!({ "flow": flow })).await.unwrap() else {
            panic!("it does not wait");
        };
        approvals.push(json!(approval));
    }
    let ids = vec![
        ("session", sessions),
        ("approval", approvals),
        ("flow", flows),
        ("run", runs),
        ("connection", connections),
        ("id", invitations),
        ("key", keys),
        ("user", vec![json!(admin.id)]),
    ];
    Full { tenant, admin, canary, ids }
}

/// Says its word in an answer or in an error.
fn graph(canary: &str) -> Value {
    let step = |id: &str, operation: &str, settings: Value| json!({ "id": id, "kind": "action", "name": canary, "piece": "core", "operation": operation, "settings": settings });
    json!({
        "steps": [
            { "id": "trigger", "kind": "trigger", "name": canary, "piece": "core", "operation": "webhook",
              "settings": { "respond": "at_end" } },
            step("way", "branch", json!({ "branches": [{ "name": "bad", "when": "{{ trigger.body.fail }}" }] })),
            step("bad", "stop", json!({ "fail": format!("no {canary} today") })),
            step("good", "respond", json!({ "body": { "who": "{{ trigger.body.who }}" } })),
        ],
        "edges": [
            { "from": "trigger", "port": "next", "to": "way" },
            { "from": "way", "port": "branch:0", "to": "bad" },
            { "from": "way", "port": "next", "to": "good" },
        ],
    })
}

/// Everything that the admin of one workspace can read, here and by asking for what is over there.
async fn read_everything(web: &Web, here: &Full<'_>, there: &Full<'_>) -> Vec<(String, String)> {
    let who = here.admin.browser();
    let mut read = Vec::new();
    let mut get = async |path: &str| {
        let answer = web.call(&who, "GET", path, &Value::Null).await;
        assert!(answer.status < 500, "{path}: {}", answer.text());
        let next = (answer.status == 200 && path.contains("limit=")).then(|| answer.json()["next"].clone());
        read.push((path.to_owned(), answer.everything()));
        next.and_then(|next| next.as_str().map(str::to_owned))
    };
    for path in ["/api/openapi.json", "/api/docs", "/metrics", "/api/v1/bootstrap"] {
        get(path).await;
    }
    for entry in web.pmos.table().iter().filter(|entry| entry.spec.method == Method::Get) {
        let mut inputs = vec![json!({})];
        for (name, field) in entry.input["properties"].as_object().into_iter().flatten() {
            let ids = here.ids(name).iter().chain(there.ids(name)).cloned();
            let values: Vec<Value> = match name.as_str() {
                "limit" => vec![json!(20), json!(200)],
                "q" => vec![json!(there.canary), json!(here.canary)],
                "actor" => [here.ids("user"), there.ids("user")].concat(),
                "object" => [here.ids("flow"), there.ids("flow"), there.ids("run")].concat(),
                "engine" => vec![json!("embedded")],
                "piece" => vec![json!("core")],
                _ if field["enum"].is_array() => field["enum"].as_array().cloned().unwrap_or_default(),
                _ => ids.collect(),
            };
            inputs = if entry.spec.path.contains(&format!("{{{name}}}")) {
                let every =
                    |input: &Value| values.iter().map(|value| with(input, name, value.clone())).collect::<Vec<_>>();
                inputs.iter().flat_map(every).collect()
            } else {
                let base = inputs[0].clone();
                inputs.into_iter().chain(values.into_iter().map(|value| with(&base, name, value))).collect()
            };
        }
        for input in inputs {
            for workspace in [here.tenant.workspace, there.tenant.workspace] {
                let (path, _) = route(entry, workspace, &input);
                let mut next = get(&path).await;
                while let Some(cursor) = next {
                    next = get(&format!("{path}&cursor={cursor}")).await;
                }
                if entry.spec.reach != Reach::Workspace {
                    break;
                }
            }
        }
    }
    read
}

#[rstest]
#[tokio::test]
async fn nothing_of_one_workspace_is_read_from_another(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(mut town) = Town::open(on).await else { return };
    let config = RouterConfig { metrics: Some(setup::metrics()), ..RouterConfig::default() };
    town.web = Web::with(town.pmos.clone(), config);
    let adam = fill(&town, town.tenant().await, &town.admin, "kanarieadam").await;
    let stan = fill(&town, town.elsewhere().await, &town.stranger, "kanariestan").await;
    for (here, there) in [(&adam, &stan), (&stan, &adam)] {
        let read = read_everything(&town.web, here, there).await;
        let own = read.iter().filter(|(_, answer)| answer.contains(here.canary)).count();
        assert!(own > MANY, "only {own} of {} answers hold anything", read.len());
        let marks = there.marks();
        for (path, answer) in &read {
            // A path that asks for something foreign says its name; the answer must not.
            let leak = marks.iter().find(|mark| answer.contains(mark.as_str()));
            assert_eq!(leak, None, "GET {path} answers {answer}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_stream_of_one_workspace_says_nothing_of_another(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::open(on).await else { return };
    let adam = fill(&town, town.tenant().await, &town.admin, "kanarieadam").await;
    let tenant = town.elsewhere().await;
    let theirs = adam.ids("run")[0].as_str().unwrap();
    let mut watch = town.web.watch(&town.stranger.browser(), tenant.workspace, &format!("?run={theirs}")).await;
    let stan = fill(&town, tenant, &town.stranger, "kanariestan").await;
    // Both go on while there is a watcher.
    let run = json!({ "flow": adam.ids("flow")[0], "input": { "body": { "who": "kanarieadam", "fail": true } } });
    let run = adam.tenant.act("runs.start", run).await["id"].clone();
    adam.tenant.finished(&run).await;
    let last = draft(&stan.tenant).await;
    let seen = watch.until(last.as_str().unwrap()).await.to_owned();
    assert!(seen.matches("run.finished").count() >= MANY, "{seen}");
    for mark in adam.marks().iter().map(String::as_str).chain([run.as_str().unwrap()]) {
        assert!(!seen.contains(mark), "the stream says {mark}");
    }
}
