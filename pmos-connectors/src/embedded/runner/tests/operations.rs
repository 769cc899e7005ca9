//! What each operation gives and records.

use pmos_core::{
    flow::Catalog,
    run::{RunStatus, StepStatus},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{flow, row, run, step, with};
use crate::embedded::catalog;

fn order_intake() -> Value {
    row(&[
        step("set", "set", json!({"values": {"total": "{{ trigger.body.qty * 3 }}"}})),
        step("reply", "respond", json!({"status": 200, "body": {"total": "{{ steps.set.total }}"}})),
    ])
}

#[tokio::test]
async fn a_webhook_is_answered_with_what_was_computed() {
    let context = run(&order_intake(), json!({"body": {"qty": 4}})).await;
    assert_eq!(context.answer(), Some((200, json!({"total": 12}))));
    assert_eq!((context.ending(), context.result()), ((RunStatus::Succeeded, String::new()), json!({"total": 12})));
    assert_eq!(context.output("trigger"), json!({"body": {"qty": 4}}));
    assert_eq!((context.input("set"), context.output("set")), (json!({}), json!({"total": 12})));
    assert_eq!((context.input("reply"), context.output("reply")), (json!({"status": 200}), json!({"total": 12})));
}

#[tokio::test]
async fn what_is_missing_in_the_data_is_named_and_the_caller_is_told_of_the_failure() {
    let context = run(&order_intake(), json!({"body": {}})).await;
    assert_eq!(context.ending(), (RunStatus::Failed, "set: values.total: `trigger.body.qty` is not there".to_owned()));
    assert_eq!(context.record("set").error.as_deref(), Some("values.total: `trigger.body.qty` is not there"));
    assert_eq!(context.answer(), Some((422, json!({"run": "run_00000000000000000000000000000002"}))));
}

#[tokio::test]
async fn a_flow_without_an_answer_of_its_own_gives_the_id_of_the_run() {
    let context = run(&row(&[step("set", "set", json!({"values": {}}))]), json!({})).await;
    assert_eq!(context.answer(), Some((202, json!({"run": "run_00000000000000000000000000000002"}))));
    assert_eq!(context.result(), Value::Null);
}

#[tokio::test]
async fn only_the_first_answer_counts() {
    let flow = row(&[
        step("one", "respond", json!({"status": 201, "headers": {"X-A": 1}, "body": "first"})),
        step("two", "respond", json!({"body": "second"})),
    ]);
    let context = run(&flow, json!({})).await;
    assert_eq!((context.answer(), context.result()), (Some((201, json!("first"))), json!("first")));
    assert_eq!(context.input("one"), json!({"status": 201, "headers": {"x-a": "1"}}));
}

#[rstest]
#[case::status(json!({"status": "{{ 1000 }}"}), "status: must be a whole number from 200 to 599")]
#[case::cookie(json!({"headers": {"Set-Cookie": "a=b"}}), "headers.Set-Cookie: is set by the server itself")]
#[case::header_name(json!({"headers": {"a b": "c"}}), "headers.a b: is not the name of a header")]
#[case::header_value(json!({"headers": {"a": "b\r\nc: d"}}), "headers.a: has characters")]
#[case::headers(json!({"headers": "{{ 1 }}"}), "headers: must be an object")]
#[tokio::test]
async fn an_answer_that_cannot_be_sent_fails_the_step(#[case] settings: Value, #[case] expected: &str) {
    let context = run(&row(&[step("reply", "respond", settings)]), json!({})).await;
    assert!(context.ending().1.contains(expected), "{:?}", context.ending());
}

#[rstest]
#[case::first_of_two("first", json!({"a": true, "b": true}), json!(["A"]), &["x"])]
#[case::second("first", json!({"a": false, "b": 1}), json!(["B"]), &["y"])]
#[case::both("all", json!({"a": "yes", "b": [0]}), json!(["A", "B"]), &["x", "y"])]
#[case::neither("first", json!({"a": null, "b": ""}), json!([]), &["z"])]
#[case::neither_of_all("all", json!({"a": 0, "b": {}}), json!([]), &["z"])]
#[tokio::test]
async fn a_branch_takes_the_ways_that_apply(
    #[case] mode: &str,
    #[case] input: Value,
    #[case] taken: Value,
    #[case] ran: &[&str],
) {
    let branches = json!([{"name": "A", "when": "{{ trigger.a }}"}, {"name": "B", "when": "{{ trigger.b }}"}]);
    let set = |id: &str| step(id, "set", json!({"values": {"ran": id, "by": "{{ steps.choice.taken }}"}}));
    let flow = flow(
        &[
            step("trigger", "manual", json!({})),
            step("choice", "branch", json!({"mode": mode, "branches": branches})),
            set("x"),
            set("y"),
            set("z"),
            set("after"),
        ],
        &["trigger next choice", "choice branch:0 x", "choice branch:1 y", "choice otherwise z", "choice next after"],
    );
    let context = run(&flow, input).await;
    assert_eq!((context.ending().0, context.output("choice")), (RunStatus::Succeeded, json!({"taken": taken})));
    assert_eq!(context.output(ran[0]), json!({"ran": ran[0], "by": taken}), "what was decided is seen inside");
    let journal = context.journal.lock();
    let steps: Vec<_> = journal.iter().map(|record| record.step.as_str()).filter(|step| step.len() == 1).collect();
    assert_eq!(steps, ran);
    assert_eq!(journal.last().unwrap().step.as_str(), "after");
}

#[tokio::test]
async fn loops_inside_loops_see_their_own_entries_and_give_results_in_order() {
    let flow = flow(
        &[
            step("trigger", "manual", json!({})),
            step("rows", "loop", json!({"items": "{{ trigger.rows }}", "concurrency": 3})),
            step("name", "set", json!({"values": {"row": "{{ item.name }}", "at": "{{ index }}"}})),
            step("cells", "loop", json!({"items": "{{ item.cells }}"})),
            step("cell", "set", json!({"values": {"v": "{{ steps.name.row ~ item ~ index }}"}})),
            step("reply", "respond", json!({"body": "{{ steps.rows }}"})),
        ],
        &["trigger next rows", "rows loop name", "name next cells", "cells loop cell", "rows next reply"],
    );
    let input = json!({"rows": [{"name": "a", "cells": ["x", "y"]}, {"name": "b", "cells": []}, {"name": "c", "cells": ["z"]}]});
    let context = run(&flow, input).await;
    let pass = |cells: &[&str]| json!({"count": cells.len(), "results": cells.iter().map(|v| json!({"v": v})).collect::<Vec<_>>()});
    assert_eq!(context.result(), json!({"count": 3, "results": [pass(&["ax0", "ay1"]), pass(&[]), pass(&["cz0"])]}));
    let steps = pmos_core::run::steps_of(context.journal.lock().clone());
    let rows = steps.iter().find(|step| step.id.as_str() == "rows").unwrap().iterations.as_ref().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].steps[1].iterations.as_ref().unwrap().len(), 2);
    assert!(rows.iter().all(|pass| pass.status == StepStatus::Succeeded));
}

