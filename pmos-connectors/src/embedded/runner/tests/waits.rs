//! Waiting: for a time, before a further try, and for a run of another automation.

use std::time::Duration;

use pmos_core::{
    Timestamp,
    run::{ChildState, RunStatus, StepRecord, StepStatus},
};
use rstest::rstest;
use serde_json::{Value, json, value::to_raw_value};

use super::support::{Event, FakeContext, Reply, Service, flow, resume, row, step, with};

fn hour() -> Value {
    row(&[
        step("send", "http", json!({"method": "POST", "url": "https://api.test/a"})),
        step("wait", "delay", json!({"seconds": 3_600})),
        step("after", "respond", json!({"body": "late"})),
    ])
}

/// A run whose clock stands at so many seconds, taken up with what was recorded.
async fn at(seconds: u64, graph: &Value, recorded: Vec<StepRecord>) -> (FakeContext, Vec<StepRecord>) {
    let context = FakeContext::default();
    context.pass_time(Duration::from_secs(seconds));
    resume(graph, json!({}), recorded.clone(), &context, &Service::echo(&context)).await.unwrap();
    let all = recorded.into_iter().chain(context.journal.lock().clone()).collect();
    (context, all)
}

fn seconds(at: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(Duration::from_secs(at))
}

#[tokio::test]
async fn a_long_wait_gives_the_run_back_and_it_goes_on_at_its_time() {
    let (context, recorded) = at(0, &hour(), Vec::new()).await;
    assert_eq!((context.state().status, context.state().wake_at), (RunStatus::Waiting, Some(seconds(3_600))));
    assert_eq!((context.state().finished_at, context.record("wait").status), (None, StepStatus::Waiting));
    let (context, recorded) = at(3_600, &hour(), recorded).await;
    assert_eq!((context.ending().0, context.result()), (RunStatus::Succeeded, json!("late")));
    assert!(!context.log.events().iter().any(|event| matches!(event, Event::Sent(_))));
    assert_eq!(recorded.iter().filter(|record| record.step.as_str() == "wait").count(), 2);
    assert_eq!(context.record("wait").duration_us, 3_600_000_000);
}

#[tokio::test]
async fn a_run_that_is_woken_early_waits_on() {
    let (_, recorded) = at(0, &hour(), Vec::new()).await;
    let (context, recorded) = at(1_800, &hour(), recorded).await;
    assert_eq!((context.state().status, context.state().wake_at), (RunStatus::Waiting, Some(seconds(3_600))));
    assert_eq!(context.journal.lock().len(), 0);
    let (context, _) = at(3_601, &hour(), recorded).await;
    assert_eq!(context.ending().0, RunStatus::Succeeded);
}

