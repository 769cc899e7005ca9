//! A context and a service that write down what happens, in order.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use pmos_core::{
    ConnectionId, Error, FlowId, Id, Result, RunId, Timestamp, WorkspaceId,
    flow::{Document, Graph, StepId},
    run::{
        Answer, Child, ChildState, Edition, RunContext, RunOrder, RunState, RunStatus, RunSummary, StepRecord,
        StepStatus, TriggerKind,
    },
    store::RunRow,
    vault::{Credential, CredentialKind, Secret},
};
use serde_json::{Map, Value, json, value::RawValue};
use tokio::sync::Notify;

use crate::embedded::{
    EmbeddedConfig, HttpAnswer, HttpCall, HttpSender, NoAnswer, computing::Computing, operation::Operations,
    program::Program, runner,
};

/// What happened, in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// Steps that were put on disk, as `step:status` with the passes around it.
    Commit(Vec<String>, RunStatus),
    Sent(String),
    Answered(u16, Value),
}

#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Vec<Event>>);

impl Log {
    fn add(&self, event: Event) {
        self.0.lock().push(event);
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.0.lock().clone()
    }
}

#[derive(Debug, Default)]
pub(super) struct FakeContext {
    pub(super) log: Arc<Log>,
    pub(super) journal: Mutex<Vec<StepRecord>>,
    pub(super) state: Mutex<Option<RunState>>,
    /// After so many commits the store fails, as if the process had been killed.
    commits_left: Option<AtomicI64>,
    clock: AtomicI64,
    tick: i64,
    cancelled: AtomicBool,
    cancel: Notify,
    /// How the run of the other automation stands.
    pub(super) child: Mutex<Option<ChildState>>,
    pub(super) started: Mutex<Vec<(RunId, FlowId, Value)>>,
}

impl FakeContext {
    /// A context whose store fails after so many commits.
    pub(super) fn cut_after(commits: usize) -> Self {
        Self { commits_left: Some(i64::try_from(commits).unwrap().into()), ..Self::default() }
    }

    /// A context where every look at the clock takes this long.
    pub(super) fn ticking(tick: Duration) -> Self {
        Self { tick: i64::try_from(tick.as_micros()).unwrap(), ..Self::default() }
    }

    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        self.cancel.notify_waiters();
    }

    pub(super) fn pass_time(&self, time: Duration) {
        self.clock.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::SeqCst);
    }

    pub(super) fn record(&self, step: &str) -> StepRecord {
        let journal = self.journal.lock();
        journal
            .iter()
            .rev()
            .find(|record| record.step.as_str() == step)
            .cloned()
            .unwrap_or_else(|| panic!("no record of {step}"))
    }

    pub(super) fn output(&self, step: &str) -> Value {
        self.record(step).output.map_or(Value::Null, |output| serde_json::from_str(output.get()).unwrap())
    }

    pub(super) fn input(&self, step: &str) -> Value {
        self.record(step).input.map_or(Value::Null, |input| serde_json::from_str(input.get()).unwrap())
    }

    pub(super) fn state(&self) -> RunState {
        self.state.lock().clone().unwrap()
    }

    pub(super) fn result(&self) -> Value {
        self.state().result.map_or(Value::Null, |result| serde_json::from_str(result.get()).unwrap())
    }

    pub(super) fn ending(&self) -> (RunStatus, String) {
        let state = self.state();
        (state.status, state.error.unwrap_or_default())
    }

    pub(super) fn answer(&self) -> Option<(u16, Value)> {
        self.log.events().into_iter().find_map(|event| match event {
            Event::Answered(status, body) => Some((status, body)),
            _ => None,
        })
    }
}

fn is_call(record: &StepRecord) -> bool {
    let calls = |input: &RawValue| input.get().contains("\"run\":");
    record.status == StepStatus::Waiting && record.input.as_deref().is_some_and(calls)
}

pub(super) fn name(record: &StepRecord) -> String {
    let passes = record.within.iter().map(|(step, pass)| format!("{step}[{pass}]"));
    passes.chain([format!("{}:{}", record.step, record.status.as_str())]).collect::<Vec<_>>().join("/")
}

