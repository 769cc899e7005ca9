//! Runs, and what is counted over them.

use std::{sync::Arc, time::Duration};

use super::{Fixture, Home};
use crate::{
    Id, RunId, Timestamp,
    run::{RunStatus, RunSummary, TriggerKind},
    store::{ObjectKind, OwnedObject, RunBatch, RunFilter, RunRow, Store},
    testkit::fixture::{document, ended, raw},
};

/// Before anything that happens in a case.
const EVER: Timestamp = Timestamp::from_micros(0);

/// Documents are opaque to `Debug`, so the text stands beside it.
fn seen(run: &RunRow) -> (String, Option<String>) {
    (format!("{run:?}"), run.draft.as_ref().map(|draft| draft.text().to_owned()))
}

/// A run is kept as it was made, every field of it.
pub async fn a_run_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let by_hook = fx.run(&flow);
    let mut of_draft = RunRow {
        draft_revision: Some(7),
        draft: Some(document(r#"{ "steps": [1.0] }"#)),
        input: Some(raw(r#"{ "b":1.0, "a":"🦊" }"#)),
        ..fx.run(&flow)
    };
    of_draft.summary.version = None;
    of_draft.summary.trigger = TriggerKind::Manual;
    of_draft.summary.started_by = Some(home.admin.to_string());
    let bare = RunRow { input: None, ..fx.run(&flow) };
    let mut runs = vec![by_hook, of_draft, bare];
    for trigger in [TriggerKind::Schedule, TriggerKind::Subflow, TriggerKind::Retry] {
        let mut run = fx.run(&flow);
        run.summary.trigger = trigger;
        runs.push(run);
    }
    for run in runs {
        fx.change(&home, async |unit| unit.runs().insert(&run).await.unwrap()).await;
        let kept = fx.look(&home, async |unit| unit.runs().get(run.summary.id).await.unwrap()).await;
        assert_eq!(seen(&kept.unwrap()), seen(&run));
        assert!(fx.look(&home, async |unit| unit.runs().records(run.summary.id).await.unwrap()).await.is_empty());
    }
    assert!(fx.look(&home, async |unit| unit.runs().get(fx.id()).await.unwrap()).await.is_none());
}

/// The same run is not added twice, and none to a flow that is not there.
pub async fn a_run_is_added_once_to_a_flow_that_is_there(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    for refused in [run, fx.run(&fx.flow("Nowhere"))] {
        let mut unit = fx.write(&home).await;
        assert!(unit.runs().insert(&refused).await.is_err());
    }
    assert_eq!(fx.look(&home, async |unit| unit.runs().count_since(EVER).await.unwrap()).await, 1);
}

/// A run that is not being worked on is ended once; one that ended already stays as it ended.
pub async fn a_run_is_settled_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.add_run(&home, &flow).await;
    let settle =
        async |id, state| fx.change(&home, async |unit| unit.runs().settle(id, &state, EVER).await.unwrap()).await;
    let end = ended(&run, RunStatus::Cancelled, 1_500);
    assert!(settle(run.summary.id, end.clone()).await);
    assert!(!settle(run.summary.id, ended(&run, RunStatus::Failed, 9)).await);
    assert!(!settle(fx.id(), end.clone()).await);
    let kept = fx.look(&home, async |unit| unit.runs().get(run.summary.id).await.unwrap()).await.unwrap().summary;
    assert_eq!((kept.status, kept.finished_at, kept.duration_ms), (RunStatus::Cancelled, end.finished_at, Some(1.5)));
    assert_eq!((kept.error, kept.result.unwrap().get()), (None, end.result.unwrap().get()));
}

async fn absorb(fx: &Fixture, home: &Home, run: &RunSummary) -> bool {
    fx.change(home, async |unit| unit.runs().absorb(run).await.unwrap()).await
}

async fn kept(fx: &Fixture, home: &Home, run: &RunSummary) -> Option<String> {
    let kept = fx.look(home, async |unit| unit.runs().get(run.id).await.unwrap()).await;
    kept.map(|row| format!("{:?}", row.summary))
}

/// What a remote engine says of a run that took so many microseconds.
fn outcome(run: &RunSummary, status: RunStatus, took_us: u32) -> RunSummary {
    RunSummary {
        status,
        finished_at: Some(run.started_at.plus(Duration::from_micros(took_us.into()))),
        duration_ms: Some(f64::from(took_us) / 1_000.0),
        ..run.clone()
    }
}

/// A run of a remote engine is added, and brought up to date but for what it is known by.
pub async fn a_run_of_an_engine_outside_is_absorbed(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, other) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&home, "Other").await);
    let mut first = fx.run(&flow).summary;
    first.started_by = Some(home.admin.to_string());
    assert!(absorb(&fx, &home, &first).await);
    assert_eq!(kept(&fx, &home, &first).await, Some(format!("{first:?}")));
    let wanted = RunSummary {
        flow: other.id,
        engine: "another".to_owned(),
        version: Some(9),
        trigger: TriggerKind::Schedule,
        started_by: None,
        started_at: fx.tick(),
        error: Some("It said\u{0}no".to_owned()),
        result: Some(raw(r#"{"n":1.0}"#)),
        ..outcome(&first, RunStatus::Failed, 1_500)
    };
    assert!(absorb(&fx, &home, &wanted).await);
    let found = fx.look(&home, async |unit| unit.runs().get(first.id).await.unwrap()).await.unwrap().summary;
    assert!(found.error.as_ref().is_some_and(|error| error.starts_with("It said")));
    let RunSummary { flow, engine, started_by, .. } = first;
    let error = found.error.clone();
    assert_eq!(format!("{found:?}"), format!("{:?}", RunSummary { flow, engine, started_by, error, ..wanted }));
    assert_eq!(fx.look(&home, async |unit| unit.runs().durations(EVER, 10).await.unwrap()).await, [1_500]);
}

/// A run that ended may turn out to have ended otherwise, but never goes back to being unfinished.
pub async fn a_run_that_ended_is_not_unfinished_again(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let run = fx.run(&flow).summary;
    let failed = outcome(&run, RunStatus::Failed, 5);
    assert!(absorb(&fx, &home, &failed).await);
    for status in [RunStatus::Queued, RunStatus::Running, RunStatus::Waiting] {
        assert!(absorb(&fx, &home, &RunSummary { status, version: Some(9), ..run.clone() }).await);
        assert_eq!(kept(&fx, &home, &run).await, Some(format!("{failed:?}")));
    }
    let succeeded = outcome(&run, RunStatus::Succeeded, 7);
    assert!(absorb(&fx, &home, &succeeded).await);
    assert_eq!(kept(&fx, &home, &run).await, Some(format!("{succeeded:?}")));
}

/// A run whose flow is not there is not absorbed; that of a deleted flow still is.
pub async fn a_run_is_absorbed_into_a_flow_that_is_there(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let nowhere = fx.run(&fx.flow("Nowhere")).summary;
    assert!(!absorb(&fx, &home, &nowhere).await);
    assert_eq!(kept(&fx, &home, &nowhere).await, None);
    let flow = fx.add_flow(&home, "Orders").await;
    let at = fx.tick();
    fx.change(&home, async |unit| unit.flows().delete(flow.id, at).await.unwrap()).await;
    let late = fx.run(&flow).summary;
    assert!(absorb(&fx, &home, &late).await);
    assert_eq!(kept(&fx, &home, &late).await, Some(format!("{late:?}")));
}

/// The unfinished runs of a remote engine are listed, the oldest first, 200 at most; those of engines in this process
/// are not among them.
pub async fn unfinished_runs_of_an_engine_outside_are_listed(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let remote = || RunSummary { engine: "n8n".to_owned(), ..fx.run(&flow).summary };
    let mut runs: Vec<RunSummary> = (0..203).map(|_| remote()).collect();
    // It was heard of late.
    runs[202].started_at = EVER;
    let elsewhere = RunSummary { engine: "other".to_owned(), ..remote() };
    let inside = fx.add_run(&home, &flow).await.summary;
    fx.change(&home, async |unit| {
        for run in runs.iter().rev().chain([&elsewhere]) {
            assert!(unit.runs().absorb(run).await.unwrap());
        }
    })
    .await;
    let unfinished = async |engine| {
        let runs = fx.look(&home, async |unit| unit.runs().unfinished(engine).await.unwrap()).await;
        runs.into_iter().map(|run| run.id).collect::<Vec<RunId>>()
    };
    let mut ids: Vec<RunId> = runs.iter().map(|run| run.id).collect();
    ids.rotate_right(1);
    assert_eq!(unfinished("n8n").await, ids[..200]);
    assert!(absorb(&fx, &home, &outcome(&runs[202], RunStatus::Cancelled, 5)).await);
    assert!(absorb(&fx, &home, &RunSummary { status: RunStatus::Waiting, ..runs[0].clone() }).await);
    assert_eq!(unfinished("n8n").await, ids[1..201]);
    assert_eq!(unfinished("other").await, [elsewhere.id]);
    assert!(unfinished(&inside.engine).await.is_empty());
}

/// A run that is purged is forgotten as an object of its engine, and nothing else is.
pub async fn a_purged_run_is_no_object_of_its_engine(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let remote = || RunSummary { engine: "n8n".to_owned(), ..fx.run(&flow).summary };
    let (old, open) = (outcome(&remote(), RunStatus::Succeeded, 5), remote());
    let object = |kind, run: &RunSummary| OwnedObject { id: run.id.uuid(), ..fx.object(kind, &run.id.to_string()) };
    fx.add_tenancy(&home, "n8n").await;
    fx.change(&home, async |unit| {
        for run in [&old, &open] {
            assert!(unit.runs().absorb(run).await.unwrap());
            assert!(unit.engines().claim("n8n", &object(ObjectKind::Run, run)).await.unwrap());
        }
        assert!(unit.engines().claim("n8n", &object(ObjectKind::Flow, &old)).await.unwrap());
    })
    .await;
    let cut = fx.tick();
    assert_eq!(fx.change(&home, async |unit| unit.runs().purge(cut, 10).await.unwrap()).await, 1);
    let mut unit = fx.read(&home).await;
    let left = unit.engines().all_owned("n8n", ObjectKind::Run).await.unwrap();
    assert_eq!(left.iter().map(|object| object.id).collect::<Vec<_>>(), [open.id.uuid()]);
    assert_eq!(unit.engines().all_owned("n8n", ObjectKind::Flow).await.unwrap().len(), 1);
}

/// Runs are listed, the newest first, page by page.
pub async fn pages_of_runs_follow_on_each_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(fx.add_run(&home, &flow).await.summary);
    }
    made.reverse();
    let pages = Fixture::pages(2, home.workspace, async |page| {
        fx.look(&home, async |unit| unit.runs().list(&RunFilter::default(), page).await.unwrap()).await
    });
    let pages = pages.await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(format!("{:?}", pages.concat()), format!("{made:?}"));
}

