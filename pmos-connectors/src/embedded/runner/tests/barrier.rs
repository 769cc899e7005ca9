//! Nothing leaves PMOS before what led to it is on disk.

use pmos_core::run::RunStatus;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Event, FakeContext, Service, flow, resume, row, run, step};

fn call(id: &str, path: &str) -> Value {
    step(id, "http", json!({"method": "POST", "url": format!("https://api.test{path}")}))
}

fn commit(records: &[&str], status: RunStatus) -> Event {
    Event::Commit(records.iter().map(|record| (*record).to_owned()).collect(), status)
}

#[tokio::test]
async fn a_run_that_only_computes_is_written_once_and_then_answered() {
    let flow = row(&[step("set", "set", json!({"values": {}})), step("reply", "respond", json!({"body": 1}))]);
    let context = run(&flow, json!({})).await;
    let expected = [
        commit(&["trigger:succeeded", "set:succeeded", "reply:succeeded"], RunStatus::Succeeded),
        Event::Answered(200, json!(1)),
    ];
    assert_eq!(context.log.events(), expected);
}

#[tokio::test]
async fn every_call_is_on_disk_before_it_is_sent_and_the_answer_leaves_with_the_next_write() {
    let flow = row(&[call("a", "/a"), step("reply", "respond", json!({"body": 1})), call("b", "/b")]);
    let context = run(&flow, json!({})).await;
    let expected = [
        commit(&["trigger:succeeded", "a:running"], RunStatus::Running),
        Event::Sent("/a".to_owned()),
        commit(&["a:succeeded", "reply:succeeded", "b:running"], RunStatus::Running),
        Event::Answered(200, json!(1)),
        Event::Sent("/b".to_owned()),
        commit(&["b:succeeded"], RunStatus::Succeeded),
    ];
    assert_eq!(context.log.events(), expected);
}

#[tokio::test]
async fn a_sender_that_does_not_wait_is_told_as_soon_as_its_request_is_on_disk() {
    let mut flow = row(&[call("a", "/a")]);
    flow["steps"][0]["settings"] = json!({"respond": "at_once"});
    let context = run(&flow, json!({})).await;
    let expected = [
        commit(&["trigger:succeeded"], RunStatus::Running),
        Event::Answered(202, json!({"run": "run_00000000000000000000000000000002"})),
        commit(&["a:running"], RunStatus::Running),
        Event::Sent("/a".to_owned()),
        commit(&["a:succeeded"], RunStatus::Succeeded),
    ];
    assert_eq!(context.log.events(), expected);
}

#[rstest]
#[case(1)]
#[case(16)]
#[tokio::test]
async fn a_loop_of_500_calls_streams_its_journal(#[case] concurrency: u64) {
    let each = step("each", "loop", json!({"items": "{{ range(500) }}", "concurrency": concurrency}));
    let flow = flow(
        &[step("trigger", "webhook", json!({})), each, call("send", "/{{ item }}")],
        &["trigger next each", "each loop send"],
    );
    let context = run(&flow, json!({})).await;
    let events = context.log.events();
    let mut on_disk = std::collections::HashSet::new();
    let mut sent = 0;
    for event in &events {
        match event {
            Event::Commit(records, _) => {
                assert!(records.len() <= 256 + usize::try_from(concurrency).unwrap(), "{}", records.len());
                on_disk.extend(records.iter().cloned());
            }
            Event::Sent(path) => {
                sent += 1;
                let intent = format!("each[{}]/send:running", path.trim_start_matches('/'));
                assert!(on_disk.contains(&intent), "{intent}");
            }
            Event::Answered(..) => {}
        }
    }
    assert_eq!((sent, context.ending().0), (500, RunStatus::Succeeded));
    assert_eq!(context.output("each")["count"], 500);
}

#[tokio::test]
async fn a_long_computation_is_written_every_256_records() {
    let each = step("each", "loop", json!({"items": "{{ range(1000) }}"}));
    let set = step("set", "set", json!({"values": {}}));
    let flow = flow(&[step("trigger", "webhook", json!({})), each, set], &["trigger next each", "each loop set"]);
    let context = run(&flow, json!({})).await;
    let sizes = context.log.events().into_iter().filter_map(|event| match event {
        Event::Commit(records, _) => Some(records.len()),
        _ => None,
    });
    let sizes: Vec<_> = sizes.collect();
    assert_eq!(sizes, [256, 256, 256, 235]);
}

#[tokio::test]
async fn a_store_that_cannot_write_stops_the_run_before_anything_leaves() {
    for left in 0..2 {
        let context = FakeContext::cut_after(left);
        let service = Service::echo(&context);
        let flow = row(&[call("a", "/a"), call("b", "/b"), step("reply", "respond", json!({}))]);
        assert!(resume(&flow, json!({}), Vec::new(), &context, &service).await.is_err());
        assert_eq!(service.counts().len(), left);
        assert_eq!(context.answer(), None);
    }
}