#[async_trait]
impl RunContext for FakeContext {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.fetch_add(self.tick, Ordering::SeqCst))
    }

    async fn commit(&self, records: Vec<StepRecord>, state: RunState, children: Vec<Child>) -> Result<()> {
        if self.commits_left.as_ref().is_some_and(|left| left.fetch_sub(1, Ordering::SeqCst) <= 0) {
            return Err(Error::unavailable("write the journal"));
        }
        self.log.add(Event::Commit(records.iter().map(name).collect(), state.status));
        assert_eq!(children.len(), records.iter().filter(|record| is_call(record)).count());
        self.journal.lock().extend(records);
        *self.state.lock() = Some(state);
        Ok(())
    }

    async fn child(&self, flow: FlowId, input: Value) -> Result<Child> {
        if flow.uuid().as_u128() != 9 {
            return Err(Error::not_found());
        }
        let id = RunId::from_uuid(uuid::Uuid::from_u128(77));
        let at = Timestamp::from_micros(0);
        let row = RunRow::new(RunSummary::queued(id, flow, "embedded", Some(1), TriggerKind::Subflow, at), None);
        let child = Child::for_tests(row);
        self.started.lock().push((child.run(), flow, input));
        Ok(child)
    }

    async fn child_end(&self, _: RunId, _: Duration) -> Result<Option<ChildState>> {
        Ok(self.child.lock().clone())
    }

    fn progress(&self, step: &StepRecord) {
        assert_eq!(step.status, StepStatus::Running);
    }

    async fn answer(&self, answer: Answer) {
        self.log.add(Event::Answered(answer.status, answer.body));
    }

    async fn credential(&self, connection: ConnectionId) -> Result<Credential> {
        if connection.uuid().as_u128() != 7 {
            return Err(Error::not_found());
        }
        let hosts = vec!["api.test".parse().unwrap()];
        Ok(Credential { kind: CredentialKind::Bearer, name: String::new(), secret: Secret::new("s3cret"), hosts })
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    async fn cancelled(&self) {
        let mut notified = std::pin::pin!(self.cancel.notified());
        notified.as_mut().enable();
        if !self.is_cancelled() {
            notified.await;
        }
    }
}

/// A service that answers what it is told to, by the path of the call and the number of the call there.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) log: Arc<Log>,
    pub(super) calls: Arc<Mutex<Vec<HttpCall>>>,
    answer: Arc<Answering>,
    counts: Arc<Mutex<HashMap<String, u32>>>,
}

type Answering = dyn Fn(&str, u32) -> Reply + Send + Sync;

pub(super) enum Reply {
    Answer(u16, Value),
    /// With this content type, none when it is empty, and these bytes.
    Bytes(u16, &'static str, &'static [u8]),
    None(NoAnswer),
    Never,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    pub(super) fn new(context: &FakeContext, answer: impl Fn(&str, u32) -> Reply + Send + Sync + 'static) -> Self {
        let log = Arc::clone(&context.log);
        Self { log, calls: Arc::default(), answer: Arc::new(answer), counts: Arc::default() }
    }

    /// Answers 200 with the path.
    pub(super) fn echo(context: &FakeContext) -> Self {
        Self::new(context, |path, _| Reply::Answer(200, json!({"path": path})))
    }

    /// How often each path was called.
    pub(super) fn counts(&self) -> HashMap<String, u32> {
        self.counts.lock().clone()
    }
}

#[async_trait]
impl HttpSender for Service {
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        let path = call.url.trim_start_matches("https://api.test").to_owned();
        self.log.add(Event::Sent(path.clone()));
        self.calls.lock().push(call);
        let count = {
            let mut counts = self.counts.lock();
            let count = counts.entry(path.clone()).or_default();
            *count += 1;
            *count
        };
        tokio::task::yield_now().await;
        match (self.answer)(&path, count) {
            Reply::Answer(status, body) => Ok(HttpAnswer {
                status,
                headers: vec![
                    ("content-type".to_owned(), "application/json".to_owned()),
                    ("set-cookie".to_owned(), "s3cret".to_owned()),
                ],
                body: body.to_string().into(),
            }),
            Reply::Bytes(status, kind, body) => {
                let kind = Some(("content-type".to_owned(), kind.to_owned())).filter(|(_, kind)| !kind.is_empty());
                Ok(HttpAnswer { status, headers: kind.into_iter().collect(), body: body.into() })
            }
            Reply::None(none) => Err(none),
            Reply::Never => std::future::pending().await,
        }
    }
}