/// Runs are found by flow, engine, status, time, and by a text in the error, the result or the name of the flow.
pub async fn runs_are_filtered(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, other) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&home, "Other").await);
    let good = fx.add_ended(&home, &flow, RunStatus::Succeeded, 5).await.summary;
    let bad = fx.add_ended(&home, &other, RunStatus::Failed, 5).await.summary;
    let open = fx.add_run(&home, &flow).await.summary;
    let list = async |filter: RunFilter| {
        let page = Fixture::page(10, None, home.workspace);
        let list = fx.look(&home, async |unit| unit.runs().list(&filter, &page).await.unwrap()).await;
        list.items.into_iter().map(|run| run.id).collect::<Vec<RunId>>()
    };
    let all = RunFilter::default;
    let text = |text: &str| RunFilter { text: Some(text.to_owned()), ..RunFilter::default() };
    assert_eq!(list(all()).await, [open.id, bad.id, good.id]);
    assert_eq!(list(RunFilter { flow: Some(flow.id), ..all() }).await, [open.id, good.id]);
    assert_eq!(list(RunFilter { status: Some(RunStatus::Queued), ..all() }).await, [open.id]);
    assert_eq!(list(text("ANSWERED 500")).await, [bad.id]);
    assert_eq!(list(text("\"total\":12")).await, [good.id]);
    assert_eq!(list(text("oTHER")).await, [bad.id]);
    assert_eq!(list(text("orders")).await, [open.id, good.id]);
    assert!(list(text("answered%500")).await.is_empty());
    assert_eq!(list(RunFilter { since: Some(bad.started_at), ..all() }).await, [open.id, bad.id]);
    assert_eq!(list(RunFilter { until: Some(bad.started_at), ..all() }).await, [good.id]);
    let between = RunFilter { since: Some(bad.started_at), until: Some(open.started_at), ..all() };
    assert_eq!(list(between).await, [bad.id]);
    assert!(list(RunFilter { flow: Some(flow.id), status: Some(RunStatus::Failed), ..all() }).await.is_empty());
    assert!(list(RunFilter { flow: Some(fx.id()), ..all() }).await.is_empty());
    let elsewhere = RunSummary { engine: "elsewhere".to_owned(), ..fx.run(&other).summary };
    assert!(absorb(&fx, &home, &elsewhere).await);
    let of = |engine: &str| RunFilter { engine: Some(engine.to_owned()), ..RunFilter::default() };
    assert_eq!(list(of("elsewhere")).await, [elsewhere.id]);
    assert_eq!(list(of(&flow.engine)).await, [open.id, bad.id, good.id]);
    assert_eq!(list(RunFilter { flow: Some(other.id), ..of("elsewhere") }).await, [elsewhere.id]);
    assert!(list(RunFilter { flow: Some(flow.id), ..of("elsewhere") }).await.is_empty());
    assert!(list(of("elsewher_")).await.is_empty());
}

