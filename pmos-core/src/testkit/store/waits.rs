//! Runs that wait, change hands, and start each other; flows that start by themselves.

use std::{sync::Arc, time::Duration};

use super::{Fixture, Home};
use crate::{
    NodeId, RunId, Timestamp,
    run::{RunState, RunStatus},
    store::{FlowRow, Owner, RunBatch, RunRow, Store},
    testkit::fixture::ended,
};

async fn claim(fx: &Fixture, home: &Home, run: &RunRow, seen: Owner, node: NodeId) -> bool {
    fx.change(home, async |unit| unit.runs().claim(run.summary.id, seen, node).await.unwrap()).await
}

async fn row(fx: &Fixture, home: &Home, run: RunId) -> RunRow {
    fx.look(home, async |unit| unit.runs().get(run).await.unwrap()).await.unwrap()
}

async fn due(fx: &Fixture, now: Timestamp) -> Vec<RunId> {
    fx.store.directory().due_runs(now, 10).await.unwrap().into_iter().map(|(_, run)| run).collect()
}

/// A new run that a new process works on.
async fn at_work(fx: &Fixture, home: &Home, flow: &FlowRow) -> RunRow {
    let run = fx.add_run(home, flow).await;
    assert!(claim(fx, home, &run, run.owner, fx.id()).await);
    row(fx, home, run.summary.id).await
}

fn waiting(wake_at: Option<Timestamp>) -> RunState {
    RunState { wake_at, duration_us: Some(1_500), ..RunState::of(RunStatus::Waiting) }
}

async fn wait(fx: &Fixture, home: &Home, run: &RunRow, wake_at: Option<Timestamp>) {
    fx.append(home, RunBatch { state: waiting(wake_at), ..fx.batch(run, 0, 1) }).await;
}

/// A queued run is due at once, and no longer once it was taken over.
pub async fn a_queued_run_is_due_until_it_is_taken(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let (first, second) = (fx.add_run(&home, &flow).await, fx.add_run(&home, &flow).await);
    assert_eq!(due(&fx, fx.tick()).await, [first.summary.id, second.summary.id]);
    assert!(claim(&fx, &home, &first, first.owner, fx.id()).await);
    assert_eq!(due(&fx, fx.tick()).await, [second.summary.id]);
    assert_eq!(row(&fx, &home, first.summary.id).await.summary.status, RunStatus::Running);
}

/// Of many that see the same run one takes it.
pub async fn a_run_is_taken_by_one_of_many(store: Arc<dyn Store>) {
    let fx = Arc::new(Fixture::new(store));
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    let mut taken = 0;
    for outcome in futures::future::join_all((0..8).map(|_| claim(&fx, &home, &run, run.owner, fx.id()))).await {
        taken += u32::from(outcome);
    }
    assert_eq!((taken, row(&fx, &home, run.summary.id).await.owner.epoch), (1, 1));
}

/// A process that lost a run cannot write to it any more, and what it meant to write is not there.
pub async fn who_lost_a_run_cannot_write_to_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let lost = at_work(&fx, &home, &flow).await;
    fx.append(&home, fx.batch(&lost, 0, 1)).await;
    assert!(claim(&fx, &home, &lost, lost.owner, fx.id()).await);
    let late = fx.store.journal().append(&home.scope, fx.batch(&lost, 1, 1)).await;
    assert!(late.is_err());
    let now = row(&fx, &home, lost.summary.id).await;
    fx.append(&home, fx.batch(&now, 1, 2)).await;
    let records = fx.look(&home, async |unit| unit.runs().records(now.summary.id).await.unwrap()).await;
    assert_eq!(records.len(), 3);
}

/// The same holds for a run that was ended as it stood.
pub async fn who_works_on_a_run_that_was_ended_cannot_write_to_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = at_work(&fx, &home, &flow).await;
    let (end, now) = (ended(&run, RunStatus::Cancelled, 5), fx.tick());
    assert!(fx.change(&home, async |unit| unit.runs().settle(run.summary.id, &end, now).await.unwrap()).await);
    assert!(fx.store.journal().append(&home.scope, fx.batch(&run, 0, 1)).await.is_err());
    assert_eq!(row(&fx, &home, run.summary.id).await.summary.status, RunStatus::Cancelled);
}

