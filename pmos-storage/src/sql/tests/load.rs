//! What must hold when many come at once and some go away in the middle.

use std::{sync::Arc, task::Poll};

use futures::future::{self, Either};
use pmos_core::{
    Role,
    audit::Verifier,
    run::RunStatus,
    store::{Closing, RunBatch, Store},
    testkit::{
        Fixture,
        fixture::{Home, ended, running},
    },
};

/// Lets a future run until it was asked to `polls` times, then drops it wherever it is.
async fn cut(polls: u32, work: impl Future<Output = ()>) -> bool {
    let mut left = polls;
    let patience = future::poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    let work = std::pin::pin!(work);
    matches!(future::select(work, patience).await, Either::Right(_))
}

/// Units that are dropped at any point, in the middle of a statement too, leave nothing behind and disturb nothing.
pub(super) async fn cut_units_leave_nothing_behind(store: Arc<dyn Store>, rounds: u32) {
    let fx = Fixture::new(store);
    let (cut_home, kept_home) = (fx.found("ada").await, fx.found("bob").await);
    let mut cuts = 0;
    for round in 0..rounds {
        let lost = async {
            let mut unit = fx.write(&cut_home).await;
            unit.flows().insert(&fx.flow("Lost")).await.unwrap();
            unit.members().set_role(cut_home.admin, Role::Viewer).await.unwrap();
            let mut page = Fixture::page(10, None, cut_home.workspace);
            page.limit = 1 + round % 3;
            unit.flows().list(&pmos_core::store::FlowFilter::default(), &page).await.unwrap();
            drop(unit);
        };
        let kept = fx.emit(&kept_home, vec![fx.event("flow.changed")]);
        let (was_cut, events) = future::join(cut(round % 40, lost), kept).await;
        cuts += u32::from(was_cut);
        assert_eq!(events[0].seq, u64::from(round) + 1);
    }
    assert!(cuts > rounds / 10, "only {cuts} of {rounds} units were cut");
    let left = fx.look(&cut_home, async |unit| unit.flows().count().await.unwrap()).await;
    let admin = fx.look(&cut_home, async |unit| unit.members().get(cut_home.admin).await.unwrap()).await;
    assert_eq!((left, admin.unwrap().role), (0, Role::WorkspaceAdmin));
    fx.store.ready().await.unwrap();
}

/// A read that is cut at any point, at its very beginning too, is in the way of no write that comes after it.
pub(super) async fn cut_reads_are_in_the_way_of_no_write(store: Arc<dyn Store>, rounds: u32) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let mut cuts = 0;
    for round in 0..rounds {
        let read = async {
            fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await;
        };
        cuts += u32::from(cut(round % 40, read).await);
        fx.emit(&home, vec![fx.event("flow.changed")]).await;
        fx.store.ready().await.unwrap();
    }
    assert!(cuts > rounds / 10, "only {cuts} of {rounds} reads were cut");
}

async fn run(fx: Fixture, home: Home, barriers: u32) {
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.run(&flow);
    for barrier in 0..barriers {
        let mut batch = RunBatch { events: vec![fx.event("run.step")], ..fx.batch(&run, barrier * 2, 2) };
        batch.begin = (barrier == 0).then(|| run.clone());
        if barrier + 1 == barriers {
            batch.state = ended(&run, RunStatus::Succeeded, 77);
        }
        let events = fx.append(&home, batch).await;
        assert_eq!(events.len(), 1);
    }
    let records = fx.look(&home, async |unit| unit.runs().records(run.summary.id).await.unwrap()).await;
    let steps: Vec<String> = records.iter().map(|record| record.step.to_string()).collect();
    let expected: Vec<String> = (0..barriers * 2).map(|n| format!("step_{n}")).collect();
    assert_eq!(steps, expected);
    let kept = fx.look(&home, async |unit| unit.runs().get(run.summary.id).await.unwrap()).await;
    assert_eq!(kept.unwrap().summary.status, RunStatus::Succeeded);
}

/// Journals of many runs, written together, stay in order, and the log of each workspace stays dense.
pub(super) async fn journals_of_32_runs_stay_in_order_and_the_log_dense(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let homes = [fx.found("ada").await, fx.found("bob").await];
    future::join_all((0..32).map(|n| run(fx.clone(), homes[n % 2], 10))).await;
    for home in &homes {
        let log = fx.look(home, async |unit| unit.events().after(0, 1_000).await.unwrap()).await;
        let numbers: Vec<u64> = log.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=160).collect::<Vec<_>>());
    }
}