/// Runs are counted from a point in time on, that point included.
pub async fn runs_are_counted_since(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    fx.add_run(&home, &flow).await;
    let second = fx.add_run(&home, &flow).await.summary.started_at;
    let count = async |since| fx.look(&home, async |unit| unit.runs().count_since(since).await.unwrap()).await;
    assert_eq!(count(EVER).await, 2);
    assert_eq!(count(second).await, 1);
    assert_eq!(count(second.plus(Duration::from_micros(1))).await, 0);
}

/// Runs are counted in spans that begin at whole multiples of their length, by status.
pub async fn runs_are_counted_in_spans(store: Arc<dyn Store>) {
    const HOUR: Duration = Duration::from_hours(1);
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let start = crate::testkit::TestClock::START;
    fx.add_ended(&home, &flow, RunStatus::Succeeded, 5).await;
    fx.add_ended(&home, &flow, RunStatus::Succeeded, 5).await;
    fx.add_ended(&home, &flow, RunStatus::Failed, 5).await;
    fx.clock.advance(2 * HOUR);
    fx.add_run(&home, &flow).await;
    let span_us = u64::try_from(HOUR.as_micros()).unwrap();
    let series = fx.look(&home, async |unit| unit.runs().series(start, span_us).await.unwrap()).await;
    assert!(series.is_sorted_by_key(|count| count.at));
    let mut counts: Vec<_> = series.iter().map(|count| (count.at, count.status.as_str(), count.count)).collect();
    counts.sort_unstable();
    assert_eq!(counts, [(start, "failed", 1), (start, "succeeded", 2), (start.plus(2 * HOUR), "queued", 1)]);
    let later = start.plus(3 * HOUR);
    assert!(fx.look(&home, async |unit| unit.runs().series(later, span_us).await.unwrap()).await.is_empty());
}

