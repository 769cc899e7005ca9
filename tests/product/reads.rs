//! What says that it only reads changes nothing.

use pmos::core::{
    Channel, Kind,
    action::{Effect, Reach},
};
use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::{
    matrix::{inputs::draft, prepared},
    setup::{On, order_intake},
    town::{Town, call, enter, try_call},
};

/// A number that is another one after every commit of anybody else.
async fn version(base: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("pragma data_version").fetch_one(base).await.unwrap()
}

#[tokio::test]
async fn an_action_that_reads_commits_nothing() {
    let town = Town::idle(On::Sqlite).await.unwrap();
    let mut base = SqliteConnection::connect(&town.file()).await.unwrap();
    let tenant = town.tenant().await;
    tenant.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
    let mut asked = 0;
    for entry in town.pmos.table().iter() {
        let spec = &entry.spec;
        if spec.effect != Effect::Read || spec.refreshes || spec.reach != Reach::Workspace {
            continue;
        }
        let input = prepared(&tenant, spec.name).await.input;
        let before = version(&mut base).await;
        // A conversation is read by its owner.
        let outcome = if spec.name.starts_with("chat.") {
            try_call(&tenant.worker_by(Channel::Rust).await, spec.name, input).await
        } else {
            try_call(&tenant.caller, spec.name, input).await
        };
        assert!(
            outcome.as_ref().err().is_none_or(|error| error.kind() == Kind::Unsupported),
            "{}: {outcome:?}",
            spec.name
        );
        assert_eq!(version(&mut base).await, before, "{} changed something", spec.name);
        asked += 1;
    }
    assert!(asked > 15, "only {asked} actions read");
    let before = version(&mut base).await;
    draft(&tenant).await;
    assert_ne!(version(&mut base).await, before, "the number does not tell");
}

#[tokio::test]
async fn who_may_not_start_an_automation_is_not_told_the_address_that_starts_it() {
    let town = Town::idle(On::Memory).await.unwrap();
    let tenant = town.tenant().await;
    tenant.act("engines.connect", json!({ "engine": "remote", "provision": true })).await;
    let remote = json!({ "name": "Outside", "engine": "remote", "graph": order_intake() });
    let elsewhere = tenant.act("flows.create", remote).await["id"].clone();
    for flow in [draft(&tenant).await, elsewhere] {
        for (person, told) in [(&town.admin, true), (&town.member, true), (&town.viewer, false)] {
            let caller = enter(&town.pmos, person.id, Channel::Rust, tenant.workspace).await.unwrap();
            let shown = call(&caller, "flows.get", json!({ "flow": flow })).await;
            assert_eq!(shown["hook_url"].is_string(), told, "{}: {shown}", person.email);
        }
    }
}
