//! An order of 500 lines is sent to a service line by line, with a stored key, while the process dies in between.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use pmos_connectors::{
    embedded::{EmbeddedConfig, EmbeddedEngine},
    outbound::Outbound,
};
use pmos_core::{
    Clock, ConnectionId, Error, FlowId, Id, Result, RunId, SystemClock, Timestamp, WorkspaceId,
    flow::{Document, FlowEngine, Host},
    run::{
        Answer, Child, ChildState, Edition, RunContext, RunOrder, RunState, RunStatus, StepRecord, StepStatus,
        TriggerKind, steps_of,
    },
    vault::{Credential, CredentialKind, Secret},
};
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::header};

const LINES: usize = 500;
const KEY: &str = "canary-4f1c9d";

/// Keeps the journal as a store would, and says when it has grown enough for the process to die.
#[derive(Debug)]
struct FakeContext {
    service: String,
    journal: Mutex<Vec<StepRecord>>,
    state: Mutex<Option<RunState>>,
    answer: Mutex<Option<Answer>>,
    dies_at: usize,
    dies: Notify,
}

impl FakeContext {
    fn new(service: &MockServer, journal: Vec<StepRecord>, dies_at: usize) -> Self {
        Self {
            service: service.address().to_string(),
            journal: Mutex::new(journal),
            state: Mutex::default(),
            answer: Mutex::default(),
            dies_at,
            dies: Notify::new(),
        }
    }
}

#[async_trait]
impl RunContext for FakeContext {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn child(&self, _: FlowId, _: Value) -> Result<Child> {
        Err(Error::not_found())
    }

    async fn child_end(&self, _: RunId, _: Duration) -> Result<Option<ChildState>> {
        Ok(None)
    }

    async fn commit(&self, records: Vec<StepRecord>, state: RunState, _: Vec<Child>) -> Result<()> {
        let mut journal = self.journal.lock();
        journal.extend(records);
        *self.state.lock() = Some(state);
        if journal.len() >= self.dies_at {
            self.dies.notify_one();
        }
        Ok(())
    }

    fn progress(&self, _: &StepRecord) {}

    async fn answer(&self, answer: Answer) {
        self.answer.lock().get_or_insert(answer);
    }

    async fn credential(&self, connection: ConnectionId) -> Result<Credential> {
        assert_eq!(connection.uuid(), Uuid::from_u128(7));
        let hosts = vec![self.service.parse().map_err(|_| Error::not_found())?];
        Ok(Credential { kind: CredentialKind::Bearer, name: String::new(), secret: Secret::new(KEY), hosts })
    }

    fn is_cancelled(&self) -> bool {
        false
    }

    async fn cancelled(&self) {
        std::future::pending::<()>().await;
    }
}

/// Loop, branch, call, answer. Every tenth line has nothing to send.
fn order(service: &MockServer) -> RunOrder {
    let flow = json!({
        "steps": [
            {"id": "trigger", "kind": "trigger", "name": "Order", "piece": "core", "operation": "webhook"},
            {"id": "lines", "kind": "action", "name": "Lines", "piece": "core", "operation": "loop",
             "settings": {"items": "{{ trigger.body.lines }}", "concurrency": 8}},
            {"id": "any", "kind": "action", "name": "Any?", "piece": "core", "operation": "branch",
             "settings": {"branches": [{"name": "yes", "when": "{{ item.qty > 0 }}"}]}},
            {"id": "send", "kind": "action", "name": "Send", "piece": "core", "operation": "http", "connection": ConnectionId::from_uuid(Uuid::from_u128(7)),
             "settings": {"method": "POST", "url": format!("{}/lines", service.uri()), "body": "{{ item }}", "repeatable": true},
             "retry": {"times": 2}},
            {"id": "reply", "kind": "action", "name": "Reply", "piece": "core", "operation": "respond",
             "settings": {"body": {"lines": "{{ steps.lines.count }}"}}},
        ],
        "edges": [
            {"from": "trigger", "port": "next", "to": "lines"}, {"from": "lines", "port": "loop", "to": "any"},
            {"from": "any", "port": "branch:0", "to": "send"}, {"from": "lines", "port": "next", "to": "reply"},
        ],
    });
    let lines: Vec<_> = (0..LINES).map(|line| json!({"line": line, "qty": line % 10})).collect();
    RunOrder {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        run: RunId::from_uuid(Uuid::from_u128(2)),
        flow: FlowId::from_uuid(Uuid::from_u128(3)),
        edition: Edition::Version(1),
        document: Document::write(&flow).unwrap(),
        trigger: TriggerKind::Webhook,
        input: json!({"body": {"lines": lines}}),
        worked: Duration::ZERO,
    }
}