#[rstest]
#[case::text("{{ trigger.text }}", "items: must be a list, and is a text")]
#[case::nothing("{{ none }}", "items: must be a list, and is nothing")]
#[case::object("{{ trigger }}", "items: must be a list, and is an object")]
#[case::missing("{{ trigger.lines }}", "items: `trigger.lines` is not there")]
#[case::too_many("{{ range(10001) }}", "items: has 10001 entries, and a loop takes at most 10000")]
#[tokio::test]
async fn a_loop_takes_lists_only(#[case] items: &str, #[case] expected: &str) {
    let context = run(&row(&[step("each", "loop", json!({"items": items}))]), json!({"text": "x"})).await;
    assert!(context.ending().1.contains(expected), "{:?}", context.ending());
}

#[tokio::test]
async fn a_stop_ends_the_run_well_or_badly() {
    let after = step("after", "set", json!({"values": {}}));
    let well = run(&row(&[step("stop", "stop", json!({})), after.clone()]), json!({})).await;
    assert_eq!((well.ending(), well.journal.lock().len()), ((RunStatus::Succeeded, String::new()), 2));
    let badly = run(
        &row(&[step("stop", "stop", json!({"fail": "No stock of {{ trigger.sku }}"})), after]),
        json!({"sku": "A1"}),
    )
    .await;
    assert_eq!((badly.ending(), badly.journal.lock().len()), ((RunStatus::Failed, "No stock of A1".to_owned()), 2));
}

#[tokio::test]
async fn a_step_that_is_left_out_is_recorded_as_skipped() {
    let flow = row(&[
        with(step("a", "set", json!({"values": {"x": "{{ trigger.missing }}"}})), json!({"skip": true})),
        step("b", "set", json!({"values": {"y": 1}})),
    ]);
    let context = run(&flow, json!({})).await;
    assert_eq!(
        (context.record("a").status, context.output("b"), context.ending().0),
        (StepStatus::Skipped, json!({"y": 1}), RunStatus::Succeeded)
    );
}

