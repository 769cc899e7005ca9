use rstest::rstest;
use serde_json::{Value, json};

use super::Program;
use crate::embedded::operation::Operations;

fn step(id: &str, operation: &str, settings: Value) -> Value {
    let kind = if matches!(operation, "webhook" | "manual") { "trigger" } else { "action" };
    let mut step = json!({"id": id, "kind": kind, "name": id, "piece": "core", "operation": operation});
    step["settings"] = settings;
    step
}

/// The steps in a row behind a webhook.
fn row(steps: &[Value]) -> Value {
    let ids: Vec<_> = std::iter::once("trigger").chain(steps.iter().map(|step| step["id"].as_str().unwrap())).collect();
    let edges: Vec<_> = ids.windows(2).map(|pair| json!({"from": pair[0], "port": "next", "to": pair[1]})).collect();
    let steps: Vec<_> = std::iter::once(step("trigger", "webhook", json!({}))).chain(steps.iter().cloned()).collect();
    json!({"steps": steps, "edges": edges})
}

fn faults(graph: Value) -> Vec<String> {
    let graph = serde_json::from_value(graph).unwrap();
    let issues = Program::compile(&graph, &Operations::for_tests()).map_or_else(|issues| issues, |_| Vec::new());
    let text = |issue: pmos_core::flow::Issue| {
        let step = issue.step.map(|step| step.to_string()).unwrap_or_default();
        format!("{step}/{}/{}: {}", issue.field.unwrap_or_default(), issue.code, issue.message)
    };
    issues.into_iter().map(text).collect()
}

#[rstest]
#[case::expression("set", json!({"values": {"a": {"b": ["{{ 1 + }}"]}}}), "s/values.a.b[0]/expression: is not an expression")]
#[case::unknown_root("set", json!({"values": {"a": "{{ env.X }}"}}), "s/values.a/expression: there is no `env`")]
#[case::item_outside("set", json!({"values": {"a": "{{ item.x }}"}}), "s/values.a/expression: there is no `item` here")]
#[case::unknown_step("set", json!({"values": {"a": "{{ steps.b.x }}"}}), "s/values.a/reference: there is no step `b`")]
#[case::itself("set", json!({"values": {"a": "{{ steps.s.x }}"}}), "s/values.a/reference: the step `s` (s) does not come before")]
#[case::trigger_as_step("set", json!({"values": {"a": "{{ steps.trigger.x }}"}}), "reached as `trigger`")]
#[case::no_object("set", json!({"values": 4}), "s/values/invalid: must be an object")]
#[case::unknown_setting("set", json!({"valeus": {}}), "s/valeus/unknown_setting: is not a setting of this step; there are: values")]
#[case::no_url("http", json!({"method": "GET"}), "s/url/required: \"Address\" is required")]
#[case::null_url("http", json!({"url": null}), "s/url/required")]
#[case::method("http", json!({"url": "x", "method": "get"}), "s/method/not_an_option: get is not to choose here; choose one of: GET")]
#[case::timeout("http", json!({"url": "x", "timeout_s": 0}), "s/timeout_s/invalid: must be a whole number from 1 to 120")]
#[case::accept("http", json!({"url": "x", "accept_status": [404, "x"]}), "s/accept_status[1]/wrong_value")]
#[case::accept_no_list("http", json!({"url": "x", "accept_status": 404}), "s/accept_status/wrong_value: \"Accepted statuses\" must be a list")]
#[case::repeatable("http", json!({"url": "x", "method": "POST", "repeatable": "yes"}), "s/repeatable/wrong_value: \"Safe to repeat\" must be true or false")]
#[case::no_status("http", json!({"url": "x", "accept_status": [40]}), "s/accept_status[0]/invalid: must be a status like 404")]
#[case::no_branches("branch", json!({}), "s/branches/required")]
#[case::no_when("branch", json!({"branches": [{"name": "a"}]}), "s/branches[0].when/required")]
#[case::text_when("branch", json!({"branches": [{"when": "trigger.a > 1"}]}), "s/branches[0].when/invalid: must be one expression")]
#[case::mode("branch", json!({"branches": [], "mode": "some"}), "s/mode/invalid")]
#[case::items("loop", json!({"items": "x"}), "s/items/invalid: must be a list")]
#[case::concurrency("loop", json!({"items": [], "concurrency": 17}), "s/concurrency/invalid: must be a whole number from 1 to 16")]
#[case::status("respond", json!({"status": 99}), "s/status/invalid")]
#[case::unknown("shell", json!({}), "s/operation/unknown_operation: there is no operation `shell`")]
#[case::wait("delay", json!({}), "s/seconds/required: say how long to wait, or until when")]
#[case::two_waits("delay", json!({"seconds": 1, "until": "2027-01-01T00:00:00Z"}), "s/until/invalid: say how long to wait or")]
#[case::a_wait_of_a_hundred_years("delay", json!({"seconds": 3_155_760_000_u64}), "s/seconds/invalid: must be a number from 0 to 31622400")]
#[case::a_time_without_offset("delay", json!({"until": "2027-01-01T09:00"}), "s/until/invalid: must be a time with its offset")]
#[case::no_automation("subflow", json!({}), "s/flow/required")]
#[case::another_id("subflow", json!({"flow": "run_00000000000000000000000000000009"}), "s/flow/invalid: must be the id of an automation")]
fn what_is_wrong_is_named(#[case] operation: &str, #[case] settings: Value, #[case] expected: &str) {
    let faults = faults(row(&[step("s", operation, settings)]));
    assert!(faults.iter().any(|fault| fault.contains(expected)), "{faults:?}");
}