#[tokio::test]
async fn a_caller_is_told_the_run_when_it_begins_to_wait() {
    let (context, _) = at(0, &hour(), Vec::new()).await;
    assert_eq!(context.answer().unwrap().0, 202);
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_is_spent_in_memory_and_the_caller_gets_the_answer() {
    let flow = row(&[step("wait", "delay", json!({"seconds": 4.5})), step("reply", "respond", json!({"body": 1}))]);
    let (context, _) = at(0, &flow, Vec::new()).await;
    assert_eq!((context.ending().0, context.answer()), (RunStatus::Succeeded, Some((200, json!(1)))));
}

#[tokio::test]
async fn a_wait_until_a_time_that_is_over_is_none() {
    let flow = row(&[step("wait", "delay", json!({"until": "1970-01-01T00:00:10Z"}))]);
    let (context, _) = at(20, &flow, Vec::new()).await;
    assert_eq!((context.ending().0, context.record("wait").status), (RunStatus::Succeeded, StepStatus::Succeeded));
}

#[rstest]
#[case::never(json!({"until": "{{ 'soon' }}"}), "must be a time as")]
#[case::a_hundred_years(json!({"until": "{{ '2070-01-01T00:00:00Z' }}"}), "more than 366 days away")]
#[case::negative(json!({"seconds": "{{ -1 }}"}), "from 0 to 31622400")]
#[tokio::test]
async fn a_wait_that_cannot_be_fails(#[case] settings: Value, #[case] why: &str) {
    let (context, _) = at(0, &row(&[step("wait", "delay", settings)]), Vec::new()).await;
    let (status, error) = context.ending();
    assert_eq!(status, RunStatus::Failed);
    assert!(error.contains(why), "{error}");
}

#[tokio::test]
async fn a_long_time_before_a_further_try_gives_the_run_back() {
    let send = step("send", "http", json!({"url": "https://api.test/x"}));
    let flow = row(&[with(send, json!({"retry": {"times": 1, "backoff_s": 600}}))]);
    let context = FakeContext::default();
    let busy = Service::new(&context, |_, _| Reply::Answer(503, Value::Null));
    resume(&flow, json!({}), Vec::new(), &context, &busy).await.unwrap();
    assert_eq!((context.state().status, context.state().wake_at), (RunStatus::Waiting, Some(seconds(600))));
    let recorded = context.journal.lock().clone();
    let (context, _) = at(600, &flow, recorded).await;
    assert_eq!((context.ending().0, context.record("send").attempt), (RunStatus::Succeeded, 2));
}

fn each(concurrency: u64) -> Value {
    flow(
        &[
            step("trigger", "webhook", json!({})),
            step("each", "loop", json!({"items": "{{ range(5) }}", "concurrency": concurrency})),
            step("wait", "delay", json!({"seconds": 60})),
            step("out", "set", json!({"values": {"n": "{{ item }}"}})),
            step("reply", "respond", json!({"body": "{{ steps.each.results }}"})),
        ],
        &["trigger next each", "each loop wait", "wait next out", "each next reply"],
    )
}

#[tokio::test]
async fn passes_that_wait_count_among_those_at_work() {
    for (concurrency, rounds) in [(1, 5), (2, 3), (5, 1)] {
        let (mut recorded, mut waits) = (Vec::new(), Vec::new());
        for round in 0.. {
            let (context, all) = at(round * 60, &each(concurrency), recorded).await;
            recorded = all;
            if context.state().status != RunStatus::Waiting {
                assert_eq!(context.result(), json!([{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]));
                break;
            }
            let new = context.journal.lock().iter().filter(|record| record.status == StepStatus::Waiting).count();
            waits.push(new as u64);
        }
        assert_eq!(waits.len(), rounds, "{concurrency}");
        assert!(waits.iter().all(|new| *new <= concurrency), "{waits:?}");
    }
}

#[tokio::test]
async fn the_time_limit_of_a_loop_counts_its_waits() {
    let mut flow = each(1);
    flow["steps"][1]["timeout_s"] = json!(90);
    let (_, recorded) = at(0, &flow, Vec::new()).await;
    let (context, recorded) = at(60, &flow, recorded).await;
    assert_eq!((context.state().status, context.state().wake_at), (RunStatus::Waiting, Some(seconds(90))));
    let (context, _) = at(90, &flow, recorded).await;
    assert_eq!(context.ending(), (RunStatus::Failed, "It took longer than 90 seconds.".to_owned()));
}

#[tokio::test]
async fn a_wait_has_a_time_limit_of_its_own() {
    let flow = row(&[with(step("wait", "delay", json!({"seconds": 600})), json!({"timeout_s": 60}))]);
    let (context, recorded) = at(0, &flow, Vec::new()).await;
    assert_eq!(context.state().wake_at, Some(seconds(60)));
    let (context, _) = at(60, &flow, recorded).await;
    assert_eq!(context.ending(), (RunStatus::Failed, "wait: It took longer than 60 seconds.".to_owned()));
}

#[tokio::test]
async fn a_run_that_waited_for_a_day_may_still_work_for_an_hour() {
    let flow = row(&[step("wait", "delay", json!({"seconds": 86_400})), step("a", "set", json!({"values": {}}))]);
    let (_, recorded) = at(0, &flow, Vec::new()).await;
    let (context, _) = at(86_400, &flow, recorded).await;
    assert_eq!((context.ending().0, context.state().duration_us), (RunStatus::Succeeded, Some(0)));
}

const OTHER: &str = "flow_00000000000000000000000000000009";

fn calling() -> Value {
    row(&[
        step("call", "subflow", json!({"flow": OTHER, "input": {"qty": "{{ trigger.qty }}"}})),
        step("reply", "respond", json!({"body": "{{ steps.call }}"})),
    ])
}

fn child(status: RunStatus, result: &Value, error: &str) -> ChildState {
    let error = Some(error.to_owned()).filter(|error| !error.is_empty());
    ChildState { status, error, result: Some(to_raw_value(result).unwrap()) }
}

async fn called(state: ChildState, recorded: Vec<StepRecord>) -> FakeContext {
    let context = FakeContext::default();
    *context.child.lock() = Some(state);
    resume(&calling(), json!({"qty": 4}), recorded, &context, &Service::echo(&context)).await.unwrap();
    context
}

#[tokio::test]
async fn another_automation_is_started_once_and_its_result_is_the_step_s() {
    let context = called(child(RunStatus::Running, &Value::Null, ""), Vec::new()).await;
    assert_eq!((context.state().status, context.state().wake_at), (RunStatus::Waiting, None));
    let started = context.started.lock().clone();
    assert_eq!((started.len(), &started[0].2), (1, &json!({"qty": 4})));
    let recorded = context.journal.lock().clone();
    let context = called(child(RunStatus::Succeeded, &json!({"total": 12}), ""), recorded).await;
    assert_eq!((context.ending().0, context.result()), (RunStatus::Succeeded, json!({"total": 12})));
    assert_eq!(context.started.lock().len(), 0);
}

#[tokio::test]
async fn another_automation_that_ends_soon_keeps_the_caller() {
    let context = called(child(RunStatus::Succeeded, &json!(7), ""), Vec::new()).await;
    assert_eq!(context.answer(), Some((200, json!(7))));
}

#[rstest]
#[case(RunStatus::Failed, "no stock", "call: The other automation did not succeed: no stock.")]
#[case(RunStatus::Cancelled, "", "call: The other automation did not succeed: it was stopped.")]
#[case(RunStatus::TimedOut, "", "call: The other automation did not succeed: it took longer than it may.")]
#[tokio::test]
async fn the_failure_of_the_other_automation_travels(
    #[case] status: RunStatus,
    #[case] error: &str,
    #[case] why: &str,
) {
    let context = called(child(status, &Value::Null, error), Vec::new()).await;
    assert_eq!(context.ending(), (RunStatus::Failed, why.to_owned()));
    let recorded = context.journal.lock().clone();
    let again = called(child(RunStatus::Succeeded, &json!(1), ""), recorded).await;
    assert_eq!((again.ending().1, again.started.lock().len()), (why.to_owned(), 0));
}

#[tokio::test]
async fn an_automation_that_is_not_there_cannot_be_called() {
    let flow = row(&[step("call", "subflow", json!({"flow": "flow_00000000000000000000000000000008"}))]);
    let (context, _) = at(0, &flow, Vec::new()).await;
    assert!(context.ending().1.starts_with("call: The other automation cannot be called:"), "{:?}", context.ending());
}
