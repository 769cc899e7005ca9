//! Steps of runs while they are at work: one by one, of that run alone, and never at the cost of its start.

use std::time::{Duration, Instant};

use futures::StreamExt;
use pmos_core::{
    engine::{Begun, FlowHost, LiveSteps, RemoteStart, Tenancy},
    run::{StepRecord, StepStatus},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    double::{Double, Socket, Traps},
    kept::calm,
    world::{World, echo, new_run, unique, waiting},
};

const PUSH: &str = "GET /rest/push";

struct Scene {
    double: Double,
    world: World,
    tenancy: Tenancy,
}

impl Scene {
    async fn with(socket: Socket) -> Self {
        let double = Double::start();
        let world = World::of(double.server.clone(), calm());
        let tenancy = world.workspace().await;
        double.set(Traps { socket, ..Traps::default() });
        Self { double, world, tenancy }
    }

    async fn begin(&self, workflow: &Value) -> Begun {
        let made = self.world.make(&self.tenancy, &unique(), workflow).await;
        let order = RemoteStart { run: new_run(), input: json!({"body": {"n": 7}}), draft: true };
        self.world.host.start(&self.tenancy, &made.id, &order).await.unwrap()
    }

    /// A run that waits at its second step.
    async fn waiting(&self) -> LiveSteps {
        self.begin(&waiting(&unique())).await.steps.expect("its steps are told")
    }
}

type Seen = (String, StepStatus, bool);

fn seen(record: &StepRecord) -> Seen {
    (record.name.clone(), record.status, record.output.is_some())
}

fn one(name: &str, status: StepStatus, gave: bool) -> Seen {
    (name.to_owned(), status, gave)
}

/// What is told until the second step is at work.
fn at_work() -> [Seen; 4] {
    [
        one("In", StepStatus::Running, false),
        one("In", StepStatus::Succeeded, false),
        one("In", StepStatus::Succeeded, true),
        one("Set", StepStatus::Running, false),
    ]
}

fn at_the_end() -> [Seen; 2] {
    [one("Set", StepStatus::Succeeded, false), one("Set", StepStatus::Succeeded, true)]
}

#[rstest]
#[case(Socket::Works)]
#[case(Socket::Garbles)]
#[case(Socket::Foreign)]
#[tokio::test]
async fn steps_are_told_one_by_one_while_the_run_is_at_work(#[case] socket: Socket) {
    let scene = Scene::with(socket).await;
    let mut steps = scene.waiting().await;
    let told: Vec<_> = steps.by_ref().take(4).collect().await;
    assert_eq!(told.iter().map(seen).collect::<Vec<_>>(), at_work());
    assert_eq!(told[3].input.as_ref().unwrap().get(), told[2].output.as_ref().unwrap().get());
    let ids: Vec<_> = told.iter().map(|record| record.step.as_str()).collect();
    assert_eq!((ids[0], ids[3]), ("8b7c0001-0000-4000-8000-000000000001", "8b7c0001-0000-4000-8000-000000000004"));

    scene.double.state().go_on();
    let told: Vec<_> = steps.collect().await;
    assert_eq!(told.iter().map(seen).collect::<Vec<_>>(), at_the_end(), "and nothing after the end of the run");
    assert!(scene.double.state().unlisted.is_empty());
}

#[tokio::test]
async fn a_push_that_is_too_large_is_passed_over() {
    let scene = Scene::with(Socket::Floods).await;
    let steps = tokio::spawn(scene.waiting().await.collect::<Vec<_>>());
    while scene.double.state().count(PUSH) < 2 {
        tokio::task::yield_now().await;
    }
    scene.double.state().go_on();
    let told: Vec<_> = steps.await.unwrap().iter().map(seen).collect();
    assert_eq!(told, [&at_work()[..3], &at_the_end()].concat());
}

#[rstest]
#[case(Socket::Refuses)]
#[case(Socket::Hangs)]
#[case(Socket::Breaks)]
#[tokio::test]
async fn a_socket_that_does_not_work_costs_nothing(#[case] socket: Socket) {
    let scene = Scene::with(socket).await;
    let begun = Instant::now();
    let first = scene.begin(&echo(&unique())).await;
    assert!(first.run.is_some());
    assert!(begun.elapsed() < calm().socket * 2, "it took {:?}", begun.elapsed());
    if let Some(steps) = first.steps {
        assert_eq!(steps.count().await, 0);
    }
    let begun = Instant::now();
    assert!(scene.begin(&echo(&unique())).await.run.is_some());
    assert!(begun.elapsed() < Duration::from_millis(900), "the second waits for it, too");
    assert_eq!(scene.double.state().executions(), 2, "each was started once");
}

#[tokio::test]
async fn a_session_that_is_dead_costs_the_steps_and_not_the_run() {
    let scene = Scene::with(Socket::Works).await;
    assert!(scene.begin(&echo(&unique())).await.steps.is_some(), "it is signed in");
    scene.double.state().traps.forgets_sessions = true;
    let begun = scene.begin(&echo(&unique())).await;
    assert!(begun.run.is_some());
    assert_eq!(begun.steps.unwrap().count().await, 0);
    assert!(scene.waiting().await.next().await.is_some(), "the next run tells them again");
}

#[tokio::test]
async fn a_run_that_is_not_started_as_by_the_editor_tells_its_steps_at_its_end() {
    let scene = Scene::with(Socket::Works).await;
    let made = scene.world.make(&scene.tenancy, "live", &echo(&unique())).await;
    scene.world.host.publish(&scene.tenancy, &made.id, true, None).await.unwrap();
    let order = RemoteStart { run: new_run(), input: json!({}), draft: false };
    let begun = scene.world.host.start(&scene.tenancy, &made.id, &order).await.unwrap();
    assert!(begun.run.is_some() && begun.steps.is_none());
    assert_eq!(scene.double.state().count(PUSH), 0, "there is a listener");
}
