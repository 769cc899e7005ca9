//! The same promises, of the real server.
//!
//! It is started when it is installed (`scripts/n8n.sh install`), and installed when `PMOS_LIVE=1`. `PMOS_TEST_N8N` names
//! one that runs, in the form that `scripts/n8n.sh start` prints, or is `skip`.

use std::time::{Duration, Instant};

use futures::StreamExt;
use pmos_connectors::n8n::Limits;
use pmos_core::{
    engine::{Begun, FlowHost, RemoteStart, Tenancy},
    run::{StepRecord, StepRun, StepStatus, steps_of},
};
use serde_json::{Value, json};

use crate::{
    behaviours,
    server::Running,
    world::{World, looping, new_run, pausing, unique},
};

#[test]
fn the_real_n8n_keeps_every_promise() {
    let Some(running) = Running::find() else {
        eprintln!("SKIPPED: the real n8n; scripts/n8n.sh install installs it, and so does PMOS_LIVE=1");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let limits = Limits { settle: Duration::from_secs(10), ..Limits::default() };
        let world = World::of(running.server.clone(), limits);
        macro_rules! run {
            ($($name:ident)*) => {$({
                let begun = Instant::now();
                behaviours::$name(&world).await;
                assert!(world.alarm.is_silent(), "{:?}", world.alarm);
                eprintln!("{} ({} ms)", stringify!($name), begun.elapsed().as_millis());
            })*};
        }
        for_each_behaviour!(run);
        steps_are_told_while_the_run_is_at_work(&world).await;
    });
}

/// Seconds between two of them.
const PAUSE: u64 = 3;

async fn steps_are_told_while_the_run_is_at_work(world: &World) {
    let tenancy = world.workspace().await;
    let told = told(world, &tenancy, &pausing(&unique(), PAUSE)).await;
    let when = |name: &str, status| {
        let found = told.iter().find(|(_, record)| record.name == name && record.status == status);
        found.unwrap_or_else(|| panic!("{name} {status:?} is not told: {told:?}")).0
    };
    let pause = Duration::from_secs(PAUSE);
    assert!(when("In", StepStatus::Succeeded) < pause && when("Pause", StepStatus::Running) < pause);
    assert!(when("Last", StepStatus::Succeeded) >= pause);
    self::told(world, &tenancy, &looping(&unique())).await;
}

/// What is told of a run, and when; in the end it is what n8n keeps of it.
async fn told(world: &World, tenancy: &Tenancy, workflow: &Value) -> Vec<(Duration, StepRecord)> {
    let made = world.make(tenancy, &unique(), workflow).await;
    let order = RemoteStart { run: new_run(), input: json!({"body": {"list": [1, 2, 3]}}), draft: true };
    let begun = Instant::now();
    let Begun { run: Some(run), steps: Some(steps) } = world.host.start(tenancy, &made.id, &order).await.unwrap()
    else {
        panic!("its steps are not told");
    };
    eprintln!("started after {} ms", begun.elapsed().as_millis());
    let told = steps.map(|record| {
        let after = begun.elapsed();
        eprintln!("{} {:?} {:?} after {} ms", record.name, record.within, record.status, after.as_millis());
        (after, record)
    });
    let told: Vec<_> =
        tokio::time::timeout(Duration::from_secs(30), told.collect()).await.expect("it ends with the run");
    let details = async {
        loop {
            let details = world.host.run(tenancy, &run).await.unwrap().unwrap();
            // It may tell of the end before it has written it down.
            if details.run.status.is_final() {
                return details;
            }
        }
    };
    let details = tokio::time::timeout(Duration::from_secs(10), details).await.expect("it has ended");
    assert_eq!(shown(steps_of(told.iter().map(|(_, record)| record.clone()))), shown(details.steps));
    told
}

/// Without times, which n8n itself tells in different ways.
fn shown(steps: Vec<StepRun>) -> Value {
    let steps = steps.into_iter().map(|step| {
        let passes = step.iterations.into_iter().flatten().map(|pass| json!([pass.index, shown(pass.steps)]));
        json!([step.id, step.name, step.status, step.input, step.output, passes.collect::<Vec<_>>()])
    });
    steps.collect()
}