/// A batch that cannot be written fails alone, whatever it was grouped with.
pub(super) async fn a_bad_batch_fails_alone(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let runs: Vec<_> = (0..16).map(|_| fx.run(&flow)).collect();
    let batches = runs.iter().enumerate().map(|(n, run)| {
        // Every fourth names a run that was not begun.
        let begin = (n % 4 != 0).then(|| run.clone());
        RunBatch { begin, events: vec![fx.event("run.started")], ..fx.batch(run, 0, 1) }
    });
    let appended = future::join_all(batches.map(|batch| fx.store.journal().append(&home.scope, batch))).await;
    for (n, outcome) in appended.iter().enumerate() {
        assert_eq!(outcome.is_ok(), n % 4 != 0, "{n}: {outcome:?}");
    }
    let mut numbers: Vec<u64> =
        appended.into_iter().flatten().flat_map(|appended| appended.events).map(|event| event.seq).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

/// Runs that are written down while what they belong to is deleted: nothing of their journals stays.
pub(super) async fn no_journal_outlives_its_run(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let mut written = 0;
    for round in 0..20 {
        let home = fx.found(&format!("ada{round}")).await;
        let flow = fx.add_flow(&home, "Orders").await;
        let runs: Vec<_> = (0..4).map(|_| fx.run(&flow)).collect();
        let workers = runs.iter().cloned().map(|run| {
            let fx = fx.clone();
            async move {
                for first in 0..10 {
                    let state = if first < 2 { running() } else { ended(&run, RunStatus::Succeeded, 5) };
                    let begin = (first == 0).then(|| run.clone());
                    let batch = RunBatch { begin, state, ..fx.batch(&run, first, 1) };
                    if fx.store.journal().append(&home.scope, batch).await.is_err() {
                        return first;
                    }
                }
                10
            }
        });
        let workers: Vec<_> = workers.map(tokio::spawn).collect();
        let cut = fx.tick();
        if round % 2 == 0 {
            assert!(fx.change(&home, async |unit| unit.workspace().delete().await.unwrap()).await);
        } else {
            fx.change(&home, async |unit| unit.runs().purge(cut, 100).await.unwrap()).await;
        }
        for worker in workers {
            written += worker.await.unwrap();
        }
        for run in runs {
            let id = run.summary.id;
            let mut unit = fx.read(&home).await;
            let kept = unit.runs().get(id).await.unwrap().is_some();
            assert!(
                kept || unit.runs().records(id).await.unwrap().is_empty(),
                "round {round}: a journal is left alone"
            );
        }
    }
    assert!(written > 0, "nothing was written before it was deleted");
}

/// Units that count under a lock, units that only number events, and journals of the same workspace all come through,
/// and the audit chain that they made together verifies.
pub(super) async fn a_busy_workspace_never_waits_in_a_circle(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let worker = |n: u32| {
        let (fx, flow) = (fx.clone(), flow.clone());
        async move {
            for _ in 0..5 {
                match n % 3 {
                    0 => {
                        let run = fx.run(&flow);
                        let events = vec![fx.event("run.started")];
                        fx.append(&home, RunBatch { begin: Some(run.clone()), events, ..fx.batch(&run, 0, 1) }).await;
                    }
                    kind => {
                        let mut unit = fx.write(&home).await;
                        if kind == 1 {
                            assert_eq!(unit.members().count(None).await.unwrap(), 1);
                        }
                        unit.flows().get(flow.id).await.unwrap().unwrap();
                        let closing = Closing {
                            events: vec![fx.event("flow.changed")],
                            audit: vec![fx.entry(&home, "flows.edit")],
                            answer: None,
                        };
                        unit.commit(closing).await.unwrap();
                    }
                }
            }
        }
    };
    for outcome in future::join_all((0..30).map(|n| tokio::spawn(worker(n)))).await {
        outcome.unwrap();
    }
    assert_eq!(fx.look(&home, async |unit| unit.events().head().await.unwrap()).await, 150);
    let mut unit = fx.read(&home).await;
    let mut verifier = Verifier::new(Some(home.workspace));
    for record in unit.audit().after(0, 1_000).await.unwrap() {
        verifier.next(&record).unwrap();
    }
    assert_eq!(verifier.finish(unit.audit().head().await.unwrap()).unwrap().seq, 100);
}