#[test]
fn a_flow_without_a_trigger_is_refused() {
    assert_eq!(faults(json!({"steps": []})), ["//structure: a flow needs exactly one step that starts it"]);
}

#[rstest]
#[case::nothing(json!({}), "t/seconds/required")]
#[case::often(json!({"seconds": 1}), "t/seconds/invalid: must be a whole number from 10 to 31622400")]
#[case::never(json!({"kind": "cron", "expr": "0 0 31 2 *"}), "t/expr/invalid: names a date that never comes")]
#[case::no_expression(json!({"kind": "cron"}), "t/expr/required")]
#[case::zone(json!({"kind": "cron", "expr": "0 9 * * *", "zone": "Europe/Atlantis"}), "t/zone/invalid: \"Europe/Atlantis\" is no time zone")]
#[case::gap(json!({"kind": "once", "at": "2027-03-28T02:30", "zone": "Europe/Vienna"}), "t/at/invalid: 2027-03-28T02:30 does not exist")]
#[case::rule(json!({"seconds": 60, "missed": "maybe"}), "t/missed/invalid")]
fn what_is_wrong_with_a_schedule_is_named(#[case] settings: Value, #[case] expected: &str) {
    let faults = faults(json!({"steps": [
        {"id": "t", "kind": "trigger", "name": "t", "piece": "core", "operation": "schedule", "settings": settings},
    ]}));
    assert!(faults.iter().any(|fault| fault.contains(expected)), "{faults:?}");
}

/// What a step may refer to, and whether all of it passes the check and nothing else does.
fn seen_by(graph: &Value, id: &str) -> Vec<String> {
    let read: pmos_core::flow::Graph = serde_json::from_value(graph.clone()).unwrap();
    let seen: Vec<_> = super::scope(&read, &Operations::for_tests(), &id.parse().unwrap())
        .into_iter()
        .map(|datum| datum.path)
        .collect();
    let mut names: Vec<_> = read.steps.iter().map(|step| format!("steps.{}", step.id)).collect();
    names.extend(["trigger".to_owned(), "item".to_owned(), "index".to_owned()]);
    for name in names {
        let mut graph = graph.clone();
        let steps = graph["steps"].as_array_mut().unwrap();
        let step = steps.iter_mut().find(|step| step["id"] == id).unwrap();
        step["operation"] = json!("set");
        step["settings"] = json!({"values": {"it": format!("{{{{ {name} }}}}")}});
        let fault = faults(graph).into_iter().find(|fault| fault.starts_with(&format!("{id}/values.it/")));
        assert_eq!(fault.is_none(), seen.contains(&name), "{name} in {id}: {fault:?}");
    }
    seen
}

