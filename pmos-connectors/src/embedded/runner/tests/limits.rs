//! Time, cancellation and how much of it.

use std::time::Duration;

use futures::FutureExt;
use pmos_core::run::{RunStatus, StepStatus};
use serde_json::json;

use super::support::{Event, FakeContext, Reply, Service, flow, resume, resume_after, row, step, with};

const HANGING: &str = "https://api.test/x";

#[tokio::test]
async fn a_call_at_work_is_cut_off_when_the_run_is_stopped() {
    let context = FakeContext::default();
    let service = Service::new(&context, |_, _| Reply::Never);
    let flow = row(&[
        step("send", "http", json!({"method": "POST", "url": HANGING})),
        step("after", "set", json!({"values": {}})),
    ]);
    let mut run = Box::pin(resume(&flow, json!({}), Vec::new(), &context, &service));
    while service.counts().is_empty() {
        assert!((&mut run).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    context.cancel();
    run.await.unwrap();
    assert_eq!((context.ending().0, context.record("send").status), (RunStatus::Cancelled, StepStatus::Cancelled));
    assert!(context.journal.lock().iter().all(|record| record.step.as_str() != "after"));
}

#[tokio::test(start_paused = true)]
async fn a_wait_before_a_further_try_ends_when_the_run_is_stopped() {
    let context = FakeContext::default();
    let service = Service::new(&context, |_, _| Reply::Answer(500, json!(null)));
    let flow =
        row(&[with(step("send", "http", json!({"url": HANGING})), json!({"retry": {"times": 1, "backoff_s": 5}}))]);
    let run = resume(&flow, json!({}), Vec::new(), &context, &service);
    let stop = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        context.cancel();
    };
    let (ended, ()) = tokio::join!(run, stop);
    ended.unwrap();
    assert_eq!((context.ending().0, service.counts()["/x"]), (RunStatus::Cancelled, 1));
}

#[tokio::test]
async fn a_run_that_is_stopped_begins_no_further_step() {
    let context = FakeContext::default();
    context.cancel();
    let service = Service::echo(&context);
    resume(&row(&[step("a", "set", json!({"values": {}}))]), json!({}), Vec::new(), &context, &service).await.unwrap();
    assert_eq!((context.ending().0, context.journal.lock().len()), (RunStatus::Cancelled, 1));
}

#[tokio::test]
async fn a_run_ends_when_it_was_at_work_for_too_long_the_time_before_its_waits_included() {
    let context = FakeContext::default();
    let service = Service::echo(&context);
    let flow = row(&[step("a", "set", json!({"values": {}}))]);
    let worked = Duration::from_secs(3_601);
    resume_after(worked, &flow, json!({}), Vec::new(), &context, &service).await.unwrap();
    assert_eq!(context.ending(), (RunStatus::TimedOut, "The run took longer than it may.".to_owned()));
    assert_eq!(context.state().duration_us, Some(3_601_000_000));
}

#[tokio::test]
async fn a_loop_that_takes_longer_than_it_may_fails_and_the_flow_may_go_on() {
    let each = step("each", "loop", json!({"items": "{{ range(100) }}"}));
    let flow = flow(
        &[
            step("trigger", "webhook", json!({})),
            with(each, json!({"timeout_s": 10, "on_error": "continue"})),
            step("inner", "set", json!({"values": {}})),
            step("after", "respond", json!({"body": "{{ steps.each.error }}"})),
        ],
        &["trigger next each", "each loop inner", "each next after"],
    );
    // Every look at the clock takes a second.
    let context = FakeContext::ticking(Duration::from_secs(1));
    let service = Service::echo(&context);
    resume(&flow, json!({}), Vec::new(), &context, &service).await.unwrap();
    assert_eq!(
        (context.ending().0, context.result()),
        (RunStatus::Succeeded, json!("It took longer than 10 seconds."))
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_computed_during_a_long_call_is_on_disk_before_its_answer() {
    let context = FakeContext::default();
    let service =
        Service::new(&context, |path, _| if path == "/1" { Reply::Never } else { Reply::Answer(200, json!(null)) });
    let each = step("each", "loop", json!({"items": [0, 1], "concurrency": 2}));
    let call = step("send", "http", json!({"method": "POST", "url": "https://api.test/{{ item }}"}));
    let flow = flow(&[step("trigger", "webhook", json!({})), each, call], &["trigger next each", "each loop send"]);
    let run = resume(&flow, json!({}), Vec::new(), &context, &service);
    let look = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let written = context.log.events().iter().any(|event| {
            matches!(event, Event::Commit(records, RunStatus::Running) if records.contains(&"each[0]/send:succeeded".to_owned()))
        });
        context.cancel();
        written
    };
    let (ended, written) = tokio::join!(run, look);
    ended.unwrap();
    assert!(written);
}

#[tokio::test]
async fn results_that_are_too_large_together_are_kept_by_their_size_and_the_loop_goes_on() {
    let context = FakeContext::default();
    let service = Service::new(&context, |_, _| Reply::Answer(200, json!("x".repeat(1_500_000))));
    let each = step("each", "loop", json!({"items": [0, 1, 2, 3]}));
    let call = step("send", "http", json!({"method": "POST", "url": "https://api.test/{{ item }}"}));
    let flow = flow(
        &[
            step("trigger", "webhook", json!({})),
            each,
            call,
            step(
                "reply",
                "respond",
                json!({"body": "{{ steps.each.results | map(attribute='truncated', default=false) }}"}),
            ),
        ],
        &["trigger next each", "each loop send", "each next reply"],
    );
    resume(&flow, json!({}), Vec::new(), &context, &service).await.unwrap();
    assert_eq!(
        (context.ending(), context.result()),
        ((RunStatus::Succeeded, String::new()), json!([false, false, true, true]))
    );
}

/// The deepest flow that compiles runs on a thread of usual size, also without optimisation.
#[tokio::test]
async fn branches_may_stand_thirty_two_deep_inside_each_other() {
    let deep = |levels: usize| {
        let branch = |n| step(&format!("b{n}"), "branch", json!({"branches": [{"when": "{{ true }}"}]}));
        let mut steps: Vec<_> =
            std::iter::once(step("trigger", "manual", json!({}))).chain((0..levels).map(branch)).collect();
        steps.push(step("inner", "respond", json!({"body": "deep"})));
        let mut edges = vec!["trigger next b0".to_owned()];
        edges.extend((1..levels).map(|n| format!("b{} branch:0 b{n}", n - 1)));
        edges.push(format!("b{} branch:0 inner", levels - 1));
        flow(&steps, &edges.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (context, too_deep) = (FakeContext::default(), FakeContext::default());
    resume(&deep(32), json!({}), Vec::new(), &context, &Service::echo(&context)).await.unwrap();
    assert_eq!((context.ending().0, context.result()), (RunStatus::Succeeded, json!("deep")));
    resume(&deep(34), json!({}), Vec::new(), &too_deep, &Service::echo(&too_deep)).await.unwrap();
    assert!(too_deep.ending().1.contains("stands inside more than 32"), "{:?}", too_deep.ending());
}

#[tokio::test]
async fn a_run_may_take_so_many_steps_and_no_more() {
    let flow = flow(
        &[
            step("trigger", "manual", json!({})),
            step("outer", "loop", json!({"items": "{{ range(60) }}"})),
            step("inner", "loop", json!({"items": "{{ range(60) }}"})),
            step("set", "set", json!({"values": {}})),
        ],
        &["trigger next outer", "outer loop inner", "inner loop set"],
    );
    let context = FakeContext::default();
    resume(&flow, json!({}), Vec::new(), &context, &Service::echo(&context)).await.unwrap();
    let expected = "The run takes more than 2500 steps; split the work over several runs.".to_owned();
    assert_eq!(context.ending(), (RunStatus::Failed, expected));
    assert!(context.journal.lock().len() < 2_600);
}
