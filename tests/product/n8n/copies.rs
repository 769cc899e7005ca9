//! What is sent to n8n besides what was changed: nothing.

use serde_json::json;

use super::{Us, calm, double::Double, instance, unique};

#[tokio::test]
async fn a_copy_of_an_automation_is_called_at_an_address_of_its_own() {
    let double = Double::start();
    let pmos = instance(&double.server, calm());
    let us = Us::connected(&pmos, "Ada").await;
    let path = unique();
    let made = us.echo("Orders", &path).await;
    let copy = us.act("flows.duplicate", json!({ "flow": made["id"] })).await;
    assert_eq!(copy["name"], "Orders (copy)");

    let original = double.state().workflow("Orders");
    let copied = double.state().workflow("Orders (copy)");
    let (original, copied) = (&original["nodes"][0], &copied["nodes"][0]);
    assert_eq!(original["parameters"]["path"], json!(path));
    assert_eq!(copied["parameters"]["path"], copied["webhookId"]);
    assert!(copied["webhookId"].as_str().is_some_and(|id| !id.is_empty()), "{copied}");
    assert_ne!(copied["webhookId"], original["webhookId"]);
    assert_ne!(copy["hook_url"], made["hook_url"]);
    for flow in [&made, &copy] {
        us.act("flows.publish", json!({ "flow": flow["id"], "enable": true })).await;
    }
}

#[tokio::test]
async fn an_edit_writes_into_no_node_that_it_does_not_touch() {
    let double = Double::start();
    let pmos = instance(&double.server, calm());
    let us = Us::connected(&pmos, "Ada").await;
    let made = us.echo("Mail", &unique()).await;
    let workflow = double.state().workflow("Mail")["id"].as_str().unwrap().to_owned();
    let untouched: Vec<_> = ["gmailTrigger", "notionTrigger", "localFileTrigger", "wait", "formTrigger"]
        .iter()
        .map(|kind| {
            json!({
                "id": kind, "name": kind, "type": format!("n8n-nodes-base.{kind}"), "typeVersion": 1,
                "position": [0, 0], "parameters": {"odd": kind},
            })
        })
        .collect();
    double.state().change(&workflow, |workflow| {
        workflow["nodes"].as_array_mut().unwrap().extend(untouched.clone());
    });
    let flow = us.act("flows.get", json!({ "flow": made["id"] })).await;
    let step = flow["draft"]["steps"].as_array().unwrap().iter().find(|step| step["piece"] == "n8n-nodes-base.set");
    let edits = json!([{ "op": "update_step", "id": step.unwrap()["id"], "set": { "name": "Renamed" } }]);
    let edited = us.edit(&made["id"], edits).await;
    assert!(edited.is_success(), "{}", edited.text());
    let now = double.state().workflow("Mail");
    assert_eq!(now["nodes"].as_array().unwrap()[2..], untouched[..]);
}
