//! What a step is filled in with: the form of the version that its node is of.

use serde_json::{Value, json};

use super::{Us, calm, double::Double, instance, unique};

/// The fields of what describes a step.
async fn fields(us: &Us, engine: &str, piece: &str) -> Vec<String> {
    let piece = us.act("pieces.get", json!({ "engine": engine, "piece": piece })).await;
    let fields = piece["operations"][0]["fields"].as_array().unwrap().iter();
    fields.map(|field| field["name"].as_str().unwrap().to_owned()).collect()
}

fn form<'a>(flow: &'a Value, step: &str) -> &'a str {
    flow["forms"][step].as_str().unwrap_or_else(|| panic!("nothing is said of {step} in {}", flow["forms"]))
}

#[tokio::test]
async fn a_step_is_described_in_its_own_version_whatever_the_newest_is() {
    let double = Double::start();
    let pmos = instance(&double.server, calm());
    let us = Us::connected(&pmos, "Ada").await;
    let made = us.echo("Forms", &unique()).await;
    let newest = fields(&us, "n8n", "n8n-nodes-base.set").await;
    assert_eq!(newest, ["assignments"]);
    assert_eq!(fields(&us, "n8n", form(&made, "set")).await, newest, "a new step is of the newest");

    // Steps that are older are brought along.
    let workflow = double.state().workflow("Forms")["id"].as_str().unwrap().to_owned();
    double.state().change(&workflow, |workflow| {
        for (id, version) in [("first", 1), ("second", 2)] {
            workflow["nodes"].as_array_mut().unwrap().push(json!({
                "id": id, "name": id, "type": "n8n-nodes-base.set", "typeVersion": version, "position": [0, 0],
                "parameters": {"values": id},
            }));
        }
    });
    let flow = us.act("flows.rename", json!({ "flow": made["id"], "name": "Old forms" })).await;
    let step = flow["draft"]["steps"].as_array().unwrap().iter().find(|step| step["id"] == "first").unwrap();
    assert_eq!(step["piece"], "n8n-nodes-base.set");
    assert_eq!(fields(&us, "n8n", form(&flow, "first")).await, ["values"]);
    assert_eq!(fields(&us, "n8n", form(&flow, "second")).await, ["values", "dots"]);
    assert_eq!(fields(&us, "n8n", form(&flow, "set")).await, newest);

    // A copy of an old step is as old; another step in its place is not.
    let edits = json!([
        { "op": "duplicate_step", "id": "second" },
        { "op": "replace_step", "id": "first", "step": { "piece": "n8n-nodes-base.noOp", "operation": "execute" } },
    ]);
    let edited = us.edit(&made["id"], edits).await.json();
    let copies = edited["forms"].as_object().unwrap().values().filter(|form| **form == "n8n-nodes-base.set@2");
    assert_eq!(copies.count(), 2, "{}", edited["forms"]);
    assert_eq!(form(&edited, "first"), "n8n-nodes-base.noOp@1");
    let read = us.act("flows.get", json!({ "flow": made["id"] })).await;
    assert_eq!(read["forms"], edited["forms"]);
}
