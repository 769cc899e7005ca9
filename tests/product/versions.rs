//! What was published can be looked at, compared and brought back, and a change that met another's says whose it was.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::{self, On},
    town::{Tenant, Town, try_call},
};

async fn edit(tenant: &Tenant, flow: &Value, edits: Value) -> Value {
    let input = json!({"flow": flow["id"], "base": flow["revision"], "edits": edits});
    tenant.act("flows.edit", input).await
}

fn total(expression: &str) -> Value {
    json!([{"op": "update_step", "id": "set", "set": {"settings": {"values": {"total": expression}}}}])
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_published_version_is_listed_compared_and_brought_back(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let graph = setup::order_intake();
    let flow = tenant.act("flows.create", json!({"name": "Order intake", "graph": graph})).await;
    let first = tenant.act("flows.publish", json!({"flow": flow["id"], "note": "As agreed"})).await;
    let changed = edit(&tenant, &first, total("{{ trigger.body.qty * 4 }}")).await;
    assert_eq!((&changed["pending"], &changed["published"]["version"]), (&json!(true), &json!(1)));
    let second = tenant.act("flows.publish", json!({"flow": flow["id"]})).await;
    let removed = edit(&tenant, &second, json!([{"op": "remove_step", "id": "reply"}])).await;

    let listed = tenant.act("flows.versions", json!({"flow": flow["id"]})).await;
    let listed: Vec<_> = listed["items"].as_array().unwrap().iter().map(|v| (&v["version"], &v["note"])).collect();
    assert_eq!(listed, [(&json!(2), &json!(null)), (&json!(1), &json!("As agreed"))]);
    let changes = tenant.act("flows.compare", json!({"flow": flow["id"], "version": 1})).await;
    let changes: Vec<_> = changes["items"].as_array().unwrap().iter().map(|edit| (&edit["op"], &edit["id"])).collect();
    assert_eq!(changes, [(&json!("remove_step"), &json!("reply")), (&json!("update_step"), &json!("set"))]);

    let restored = tenant.act("flows.restore", json!({"flow": flow["id"], "version": 1})).await;
    assert_eq!(restored["draft"], first["draft"]);
    assert_eq!((&restored["pending"], &restored["published"]["version"]), (&json!(true), &json!(2)));
    // Bringing back the live version is giving up the draft.
    let given_up = tenant.act("flows.restore", json!({"flow": flow["id"], "version": 2})).await;
    assert_eq!((&given_up["draft"], &given_up["pending"]), (&second["draft"], &json!(false)));
    // Nothing is lost by it: the history still leads back.
    for _ in 0..2 {
        let history = tenant.act("flows.history", json!({"flow": flow["id"]})).await;
        let newest = history["items"].as_array().unwrap().iter().find(|entry| {
            entry["note"].as_str().is_some_and(|note| note.starts_with("restores version"))
                && !history["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|other| other["note"] == json!(format!("takes back {}", entry["id"].as_str().unwrap())))
        });
        tenant.act("flows.undo", json!({"flow": flow["id"], "edit": newest.unwrap()["id"]})).await;
    }
    let now = tenant.act("flows.get", json!({"flow": flow["id"]})).await;
    assert_eq!((&now["draft"], &now["pending"]), (&removed["draft"], &json!(true)));

    let missing = try_call(&tenant.caller, "flows.restore", json!({"flow": flow["id"], "version": 3})).await;
    assert_eq!(missing.unwrap_err().kind(), pmos::core::Kind::NotFound);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn taking_back_every_change_leaves_nothing_to_publish(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let graph = setup::order_intake();
    let flow = tenant.act("flows.create", json!({"name": "Order intake", "graph": graph})).await;
    let live = tenant.act("flows.publish", json!({"flow": flow["id"]})).await;
    edit(&tenant, &live, total("{{ trigger.body.qty }}")).await;
    let back = tenant.act("flows.undo", json!({"flow": flow["id"]})).await;
    assert_eq!((&back["pending"], &back["draft"]), (&json!(false), &live["draft"]));
    let again = tenant.act("flows.publish", json!({"flow": flow["id"]})).await;
    assert_eq!(again["published"]["version"], 1, "there was nothing new to publish");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_says_whose_change_it_met_and_when() {
    let town = Town::idle(On::Memory).await.unwrap();
    let tenant = town.tenant().await;
    let graph = setup::order_intake();
    let flow = tenant.act("flows.create", json!({"name": "Order intake", "graph": graph})).await;
    let theirs = edit(&tenant, &flow, total("{{ trigger.body.qty * 2 }}")).await;
    let mine = json!({"flow": flow["id"], "base": flow["revision"], "edits": total("{{ trigger.body.qty * 5 }}")});
    let refused = try_call(&tenant.caller, "flows.edit", mine).await.unwrap_err();
    assert_eq!(refused.code(), "conflict");
    let since = refused.more()["since"].as_array().unwrap();
    assert_eq!(since.len(), 1);
    assert_eq!((&since[0]["revision"], &since[0]["edits"]), (&theirs["revision"], &refused.more()["theirs"]));
    let history = tenant.act("flows.history", json!({"flow": flow["id"]})).await;
    assert_eq!(since[0], history["items"][0]);
}