/// Answers every line, one of them only at the second time, and counts what came.
async fn service(counts: &Arc<Mutex<HashMap<u64, u32>>>) -> MockServer {
    let server = MockServer::start().await;
    let counts = Arc::clone(counts);
    let answer = move |request: &Request| {
        let line = request.body_json::<Value>().unwrap()["line"].as_u64().unwrap();
        let mut counts = counts.lock();
        let count = counts.entry(line).or_default();
        *count += 1;
        ResponseTemplate::new(if line == 77 && *count == 1 { 503 } else { 200 }).set_body_json(json!({"line": line}))
    };
    let key = format!("Bearer {KEY}");
    Mock::given(header("authorization", key.as_str())).respond_with(answer).mount(&server).await;
    server
}

fn ended(journal: &[StepRecord]) -> impl Iterator<Item = &StepRecord> {
    journal.iter().filter(|record| record.step.as_str() == "send" && record.status != StepStatus::Running)
}

#[tokio::test]
async fn no_line_is_sent_twice_once_it_is_recorded() {
    let counts = Arc::default();
    let server = service(&counts).await;
    let allowed = server.address().to_string().parse().unwrap();
    let outbound = Outbound::builder().allow(allowed).build().unwrap();
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let Host::Embedded(runner) = engine.host() else { panic!("it runs inside this process") };

    let first = FakeContext::new(&server, Vec::new(), 700);
    tokio::select! {
        ended = runner.run(order(&server), Vec::new(), &first) => panic!("the process was to die before {ended:?}"),
        () = first.dies.notified() => {}
    }
    let recorded = first.journal.lock().clone();
    let before = counts.lock().clone();
    let sent_for_good: Vec<_> = ended(&recorded)
        .filter(|record| record.status == StepStatus::Succeeded)
        .map(|record| u64::from(record.within[0].1))
        .collect();
    assert!(sent_for_good.len() > 50, "{}", sent_for_good.len());

    let second = FakeContext::new(&server, recorded.clone(), usize::MAX);
    runner.run(order(&server), recorded, &second).await.unwrap();

    let state = second.state.lock().clone().unwrap();
    assert_eq!((state.status, state.error), (RunStatus::Succeeded, None));
    assert_eq!(second.answer.lock().as_ref().unwrap().body, json!({"lines": LINES}));
    let after = counts.lock().clone();
    for line in sent_for_good {
        assert_eq!(after[&line], before[&line], "line {line} was recorded and sent again");
    }
    assert_eq!(after.len(), LINES - LINES / 10);
    // What was on the way when the process died is the only thing that came again.
    let again = after.iter().filter(|(line, count)| **count > if **line == 77 { 2 } else { 1 }).count();
    assert!(again <= 8, "{again} lines came again");

    let journal = second.journal.lock().clone();
    assert!(!format!("{journal:?}").contains(KEY));
    let steps = steps_of(journal);
    let lines = steps.iter().find(|step| step.id.as_str() == "lines").unwrap();
    let passes = lines.iterations.as_ref().unwrap();
    assert_eq!((lines.status, passes.len()), (StepStatus::Succeeded, LINES));
    assert!(passes.iter().all(|pass| pass.status == StepStatus::Succeeded));
}
