//! What a person or a program gives when it starts an automation by hand.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::On,
    town::{Tenant, Town, try_call},
};

fn order(fields: Value) -> Value {
    json!({
        "steps": [
            {"id": "trigger", "kind": "trigger", "name": "By hand", "piece": "core", "operation": "manual",
             "settings": {"fields": fields}},
            {"id": "set", "kind": "action", "name": "Take down", "piece": "core", "operation": "set",
             "settings": {"values": {"given": "{{ trigger }}"}}},
        ],
        "edges": [{"from": "trigger", "port": "next", "to": "set"}],
    })
}

fn questions() -> Value {
    json!([
        {"name": "qty", "title": "How many", "kind": {"type": "number"}, "required": true},
        {"name": "size", "kind": {"type": "select", "options": [{"value": "s", "label": "S"}, {"value": "m", "label": "M"}]},
         "default": "m"},
        {"name": "gift", "kind": {"type": "boolean"}, "default": false},
        {"name": "note"},
    ])
}

async fn published(tenant: &Tenant, graph: Value) -> Value {
    let flow = tenant.act("flows.create", json!({"name": "Order", "graph": graph})).await["id"].clone();
    tenant.act("flows.publish", json!({"flow": flow, "enable": true})).await;
    flow
}

#[rstest]
#[tokio::test]
async fn what_was_left_out_of_a_start_by_hand_is_filled_in(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::open(on).await else { return };
    let tenant = town.tenant().await;
    let flow = published(&tenant, order(questions())).await;
    let run = tenant.act("runs.start", json!({"flow": flow, "input": {"qty": 4, "gift": true}})).await;
    let run = tenant.finished(&run["id"]).await;
    assert_eq!(run["steps"][1]["output"]["given"], json!({"qty": 4, "gift": true, "size": "m"}));

    let again = tenant.act("runs.retry", json!({"run": run["id"], "from": "start"})).await;
    let again = tenant.finished(&again["id"]).await;
    assert_eq!(again["steps"][1]["output"], run["steps"][1]["output"], "a repeated run gets what it got");
}

#[tokio::test]
async fn what_does_not_fit_the_questions_is_refused_by_its_name() {
    let town = Town::idle(On::Memory).await.unwrap();
    let tenant = town.tenant().await;
    let flow = published(&tenant, order(questions())).await;
    for (input, field, of) in [
        (json!({}), "input.qty", "required"),
        (Value::Null, "input.qty", "required"),
        (json!({"qty": null}), "input.qty", "required"),
        (json!({"qty": "4"}), "input.qty", "a number"),
        (json!({"qty": 4, "size": "xl"}), "input.size", "s, m"),
        (json!({"qty": 4, "gift": "yes"}), "input.gift", "true or false"),
        (json!({"qty": 4, "note": 7}), "input.note", "a text"),
        (json!({"qty": 4, "colour": "red"}), "input.colour", "qty, size, gift, note"),
        (json!([4]), "input", "an object"),
    ] {
        for draft in [false, true] {
            let start = json!({"flow": flow, "input": input, "draft": draft});
            let refused = try_call(&tenant.caller, "runs.start", start).await.unwrap_err();
            let fault = &refused.fields()[0];
            assert_eq!((refused.code(), fault.field.as_str()), ("invalid_input", field), "{input}");
            assert!(fault.message.contains(of), "{input}: {}", fault.message);
        }
    }
    let all = tenant.act("runs.list", json!({})).await;
    assert_eq!(all["items"], json!([]), "a refused start left a run");
}

#[tokio::test]
async fn without_questions_any_input_is_taken() {
    let town = Town::idle(On::Memory).await.unwrap();
    let tenant = town.tenant().await;
    let flow = published(&tenant, order(json!([]))).await;
    for input in [json!({"a": 1}), json!([1]), json!("text"), Value::Null] {
        tenant.act("runs.start", json!({"flow": flow, "input": input})).await;
    }
}

#[tokio::test]
async fn questions_that_make_no_sense_are_found_before_they_are_asked() {
    let town = Town::idle(On::Memory).await.unwrap();
    let tenant = town.tenant().await;
    for (question, field) in [
        (json!([{"name": "a", "kind": {"type": "numbr"}}]), "fields[0].kind"),
        (json!([{"name": "a", "kind": "number"}]), "fields[0].kind"),
        (json!([{"name": "a", "kind": {"type": "number"}, "default": "4"}]), "fields[0].default"),
        (
            json!([{"name": "a", "kind": {"type": "select", "options": [{"value": 1, "label": "1"}]}, "default": 2}]),
            "fields[0].default",
        ),
        (json!([{"name": "a"}, {"name": "a"}]), "fields[1].name"),
        (json!([{"name": "a", "visible_when": {"if": 1}}]), "fields[0].visible_when"),
    ] {
        let flow = tenant.act("flows.create", json!({"name": "Order", "graph": order(question.clone())})).await;
        let issue = &flow["issues"][0];
        assert_eq!((&issue["step"], &issue["field"]), (&json!("trigger"), &json!(field)), "{question}: {flow}");
    }
}