pub(super) fn order(graph: &Value, input: Value) -> RunOrder {
    RunOrder {
        workspace: WorkspaceId::from_uuid(uuid::Uuid::from_u128(1)),
        run: RunId::from_uuid(uuid::Uuid::from_u128(2)),
        flow: FlowId::from_uuid(uuid::Uuid::from_u128(3)),
        edition: Edition::Draft(1),
        document: Document::write(graph).unwrap(),
        trigger: TriggerKind::Webhook,
        input,
        worked: Duration::ZERO,
    }
}

pub(super) async fn resume(
    graph: &Value,
    input: Value,
    recorded: Vec<StepRecord>,
    context: &FakeContext,
    service: &Service,
) -> Result<()> {
    resume_after(Duration::ZERO, graph, input, recorded, context, service).await
}

/// The same, of a run that was at work for so long before.
pub(super) async fn resume_after(
    worked: Duration,
    graph: &Value,
    input: Value,
    recorded: Vec<StepRecord>,
    context: &FakeContext,
    service: &Service,
) -> Result<()> {
    let config = EmbeddedConfig::default();
    let operations = Operations::new(Arc::new(service.clone()), config.answer_bytes);
    run_with(worked, graph, input, recorded, context, &operations).await
}

/// The same with other operations.
pub(super) async fn run_with(
    worked: Duration,
    graph: &Value,
    input: Value,
    recorded: Vec<StepRecord>,
    context: &FakeContext,
    operations: &Operations,
) -> Result<()> {
    let parsed: Graph = serde_json::from_value(graph.clone()).unwrap();
    let program = Program::compile(&parsed, operations);
    let config = EmbeddedConfig { most_steps: 2_500, ..EmbeddedConfig::default() };
    let program = program.as_ref().map_err(Vec::as_slice);
    let order = RunOrder { worked, ..order(graph, input) };
    runner::run(program, &order, recorded, context, &config, &Computing::new()).await
}

/// Runs a flow against an echoing service.
pub(super) async fn run(graph: &Value, input: Value) -> FakeContext {
    let context = FakeContext::default();
    let service = Service::echo(&context);
    resume(graph, input, Vec::new(), &context, &service).await.unwrap();
    context
}

pub(super) fn step(id: &str, operation: &str, settings: Value) -> Value {
    let kind = if matches!(operation, "webhook" | "manual" | "schedule") { "trigger" } else { "action" };
    let mut step = json!({"id": id, "kind": kind, "name": id, "piece": "core", "operation": operation});
    step["settings"] = settings;
    step
}

/// A step with more than settings.
pub(super) fn with(mut step: Value, more: Value) -> Value {
    for (name, value) in serde_json::from_value::<Map<String, Value>>(more).unwrap() {
        step[name] = value;
    }
    step
}

/// A flow from its steps and its edges, as `from port to`.
pub(super) fn flow(steps: &[Value], edges: &[&str]) -> Value {
    let edge = |text: &&str| {
        let parts: Vec<_> = text.split(' ').collect();
        json!({"from": parts[0], "port": parts[1], "to": parts[2]})
    };
    json!({"steps": steps, "edges": edges.iter().map(edge).collect::<Vec<_>>()})
}

/// A flow of steps in a row behind a webhook called `trigger`.
pub(super) fn row(steps: &[Value]) -> Value {
    let mut all = vec![step("trigger", "webhook", json!({}))];
    all.extend(steps.iter().cloned());
    let edges: Vec<_> = all
        .windows(2)
        .map(|pair| format!("{} next {}", pair[0]["id"].as_str().unwrap(), pair[1]["id"].as_str().unwrap()))
        .collect();
    flow(&all, &edges.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(super) fn id(text: &str) -> StepId {
    text.parse().unwrap()
}