/// A run that waits has no owner, and is due at its time.
pub async fn a_run_that_waits_is_due_at_its_time(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = at_work(&fx, &home, &flow).await;
    let wake_at = fx.tick().plus(Duration::from_hours(1));
    wait(&fx, &home, &run, Some(wake_at)).await;
    let kept = row(&fx, &home, run.summary.id).await;
    assert_eq!((kept.summary.status, kept.summary.wake_at), (RunStatus::Waiting, Some(wake_at)));
    assert_eq!((kept.owner, kept.summary.duration_ms), (Owner { node: None, epoch: 1 }, Some(1.5)));
    assert_eq!(due(&fx, wake_at.minus(Duration::from_micros(1))).await, []);
    assert_eq!(due(&fx, wake_at).await, [run.summary.id]);
    assert!(claim(&fx, &home, &kept, kept.owner, fx.id()).await);
    assert_eq!(row(&fx, &home, run.summary.id).await.summary.wake_at, None);
    assert_eq!(due(&fx, wake_at).await, []);
}

/// A webhook's run may wait in its very first batch.
pub async fn a_run_may_wait_from_its_first_batch_on(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let owner = Owner { node: Some(fx.id()), epoch: 1 };
    let run = RunRow { owner, ..fx.run(&flow) };
    let wake_at = fx.tick();
    let batch = RunBatch { state: waiting(Some(wake_at)), ..fx.batch(&run, 0, 1) };
    fx.append(&home, RunBatch { begin: Some(run.clone()), ..batch }).await;
    assert_eq!(due(&fx, wake_at).await, [run.summary.id]);
    assert_eq!(row(&fx, &home, run.summary.id).await.owner, Owner { node: None, epoch: 1 });
}

/// A run that is asked to stop learns it with its next write; one that waits is due at once.
pub async fn a_run_that_is_asked_to_stop_learns_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let (run, idle) = (at_work(&fx, &home, &flow).await, at_work(&fx, &home, &flow).await);
    wait(&fx, &home, &idle, None).await;
    let append = async |first| fx.store.journal().append(&home.scope, fx.batch(&run, first, 1)).await.unwrap().cancel;
    assert!(!append(0).await);
    let now = fx.tick();
    for id in [run.summary.id, idle.summary.id] {
        assert!(fx.change(&home, async |unit| unit.runs().cancel(id, now).await.unwrap()).await);
    }
    assert!(append(1).await);
    assert_eq!(due(&fx, now).await, [idle.summary.id]);
    assert!(row(&fx, &home, idle.summary.id).await.cancel);
    let end = RunBatch { state: ended(&run, RunStatus::Cancelled, 5), ..fx.batch(&run, 2, 0) };
    fx.append(&home, end).await;
    assert!(!fx.change(&home, async |unit| unit.runs().cancel(run.summary.id, now).await.unwrap()).await);
}

/// A run and the runs of other automations that it starts are written in one commit.
pub async fn a_run_starts_others_in_the_same_commit(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let parent = at_work(&fx, &home, &flow).await;
    let child = child_of(&fx, &parent, &flow);
    let batch = RunBatch { children: vec![child.clone()], state: waiting(None), ..fx.batch(&parent, 0, 1) };
    fx.append(&home, batch).await;
    assert_eq!(due(&fx, fx.tick()).await, [child.summary.id]);
    let kept = row(&fx, &home, child.summary.id).await;
    assert_eq!((kept.summary.parent, kept.depth), (Some(parent.summary.id), 1));
    assert_eq!(kept.input.unwrap().get(), child.input.unwrap().get());
    let refused = RunBatch { children: vec![child_of(&fx, &parent, &fx.flow("Gone"))], ..fx.batch(&parent, 1, 1) };
    assert!(fx.store.journal().append(&home.scope, refused).await.is_err());
}

fn child_of(fx: &Fixture, parent: &RunRow, flow: &FlowRow) -> RunRow {
    let mut child = RunRow { depth: parent.depth + 1, ..fx.run(flow) };
    child.summary.parent = Some(parent.summary.id);
    child
}

async fn parent_and_child(fx: &Fixture, home: &Home) -> (RunRow, RunRow) {
    let flow = fx.add_flow(home, "Orders").await;
    let parent = at_work(fx, home, &flow).await;
    let child = child_of(fx, &parent, &flow);
    fx.append(home, RunBatch { children: vec![child.clone()], ..fx.batch(&parent, 0, 1) }).await;
    assert!(claim(fx, home, &child, child.owner, fx.id()).await);
    (parent, row(fx, home, child.summary.id).await)
}

