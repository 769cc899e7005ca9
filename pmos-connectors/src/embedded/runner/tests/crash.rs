//! A run that is interrupted after any write goes on to the same end, and nothing recorded is done twice.

use std::{collections::HashMap, sync::Arc};

use pmos_core::run::{RunStatus, StepRecord, StepStatus};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Event, FakeContext, Reply, Service, flow, id, name, resume, row, step, with};

/// An order whose lines go different ways; one line fails once.
fn order(method: &str, repeatable: bool, concurrency: u64) -> Value {
    let mut send = json!({"method": method, "url": "https://api.test/{{ item.sku }}", "body": "{{ item }}"});
    if repeatable {
        send["repeatable"] = true.into();
    }
    let each = step("each", "loop", json!({"items": "{{ steps.prepare.lines }}", "concurrency": concurrency}));
    let choice = step("choice", "branch", json!({"branches": [{"name": "wanted", "when": "{{ item.qty > 0 }}"}]}));
    flow(
        &[
            step("trigger", "webhook", json!({})),
            step("prepare", "set", json!({"values": {"lines": "{{ trigger.body.lines }}"}})),
            each,
            choice,
            with(step("send", "http", send), json!({"retry": {"times": 2, "backoff_s": 1}})),
            step("none", "set", json!({"values": {"skipped": "{{ item.sku }}"}})),
            step("reply", "respond", json!({"body": "{{ steps.each }}"})),
        ],
        &[
            "trigger next prepare",
            "prepare next each",
            "each loop choice",
            "choice branch:0 send",
            "choice otherwise none",
            "each next reply",
        ],
    )
}

fn lines() -> Value {
    let line = |n: u32| json!({"sku": format!("s{n}"), "qty": n % 3});
    json!({"body": {"lines": (0..7).map(line).collect::<Vec<_>>()}})
}

/// The first call for one line fails. Whether it is the first is the service's to know, across interruptions.
fn service(context: &FakeContext, before: HashMap<String, u32>) -> Service {
    Service::new(context, move |path, count| match path {
        "/s4" if count + before.get(path).copied().unwrap_or_default() == 1 => {
            Reply::Answer(503, json!({"busy": true}))
        }
        _ => Reply::Answer(200, json!({"got": path})),
    })
}

fn results(context: &FakeContext) -> Value {
    let mut result = context.result();
    for each in result["results"].as_array_mut().into_iter().flatten() {
        each.as_object_mut().unwrap().remove("headers");
    }
    result
}

fn outcomes(journal: &[StepRecord]) -> Vec<String> {
    let ended = journal.iter().filter(|record| record.step.as_str() == "send" && record.status != StepStatus::Running);
    ended.map(|record| format!("{}#{}", name(record), record.attempt)).collect()
}

async fn uninterrupted(flow: &Value) -> (Value, usize) {
    let context = FakeContext::default();
    resume(flow, lines(), Vec::new(), &context, &service(&context, HashMap::new())).await.unwrap();
    let commits = context.log.events().iter().filter(|event| matches!(event, Event::Commit(..))).count();
    assert_eq!(context.ending().0, RunStatus::Succeeded);
    (results(&context), commits)
}

#[rstest]
#[case::one_by_one(1)]
#[case::side_by_side(3)]
#[tokio::test(start_paused = true)]
async fn an_interrupted_run_of_repeatable_calls_ends_as_if_it_had_not_been(#[case] concurrency: u64) {
    let flow = order("POST", true, concurrency);
    let (expected, commits) = uninterrupted(&flow).await;
    for k in 0..commits {
        let first = FakeContext::cut_after(k);
        let before = service(&first, HashMap::new());
        assert!(resume(&flow, lines(), Vec::new(), &first, &before).await.is_err());
        let recorded = first.journal.lock().clone();

        let second = FakeContext::default();
        let after = service(&second, before.counts());
        resume(&flow, lines(), recorded.clone(), &second, &after).await.unwrap();
        assert_eq!((results(&second), second.ending().0), (expected.clone(), RunStatus::Succeeded), "cut after {k}");

        // No call with a recorded outcome was made again, and no record was written twice.
        let known = outcomes(&recorded);
        let again: Vec<_> =
            outcomes(&second.journal.lock()).into_iter().filter(|outcome| known.contains(outcome)).collect();
        assert_eq!(again, [""; 0], "cut after {k}");
        for (path, count) in after.counts() {
            let all = count + before.counts().get(&path).copied().unwrap_or_default();
            assert!(all <= needed(&path) + u32::from(is_lost(&before, &recorded, &path)), "{path}, cut after {k}");
        }
    }
}

/// How many calls a path takes when nothing is interrupted.
fn needed(path: &str) -> u32 {
    if path == "/s4" { 2 } else { 1 }
}

