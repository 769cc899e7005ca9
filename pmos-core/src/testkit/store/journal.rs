//! The journals of runs.

use std::sync::Arc;

use super::Fixture;
use crate::{
    run::{RunState, RunStatus, StepRecord, StepStatus},
    store::{Closing, RunBatch, Store},
    testkit::fixture::{ended, raw, running},
};

fn seen(records: &[StepRecord]) -> Vec<String> {
    records.iter().map(|record| format!("{record:?}")).collect()
}

/// What a run wrote down comes back in its order, every field as it was.
pub async fn journal_records_come_back_in_order(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    let deep = vec![("outer".parse().unwrap(), 0), ("inner".parse().unwrap(), 4_999)];
    let records = vec![
        fx.step("trigger"),
        StepRecord { status: StepStatus::Running, input: None, output: None, duration_us: 0, ..fx.step("call") },
        StepRecord {
            within: deep,
            status: StepStatus::Failed,
            attempt: 3,
            output: Some(raw(r#"{ "z":1.0, "a":[1e400] }"#)),
            error: Some("Zeitüberschreitung 🦊".to_owned()),
            duration_us: 9_007_199_254_740_993,
            ..fx.step("call")
        },
        StepRecord { name: String::new(), error: Some(String::new()), ..fx.step("stop") },
    ];
    let expected = seen(&records);
    fx.append(&home, RunBatch { records, ..fx.batch(&run, 0, 0) }).await;
    let kept = fx.look(&home, async |unit| unit.runs().records(run.summary.id).await.unwrap()).await;
    assert_eq!(seen(&kept), expected);
}

/// A journal grows batch by batch.
pub async fn a_journal_grows_batch_by_batch(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    for (first, count) in [(0, 2), (2, 0), (2, 300), (302, 1)] {
        fx.append(&home, fx.batch(&run, first, count)).await;
    }
    let kept = fx.look(&home, async |unit| unit.runs().records(run.summary.id).await.unwrap()).await;
    let steps: Vec<_> = kept.iter().map(|record| record.name.clone()).collect();
    assert_eq!(steps, (0..303).map(|n| format!("step_{n}")).collect::<Vec<_>>());
}

/// The first batch may bring the run itself.
pub async fn the_first_batch_may_begin_the_run(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.run(&flow);
    fx.append(&home, RunBatch { begin: Some(run.clone()), ..fx.batch(&run, 0, 1) }).await;
    let kept = fx.look(&home, async |unit| unit.runs().get(run.summary.id).await.unwrap()).await.unwrap();
    assert_eq!((kept.summary.status, kept.summary.started_at), (RunStatus::Running, run.summary.started_at));
    assert_eq!(fx.look(&home, async |unit| unit.runs().records(run.summary.id).await.unwrap()).await.len(), 1);
}

/// A batch says how the run stands from then on, to the microsecond.
pub async fn a_batch_says_how_the_run_stands(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    let summary =
        async || fx.look(&home, async |unit| unit.runs().get(run.summary.id).await.unwrap()).await.unwrap().summary;
    fx.append(&home, fx.batch(&run, 0, 1)).await;
    assert_eq!((summary().await.status, summary().await.finished_at), (RunStatus::Running, None));
    let waiting = RunState { status: RunStatus::Waiting, ..running() };
    fx.append(&home, RunBatch { state: waiting, ..fx.batch(&run, 1, 0) }).await;
    assert_eq!(summary().await.status, RunStatus::Waiting);
    let result = Some(raw(r#"{ "total": 12.0 }"#));
    let end = RunState { result, ..ended(&run, RunStatus::Succeeded, 1_234_567) };
    fx.append(&home, RunBatch { state: end.clone(), ..fx.batch(&run, 1, 1) }).await;
    let kept = summary().await;
    assert_eq!((kept.status, kept.finished_at, kept.duration_ms), (end.status, end.finished_at, Some(1_234.567)));
    assert_eq!((kept.error, kept.result.unwrap().get()), (None, r#"{ "total": 12.0 }"#));
}

/// The events of a batch are numbered in the log of the workspace, together with those of acts.
pub async fn the_events_of_a_batch_stand_in_the_workspace_log(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    fx.emit(&home, vec![fx.event("act")]).await;
    let batch = RunBatch { events: vec![fx.event("run.started"), fx.event("run.step")], ..fx.batch(&run, 0, 1) };
    let numbered = fx.append(&home, batch).await;
    assert_eq!(
        numbered.iter().map(|event| (event.seq, &*event.kind)).collect::<Vec<_>>(),
        [(2, "run.started"), (3, "run.step")]
    );
    assert!(fx.append(&home, fx.batch(&run, 1, 1)).await.is_empty());
    let log = fx.look(&home, async |unit| unit.events().after(1, 10).await.unwrap()).await;
    assert_eq!(format!("{log:?}"), format!("{numbered:?}"));
}

/// A place in a journal is written once: a second owner of a run cannot write over what the first one wrote, and
/// nothing else of its batch is true.
pub async fn a_place_in_a_journal_is_written_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    fx.append(&home, fx.batch(&run, 0, 2)).await;
    let late = RunBatch {
        state: ended(&run, RunStatus::Failed, 5),
        records: vec![fx.step("usurper")],
        events: vec![fx.event("run.failed")],
        ..fx.batch(&run, 1, 0)
    };
    assert!(fx.store.journal().append(&home.scope, late).await.is_err());
    let mut unit = fx.read(&home).await;
    let names: Vec<_> =
        unit.runs().records(run.summary.id).await.unwrap().into_iter().map(|record| record.name).collect();
    assert_eq!(names, ["step_0", "step_1"]);
    assert_eq!(unit.runs().get(run.summary.id).await.unwrap().unwrap().summary.status, RunStatus::Running);
    assert_eq!(unit.events().head().await.unwrap(), 0);
    drop(unit);
    fx.append(&home, fx.batch(&run, 2, 1)).await;
}

/// A refused batch does not take those along that are written at the same time.
pub async fn a_refused_batch_spoils_no_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let unknown = fx.run(&fx.flow("Nowhere"));
    let appends = (0..24).map(|n| {
        let (fx, run) = (fx.clone(), if n % 3 == 0 { unknown.clone() } else { fx.run(&flow) });
        tokio::spawn(async move {
            let begin = (n % 3 != 0).then(|| run.clone());
            fx.store.journal().append(&home.scope, RunBatch { begin, ..fx.batch(&run, 0, 1) }).await.is_ok()
        })
    });
    let done = futures::future::try_join_all(appends).await.unwrap();
    assert_eq!(done.into_iter().filter(|done| *done).count(), 16);
    let ever = crate::Timestamp::from_micros(0);
    assert_eq!(fx.look(&home, async |unit| unit.runs().count_since(ever).await.unwrap()).await, 16);
}

/// Many runs write at the same time, each into its own journal.
pub async fn many_runs_write_at_the_same_time(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let (flow, others) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&other, "Orders").await);
    let runs = (0..20).map(|n| {
        let (fx, home, flow) =
            (fx.clone(), if n % 2 == 0 { home } else { other }, if n % 2 == 0 { &flow } else { &others });
        let run = fx.run(flow);
        tokio::spawn(async move {
            fx.append(&home, RunBatch { begin: Some(run.clone()), ..fx.batch(&run, 0, 2) }).await;
            for first in [2, 4, 6] {
                fx.append(&home, fx.batch(&run, first, 2)).await;
            }
            (home, run.summary.id)
        })
    });
    for (home, run) in futures::future::try_join_all(runs).await.unwrap() {
        let records = fx.look(&home, async |unit| unit.runs().records(run).await.unwrap()).await;
        let names: Vec<_> = records.into_iter().map(|record| record.name).collect();
        assert_eq!(names, (0..8).map(|n| format!("step_{n}")).collect::<Vec<_>>());
    }
}

/// A large record is kept whole.
pub async fn a_record_of_200_kib_is_kept_whole(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    let large = serde_json::value::to_raw_value(&"\"ü🦊\\".repeat(200 * 1_024 / 8)).unwrap();
    let records = vec![StepRecord { output: Some(large.clone()), ..fx.step("call") }];
    fx.append(&home, RunBatch { records, ..fx.batch(&run, 0, 0) }).await;
    let kept = fx.look(&home, async |unit| unit.runs().records(run.summary.id).await.unwrap()).await;
    assert!(kept[0].output.as_ref().unwrap().get() == large.get());
}

/// What an act begins, its run can write down as soon as the act is committed.
pub async fn a_run_begun_by_an_act_goes_on_in_its_journal(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.run(&flow);
    let mut unit = fx.write(&home).await;
    unit.runs().insert(&run).await.unwrap();
    unit.commit(Closing { events: vec![fx.event("run.queued")], ..Closing::default() }).await.unwrap();
    let batch = RunBatch { events: vec![fx.event("run.started")], ..fx.batch(&run, 0, 1) };
    assert_eq!(fx.append(&home, batch).await[0].seq, 2);
}