/// The end of a run makes the one due that waits for it.
pub async fn the_end_of_a_run_wakes_the_one_that_started_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (parent, child) = parent_and_child(&fx, &home).await;
    fx.append(&home, RunBatch { state: waiting(None), ..fx.batch(&parent, 1, 1) }).await;
    assert_eq!(due(&fx, fx.tick()).await, []);
    let end = RunBatch { state: ended(&child, RunStatus::Failed, 5), ..fx.batch(&child, 0, 1) };
    fx.append(&home, end).await;
    assert_eq!(due(&fx, fx.tick()).await, [parent.summary.id]);
}

/// A signal that comes while a run is still at work is not lost: it is due as soon as it waits.
pub async fn a_signal_that_comes_early_is_kept(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (parent, child) = parent_and_child(&fx, &home).await;
    let end = RunBatch { state: ended(&child, RunStatus::Succeeded, 5), ..fx.batch(&child, 0, 1) };
    fx.append(&home, end).await;
    assert_eq!(due(&fx, fx.tick()).await, []);
    let later = fx.tick().plus(Duration::from_hours(1));
    fx.append(&home, RunBatch { state: waiting(Some(later)), ..fx.batch(&parent, 1, 1) }).await;
    assert_eq!(due(&fx, fx.tick()).await, [parent.summary.id]);
}

/// A run that ends takes those along that it started, however it ends.
pub async fn a_run_that_ends_stops_those_it_started(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (parent, child) = parent_and_child(&fx, &home).await;
    let end = RunBatch { has_children: true, state: ended(&parent, RunStatus::TimedOut, 5), ..fx.batch(&parent, 1, 1) };
    fx.append(&home, end).await;
    assert!(row(&fx, &home, child.summary.id).await.cancel);
    let (parent, child) = parent_and_child(&fx, &home).await;
    let (end, now) = (ended(&parent, RunStatus::Failed, 5), fx.tick());
    assert!(fx.change(&home, async |unit| unit.runs().settle(parent.summary.id, &end, now).await.unwrap()).await);
    assert!(row(&fx, &home, child.summary.id).await.cancel);
}

/// A flow that starts by itself is due at its slot, and each slot is taken once.
pub async fn a_slot_of_a_flow_is_taken_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = FlowRow { enabled: true, ..fx.flow("Report") };
    fx.change(&home, async |unit| unit.flows().insert(&flow).await.unwrap()).await;
    let (slot, next) = (fx.tick(), fx.tick());
    fx.change(&home, async |unit| unit.flows().plan(flow.id, Some(slot)).await.unwrap()).await;
    let due = async |now| fx.store.directory().due_flows(now, 10).await.unwrap();
    assert_eq!(due(slot.minus(Duration::from_micros(1))).await, []);
    assert_eq!(due(slot).await, [(home.workspace, flow.id)]);
    let take =
        async || fx.change(&home, async |unit| unit.flows().take_slot(flow.id, slot, Some(next)).await.unwrap()).await;
    assert!(take().await);
    assert!(!take().await);
    assert_eq!(fx.look(&home, async |unit| unit.flows().next_slot(flow.id).await.unwrap()).await, Some(next));
    assert_eq!(due(slot).await, []);
}

/// A flow that is turned off or deleted does not start, whatever was planned.
pub async fn a_flow_that_is_off_or_deleted_is_not_due(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (off, gone) = (fx.flow("Off"), FlowRow { enabled: true, ..fx.flow("Gone") });
    let slot = fx.tick();
    fx.change(&home, async |unit| {
        for flow in [&off, &gone] {
            unit.flows().insert(flow).await.unwrap();
            unit.flows().plan(flow.id, Some(slot)).await.unwrap();
        }
        assert!(unit.flows().delete(gone.id, slot).await.unwrap());
        assert!(!unit.flows().take_slot(off.id, slot, None).await.unwrap());
        assert!(!unit.flows().take_slot(gone.id, slot, None).await.unwrap());
    })
    .await;
    assert_eq!(fx.store.directory().due_flows(slot, 10).await.unwrap(), []);
}