#[rstest]
#[case("one", &["trigger", "steps.before", "steps.choice", "item", "index"])]
#[case("two", &["trigger", "steps.before", "steps.choice", "item", "index"])]
#[case("three", &["trigger", "steps.before", "steps.choice", "steps.two", "item", "index"])]
#[case("both", &["trigger", "steps.before", "steps.choice", "steps.one", "steps.two", "steps.three", "item", "index"])]
#[case("after", &["trigger", "steps.before", "steps.each"])]
fn what_a_step_sees_is_what_the_check_lets_pass(#[case] id: &str, #[case] expected: &[&str]) {
    let set = |id: &str| step(id, "set", json!({"values": {}}));
    let edge = |from: &str, port: &str, to: &str| json!({"from": from, "port": port, "to": to});
    let graph = json!({
        "steps": [
            step("trigger", "webhook", json!({})), set("before"), step("each", "loop", json!({"items": [1]})),
            step("choice", "branch", json!({"branches": [{"when": true}]})),
            set("one"), set("two"), set("three"), set("both"), set("after"),
        ],
        "edges": [
            edge("trigger", "next", "before"), edge("before", "next", "each"), edge("each", "loop", "choice"),
            edge("choice", "branch:0", "one"), edge("choice", "otherwise", "two"), edge("two", "next", "three"),
            edge("choice", "next", "both"), edge("each", "next", "after"),
        ],
    });
    assert_eq!(seen_by(&graph, id), expected);
}

fn branching(mode: &str, second_value: &str, after_value: &str) -> Value {
    json!({
        "steps": [
            step("trigger", "manual", json!({})),
            step("choice", "branch", json!({"mode": mode, "branches": [{"when": true}, {"when": true}]})),
            step("first", "set", json!({"values": {"a": 1}})),
            step("second", "set", json!({"values": {"a": second_value}})),
            step("after", "set", json!({"values": {"a": after_value}})),
        ],
        "edges": [
            {"from": "trigger", "port": "next", "to": "choice"}, {"from": "choice", "port": "branch:0", "to": "first"},
            {"from": "choice", "port": "branch:1", "to": "second"}, {"from": "choice", "port": "next", "to": "after"},
        ],
    })
}

#[test]
fn a_branch_sees_another_only_when_both_may_run() {
    assert_eq!(faults(branching("all", "{{ steps.first.a }}", "")), [""; 0]);
    assert!(faults(branching("first", "{{ steps.first.a }}", ""))[0].starts_with("second/values.a/reference"));
    assert_eq!(faults(branching("first", "", "{{ steps.first.a }}{{ steps.second.a }}")), [""; 0]);
}

#[test]
fn what_is_inside_a_loop_is_seen_only_there() {
    let graph = |inner: &str, after: &str| {
        json!({
            "steps": [
                step("trigger", "manual", json!({})),
                step("each", "loop", json!({"items": [1]})),
                step("one", "set", json!({"values": {"a": "{{ item + index }}"}})),
                step("two", "set", json!({"values": {"a": inner}})),
                step("after", "set", json!({"values": {"a": after}})),
            ],
            "edges": [
                {"from": "trigger", "port": "next", "to": "each"}, {"from": "each", "port": "loop", "to": "one"},
                {"from": "one", "port": "next", "to": "two"}, {"from": "each", "port": "next", "to": "after"},
            ],
        })
    };
    assert_eq!(faults(graph("{{ steps.one.a }}", "{{ steps.each.results }}")), [""; 0]);
    assert!(faults(graph("", "{{ steps.one.a }}"))[0].starts_with("after/values.a/reference"));
    assert!(faults(graph("", "{{ item }}"))[0].starts_with("after/values.a/expression"));
}

#[test]
fn a_circle_is_refused() {
    let mut graph = row(&[step("a", "set", json!({"values": {}})), step("b", "set", json!({"values": {}}))]);
    graph["edges"].as_array_mut().unwrap().push(json!({"from": "b", "port": "next", "to": "a"}));
    assert_eq!(faults(graph), ["a//structure: is reached in two ways; every step follows exactly one other"]);
}
