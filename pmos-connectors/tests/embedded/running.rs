//! What every engine must do that runs flows inside this process: of `http` steps, and of a step of one's own.

use std::sync::Arc;

use async_trait::async_trait;
use pmos_connectors::embedded::{
    EmbeddedEngine, HttpAnswer, HttpCall, HttpSender, NoAnswer, OperationDescriptor, OperationHandler, StepContext,
    StepFailure,
};
use pmos_core::{
    flow::{Field, FieldKind, Graph, StepEffect},
    testkit::runner::{Service, Subject},
};
use serde_json::{Map, Value, json};

/// A network in which the last part of an address names the step that calls it.
#[derive(Debug)]
struct Network(Service);

#[async_trait]
impl HttpSender for Network {
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        self.0.call(call.url.rsplit('/').next().unwrap()).await;
        let echo = call.credential.map(|credential| credential.secret.expose().to_owned());
        let body = json!({"echo": echo, "sent": String::from_utf8_lossy(&call.body)});
        Ok(HttpAnswer { status: 200, headers: Vec::new(), body: body.to_string().into() })
    }
}

/// A step of one's own.
#[derive(Debug)]
struct Own {
    name: &'static str,
    effect: StepEffect,
    repeatable: bool,
    service: Service,
}

#[async_trait]
impl OperationHandler for Own {
    fn descriptor(&self) -> OperationDescriptor {
        OperationDescriptor::new(self.name, "A step of one's own", "Calls the service.")
            .field(Field::new("n", "Number", FieldKind::Number).computed())
            .takes_connection()
            .effect(self.effect)
    }

    fn is_repeatable(&self, _: &Map<String, Value>) -> bool {
        self.repeatable
    }

    async fn run(&self, settings: Map<String, Value>, cx: &StepContext<'_>) -> Result<Value, StepFailure> {
        let credential = cx.credential().await?;
        self.service.call(cx.step().as_str()).await;
        if settings.get("n") == Some(&json!(13)) {
            return Err(StepFailure::permanent("It was not taken."));
        }
        let echo = credential.map(|credential| credential.secret.expose().to_owned());
        Ok(json!({"n": settings.get("n"), "echo": echo, "once": cx.idempotency_key()}))
    }
}

const CONNECTION: &str = "con_00000000000000000000000000000007";

fn step(id: &str, piece: &str, operation: &str, settings: Value) -> Value {
    let kind = if operation == "webhook" { "trigger" } else { "action" };
    let mut step = json!({"id": id, "kind": kind, "name": id, "piece": piece, "operation": operation});
    step["settings"] = settings;
    if kind == "action" && (piece == "own" || operation == "http") {
        step["connection"] = json!(CONNECTION);
    }
    step
}

/// Computing, calls one after the other and in a loop side by side, and an answer.
fn order(http: &str, own: &str) -> Graph {
    let call = |id: &str| json!({"method": http, "url": format!("https://api.example.com/{id}")});
    let graph = json!({
        "steps": [
            step("trigger", "core", "webhook", json!({})),
            step("prepare", "core", "set", json!({"values": {"lines": "{{ trigger.lines }}"}})),
            step("first", "core", "http", call("first")),
            step("each", "core", "loop", json!({"items": "{{ steps.prepare.lines }}", "concurrency": 2})),
            step("line", "own", own, json!({"n": "{{ item }}"})),
            step("total", "core", "set", json!({"values": {"count": "{{ steps.each.results | length }}"}})),
            step("last", "own", own, json!({"n": "{{ steps.total.count }}"})),
            step("reply", "core", "respond", json!({"body": {"n": "{{ steps.last.n }}", "sent": "{{ steps.first.body.sent }}"}})),
        ],
        "edges": [
            {"from": "trigger", "port": "next", "to": "prepare"}, {"from": "prepare", "port": "next", "to": "first"},
            {"from": "first", "port": "next", "to": "each"}, {"from": "each", "port": "loop", "to": "line"},
            {"from": "each", "port": "next", "to": "total"}, {"from": "total", "port": "next", "to": "last"},
            {"from": "last", "port": "next", "to": "reply"},
        ],
    });
    serde_json::from_value(graph).unwrap()
}

fn subject(service: Service) -> Subject {
    let network = Network(service.clone());
    let own = move |name, effect, repeatable| Own { name, effect, repeatable, service: service.clone() };
    let engine = EmbeddedEngine::builder(Arc::new(network))
        .piece("own", "Of one's own")
        .operation("own", own("send", StepEffect::Write, false))
        .operation("own", own("put", StepEffect::Write, true))
        .operation("own", own("look", StepEffect::Read, false))
        .build()
        .unwrap();
    let input = json!({"lines": [1, 2, 3]});
    Subject::new(engine)
        .once(order("POST", "send"), input.clone())
        .repeatable(order("GET", "put"), input.clone())
        .repeatable(order("HEAD", "look"), input)
        .failing(order("POST", "send"), json!({"lines": [13]}))
        .failing(order("POST", "send"), json!({}))
}

pmos_core::runner_suite!(subject);