/// Durations come in order, of the newest finished runs alone.
pub async fn durations_are_those_of_the_newest_finished_runs(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    for took in [1, 900, 20, 7] {
        fx.add_ended(&home, &flow, RunStatus::Succeeded, took).await;
    }
    fx.add_run(&home, &flow).await;
    let durations = async |limit| fx.look(&home, async |unit| unit.runs().durations(EVER, limit).await.unwrap()).await;
    assert_eq!(durations(10).await, [1, 7, 20, 900]);
    assert_eq!(durations(3).await, [7, 20, 900]);
    let later = fx.tick();
    assert!(fx.look(&home, async |unit| unit.runs().durations(later, 10).await.unwrap()).await.is_empty());
}

/// The flows that failed most come first, each with its newest failure.
pub async fn the_flows_that_fail_most_come_first(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (once, often, never) =
        (fx.add_flow(&home, "Once").await, fx.add_flow(&home, "Often").await, fx.add_flow(&home, "Never").await);
    fx.add_ended(&home, &often, RunStatus::Failed, 5).await;
    fx.add_ended(&home, &once, RunStatus::Failed, 5).await;
    fx.add_ended(&home, &never, RunStatus::Succeeded, 5).await;
    let newest = fx.run(&often);
    let state = crate::run::RunState { error: Some("newest".to_owned()), ..ended(&newest, RunStatus::Failed, 77) };
    let at = state.finished_at.unwrap();
    let batch = RunBatch { begin: Some(newest.clone()), state, ..fx.batch(&newest, 0, 0) };
    fx.append(&home, batch).await;
    let failing = async |since, limit| {
        let found = fx.look(&home, async |unit| unit.runs().failing(since, limit).await.unwrap()).await;
        found.into_iter().map(|flow| (flow.flow, flow.failures, flow.last_error, flow.last_at)).collect::<Vec<_>>()
    };
    let found = failing(EVER, 10).await;
    assert_eq!(found[0], (often.id, 2, Some("newest".to_owned()), at));
    assert_eq!((found.len(), found[1].0, found[1].1), (2, once.id, 1));
    assert_eq!(failing(EVER, 1).await.len(), 1);
    let lately = failing(newest.summary.started_at, 10).await;
    assert_eq!(lately.iter().map(|flow| (flow.0, flow.1)).collect::<Vec<_>>(), [(often.id, 1)]);
}