/// Whether a call was made whose outcome is not recorded.
fn is_lost(service: &Service, recorded: &[StepRecord], path: &str) -> bool {
    let place = format!("each[{}]/", path.trim_start_matches("/s"));
    let known = outcomes(recorded).iter().filter(|outcome| outcome.starts_with(&place)).count();
    service.counts().get(path).copied().unwrap_or_default() as usize > known
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_interrupted_again_and_again_still_ends() {
    let flow = order("POST", true, 2);
    let (expected, _) = uninterrupted(&flow).await;
    let (mut recorded, mut counts) = (Vec::new(), HashMap::new());
    for _ in 0..20 {
        let context = FakeContext::cut_after(2);
        let service = service(&context, counts.clone());
        let ended = resume(&flow, lines(), recorded.clone(), &context, &service).await.is_ok();
        recorded.extend(context.journal.lock().clone());
        for (path, count) in service.counts() {
            *counts.entry(path).or_default() += count;
        }
        if ended {
            assert_eq!((results(&context), context.ending().0), (expected, RunStatus::Succeeded));
            return;
        }
    }
    panic!("the run does not come to an end: {:?}", recorded.iter().map(name).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_safe_to_repeat_is_never_made_twice() {
    let flow = order("POST", false, 1);
    let (expected, commits) = uninterrupted(&flow).await;
    for k in 0..commits {
        let first = FakeContext::cut_after(k);
        let before = service(&first, HashMap::new());
        assert!(resume(&flow, lines(), Vec::new(), &first, &before).await.is_err());
        let recorded = first.journal.lock().clone();
        let lost = before.counts().values().sum::<u32>() as usize > outcomes(&recorded).len();

        let second = FakeContext::default();
        let after = service(&second, before.counts());
        resume(&flow, lines(), recorded, &second, &after).await.unwrap();
        if lost {
            let (status, error) = second.ending();
            assert_eq!((status, after.counts().len()), (RunStatus::NeedsAttention, 0), "cut after {k}");
            assert!(error.contains("its answer was lost"), "{error}");
            assert_eq!(second.record("send").status, StepStatus::Unknown);
        } else {
            assert_eq!(
                (results(&second), second.ending().0),
                (expected.clone(), RunStatus::Succeeded),
                "cut after {k}"
            );
        }
        for (path, count) in before.counts() {
            let all = count + after.counts().get(&path).copied().unwrap_or_default();
            assert!(all <= needed(&path), "{path} was called {all} times, cut after {k}");
        }
    }
}

#[tokio::test]
async fn a_lost_read_is_repeated_under_the_same_key() {
    let flow = row(&[step("get", "http", json!({"url": "https://api.test/x"}))]);
    let first = FakeContext::cut_after(1);
    let before = Service::echo(&first);
    assert!(resume(&flow, json!({}), Vec::new(), &first, &before).await.is_err());
    let second = FakeContext::default();
    let after = Service::echo(&second);
    let recorded = first.journal.lock().clone();
    resume(&flow, json!({}), recorded, &second, &after).await.unwrap();
    assert_eq!(second.ending().0, RunStatus::Succeeded);
    let key =
        |service: &Service| service.calls.lock()[0].headers.iter().find(|(name, _)| name == "idempotency-key").cloned();
    assert_eq!(key(&before), key(&after));
    assert_eq!(key(&after).unwrap().1, "run_00000000000000000000000000000002:get");
    assert_eq!(second.record("get").attempt, 1);
}

#[tokio::test]
async fn a_run_whose_last_write_was_lost_only_ends() {
    let flow = order("POST", false, 1);
    let context = FakeContext::default();
    let before = service(&context, HashMap::new());
    tokio::time::pause();
    resume(&flow, lines(), Vec::new(), &context, &before).await.unwrap();
    let recorded = context.journal.lock().clone();

    let second = FakeContext::default();
    let after = service(&second, before.counts());
    resume(&flow, lines(), recorded, &second, &after).await.unwrap();
    let events = second.log.events();
    assert_eq!(events[0], Event::Commit(vec![], RunStatus::Succeeded));
    assert_eq!((events.len(), results(&second)), (2, results(&context)));
    assert!(Arc::ptr_eq(&second.log, &after.log));
}

#[tokio::test]
async fn what_needs_attention_stays_so_until_a_person_decides() {
    let flow = row(&[
        step("send", "http", json!({"method": "POST", "url": "https://api.test/x"})),
        step("after", "set", json!({"values": {}})),
    ]);
    let first = FakeContext::cut_after(1);
    assert!(resume(&flow, json!({}), Vec::new(), &first, &Service::echo(&first)).await.is_err());
    let mut recorded = first.journal.lock().clone();
    for _ in 0..2 {
        let context = FakeContext::default();
        let service = Service::echo(&context);
        resume(&flow, json!({}), recorded.clone(), &context, &service).await.unwrap();
        recorded.extend(context.journal.lock().clone());
        assert_eq!((context.ending().0, service.counts().len()), (RunStatus::NeedsAttention, 0));
    }
    assert_eq!(recorded.iter().filter(|record| record.step == id("send")).count(), 2);
}
