//! One process after the other that works on the same run.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    Flow, Kind, Make, Service,
    world::{BEGIN, CANARY, Fate, Inner, World, places},
};
use crate::{
    FlowId, Id, Result, RunId, WorkspaceId,
    flow::{Document, FlowEngine, Host},
    run::{Edition, RunOrder, RunStatus, StepRecord, StepStatus, TriggerKind},
};

/// No run of the suite takes this long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A run of a flow, in one process after the other.
pub(super) struct Trial<'a> {
    make: Make<'a>,
    flow: Flow,
    world: Arc<World>,
}

/// How a process ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// It was killed.
    Died,
    /// The engine returned.
    Returned(Result<()>),
}

impl<'a> Trial<'a> {
    pub(super) fn new(make: Make<'a>, flow: &Flow) -> Self {
        Self { make, flow: flow.clone(), world: Arc::default() }
    }

    /// What is on disk, and what the last process did.
    pub(super) fn look(&self) -> Inner {
        self.world.look()
    }

    pub(super) fn cancel(&self) {
        self.world.cancel();
    }

    /// Runs it in a new process.
    pub(super) async fn process(&self, fate: Fate) -> Ended {
        let subject = (self.make)(Service(Arc::clone(&self.world)));
        let document = subject.engine.lens().create(&self.flow.graph);
        let document = document.unwrap_or_else(|error| panic!("a flow of the suite is refused: {error}"));
        self.process_with(&*subject.engine, document, fate).await
    }

    /// The same with a document of any kind.
    pub(super) async fn process_with(&self, engine: &dyn FlowEngine, document: Document, fate: Fate) -> Ended {
        let Host::Embedded(runner) = engine.host() else { panic!("{engine} runs no flows inside this process") };
        self.world.begin(fate);
        let recorded = self.look().disk;
        let received = recorded.first().and_then(|trigger| trigger.output.as_ref());
        let input = received.map_or(Ok(self.flow.input.clone()), |text| serde_json::from_str(text.get()));
        let order = RunOrder {
            workspace: WorkspaceId::from_uuid(uuid::Uuid::from_u128(1)),
            run: RunId::from_uuid(uuid::Uuid::from_u128(2)),
            flow: FlowId::from_uuid(uuid::Uuid::from_u128(3)),
            edition: Edition::Version(1),
            document,
            trigger: TriggerKind::Webhook,
            input: input.unwrap_or_else(|error| panic!("the output of the trigger's record cannot be read: {error}")),
            worked: Duration::ZERO,
        };
        let run = async {
            tokio::select! {
                biased;
                () = self.world.death() => Ended::Died,
                ended = runner.run(order, recorded, &*self.world) => Ended::Returned(ended),
            }
        };
        let ended = tokio::time::timeout(PATIENCE, run).await.unwrap_or_else(|_| panic!("the run does not end"));
        let faults = self.look().faults;
        assert!(faults.is_empty(), "{}", faults.join("; "));
        ended
    }

    /// Runs it until it calls, and stops it there.
    pub(super) async fn process_stopped_in_a_call(&self) -> Ended {
        let stop = async {
            self.world.call().await;
            self.cancel();
        };
        let hangs = Fate { hangs: true, ..Fate::default() };
        tokio::join!(self.process(hangs), stop).0
    }

    /// Runs it in a new process to its end.
    pub(super) async fn to_its_end(&self) -> Story {
        match self.process(Fate::default()).await {
            Ended::Returned(Ok(())) => {}
            Ended::Returned(Err(error)) => panic!("the run broke off, and every write was taken: {error}"),
            Ended::Died => unreachable!("nothing kills it"),
        }
        self.check_records();
        Story::of(&self.look())
    }

    /// What holds of everything that was written, at whatever moment.
    fn check_records(&self) {
        let Inner { disk, state, answers, .. } = self.look();
        let all = format!("{disk:?} {state:?} {answers:?}");
        assert!(!all.contains(CANARY), "a credential is on record");
        let now = BEGIN..BEGIN + 1_000_000_000;
        let times = disk.iter().map(|record| record.started_at);
        let times = times.chain(state.as_ref().and_then(|state| state.finished_at));
        assert!(times.into_iter().all(|at| now.contains(&at.micros())), "a time does not come from the context");
        let ends = |record: &StepRecord| has_ended(record.status);
        for (at, record) in disk.iter().enumerate().filter(|(_, record)| ends(record)) {
            let again = disk[at + 1..].iter().find(|other| {
                other.step == record.step && other.within == record.within && other.attempt == record.attempt
            });
            assert!(again.is_none(), "{:?} is recorded again after its end: {again:?}", record.step);
        }
    }
}

/// How a run ended, to be compared with another.
#[derive(Debug, PartialEq)]
pub(super) struct Story {
    pub(super) status: Option<RunStatus>,
    pub(super) result: Value,
    /// How each step ended, and what it gave.
    pub(super) steps: BTreeMap<String, (StepStatus, Value)>,
}

impl Story {
    fn of(inner: &Inner) -> Self {
        let parsed = |text: &Option<Box<serde_json::value::RawValue>>| {
            text.as_ref().map_or(Value::Null, |text| serde_json::from_str(text.get()).unwrap_or_default())
        };
        let state = inner.state.as_ref();
        let step = |record: &StepRecord| (place(record), (record.status, parsed(&record.output)));
        Self {
            status: state.map(|state| state.status),
            result: state.map_or(Value::Null, |state| parsed(&state.result)),
            steps: places(&inner.disk).map(step).collect(),
        }
    }
}

/// Where in a run a step stands.
pub(super) fn place(record: &StepRecord) -> String {
    let passes = record.within.iter().map(|(step, pass)| format!("{step}[{pass}]"));
    passes.chain([record.step.to_string()]).collect::<Vec<_>>().join("/")
}

pub(super) fn has_ended(status: StepStatus) -> bool {
    !matches!(status, StepStatus::Queued | StepStatus::Running | StepStatus::Waiting)
}

/// The flows of a kind; at least one, where the rule is about them.
pub(super) fn flows(make: Make<'_>, kinds: &[Kind]) -> Vec<Flow> {
    let subject = make(Service(Arc::default()));
    assert!(!subject.flows.is_empty(), "give the suite flows: once, repeatable or failing");
    subject.flows.into_iter().filter(|flow| kinds.contains(&flow.kind)).collect()
}