/// A flow that runs well again is not among those that fail, until it fails anew. A run under way or cancelled says nothing.
pub async fn a_flow_that_succeeded_later_does_not_fail_any_more(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, other) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&home, "Bills").await);
    let failing = async || {
        let found = fx.look(&home, async |unit| unit.runs().failing(EVER, 10).await.unwrap()).await;
        found.into_iter().map(|failing| (failing.flow, failing.failures)).collect::<Vec<_>>()
    };
    fx.add_ended(&home, &flow, RunStatus::Succeeded, 5).await;
    fx.add_ended(&home, &flow, RunStatus::Failed, 5).await;
    fx.add_ended(&home, &flow, RunStatus::Cancelled, 5).await;
    fx.add_run(&home, &flow).await;
    fx.add_ended(&home, &other, RunStatus::Succeeded, 5).await;
    assert_eq!(failing().await, [(flow.id, 1)]);
    fx.add_ended(&home, &flow, RunStatus::Succeeded, 5).await;
    assert_eq!(failing().await, []);
    fx.add_ended(&home, &flow, RunStatus::Failed, 5).await;
    assert_eq!(failing().await, [(flow.id, 2)]);
}

/// Old runs go with their journals, a few at a time; what is not finished stays however old it is.
pub async fn old_runs_are_purged_with_their_journals(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let open = fx.add_run(&home, &flow).await;
    let mut old = Vec::new();
    for _ in 0..3 {
        let run = fx.run(&flow);
        let batch = RunBatch { state: ended(&run, RunStatus::Succeeded, 5), ..fx.batch(&run, 0, 2) };
        fx.append(&home, RunBatch { begin: Some(run.clone()), ..batch }).await;
        old.push(run.summary.id);
    }
    let fresh = fx.add_ended(&home, &flow, RunStatus::Succeeded, 5).await;
    let cut = fresh.summary.started_at.plus(Duration::from_micros(5));
    let purge = async |limit| fx.change(&home, async |unit| unit.runs().purge(cut, limit).await.unwrap()).await;
    assert_eq!((purge(2).await, purge(10).await, purge(10).await), (2, 1, 0));
    let mut unit = fx.read(&home).await;
    for id in old {
        assert!(unit.runs().get(id).await.unwrap().is_none());
        assert!(unit.runs().records(id).await.unwrap().is_empty());
    }
    assert!(unit.runs().get(open.summary.id).await.unwrap().is_some());
    assert!(unit.runs().get(fresh.summary.id).await.unwrap().is_some());
}