#[tokio::test]
async fn a_flow_may_go_on_after_a_failure_and_see_it() {
    let flow = row(&[
        with(step("a", "set", json!({"values": {"x": "{{ trigger.missing }}"}})), json!({"on_error": "continue"})),
        step("b", "respond", json!({"body": "{{ steps.a.error }}"})),
    ]);
    let context = run(&flow, json!({})).await;
    assert_eq!(context.result(), json!("values.x: `trigger.missing` is not there"));
    assert_eq!((context.record("a").status, context.ending().0), (StepStatus::Failed, RunStatus::Succeeded));
}

#[tokio::test]
async fn a_flow_may_go_on_after_the_failure_of_a_whole_loop() {
    let flow = flow(
        &[
            step("trigger", "manual", json!({})),
            with(step("each", "loop", json!({"items": [1, 0, 2]})), json!({"on_error": "continue"})),
            step("half", "set", json!({"values": {"x": "{{ 4 // item }}"}})),
            step("after", "set", json!({"values": {"y": "{{ steps.each.error }}"}})),
        ],
        &["trigger next each", "each loop half", "each next after"],
    );
    let context = run(&flow, json!({})).await;
    assert_eq!(context.ending().0, RunStatus::Succeeded);
    assert_eq!(context.record("each").status, StepStatus::Failed);
    assert!(
        context.output("after")["y"].as_str().unwrap().starts_with("half: values.x"),
        "{:?}",
        context.output("after")
    );
    assert_eq!(context.journal.lock().iter().filter(|record| record.step.as_str() == "half").count(), 2);
}

#[tokio::test]
async fn a_broken_flow_fails_with_what_is_wrong() {
    let context = run(&row(&[step("a", "set", json!({"values": {"x": "{{ 1 + }}"}}))]), json!({})).await;
    let (status, error) = context.ending();
    assert_eq!(status, RunStatus::Failed);
    assert!(error.starts_with("The flow cannot run. a, values.x: is not an expression"), "{error}");
}

#[tokio::test]
async fn a_large_value_is_recorded_by_its_size_and_used_whole() {
    let flow = row(&[
        step("a", "set", json!({"values": {"x": "{{ trigger.text }}"}})),
        step("b", "set", json!({"values": {"n": "{{ steps.a.x | length }}"}})),
    ]);
    let context = run(&flow, json!({"text": "x".repeat(300_000)})).await;
    assert_eq!(context.output("a")["truncated"], true);
    assert_eq!(context.output("trigger")["text"].as_str().unwrap().len(), 300_000);
    assert_eq!(context.output("b"), json!({"n": 300_000}));
}

#[rstest]
#[case::computed("computed_answer", json!({"qty": 4, "price": 2.5}), 200, json!({"qty": 4, "total": 10.0}))]
#[case::lines("order_lines", json!({"lines": [{"sku": "A1", "qty": 2}, {"sku": "B2", "qty": 0}]}), 200, json!({"lines": 2}))]
#[case::complete("check_data", json!({"email": "Ada@Example.com", "amount": 20}), 200, json!({"accepted": true, "email": "ada@example.com", "amount": 20}))]
#[case::no_amount("check_data", json!({"email": "ada@example.com"}), 422, json!({"error": "amount: give a number above zero"}))]
#[case::no_email("check_data", json!({}), 422, json!({"error": "email: give an address like ada@example.com"}))]
#[tokio::test]
async fn a_template_does_what_it_says(
    #[case] name: &str,
    #[case] body: Value,
    #[case] status: u16,
    #[case] expected: Value,
) {
    let templates = catalog::PieceCatalog::new(&[catalog::core()]).templates().await.unwrap();
    let template = templates.iter().find(|template| template.name == name).unwrap();
    let context = run(&json!(template.graph), json!({"body": body})).await;
    assert_eq!((context.answer(), context.ending()), (Some((status, expected)), (RunStatus::Succeeded, String::new())));
}

#[tokio::test]
async fn a_failure_inside_a_branch_is_the_failure_of_that_step() {
    let flow = flow(
        &[
            step("trigger", "manual", json!({})),
            step("choice", "branch", json!({"branches": [{"name": "A", "when": true}]})),
            step("inner", "set", json!({"values": {"x": "{{ trigger.missing }}"}})),
        ],
        &["trigger next choice", "choice branch:0 inner"],
    );
    let context = run(&flow, json!({})).await;
    assert_eq!(
        (context.record("choice").status, context.record("inner").status),
        (StepStatus::Succeeded, StepStatus::Failed)
    );
    assert_eq!(context.output("choice"), json!({"taken": ["A"]}));
}
