//! A program without people, and the life of an instance inside it.

use std::sync::Arc;

use pmos::{
    core::{
        Channel, Kind, Pmos, RunId,
        action::Caller,
        flow::actions::{CreateFlow, PublishFlow},
        run::{RunStatus, actions::StartRun},
    },
    storage::MemoryStore,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::{self, On},
    town,
};

/// Starts an automation that multiplies a quantity by three.
async fn start(caller: &Caller, qty: u32) -> RunId {
    let graph = serde_json::from_value(setup::order_intake()).unwrap();
    let create = CreateFlow { name: "Totals".parse().unwrap(), engine: None, graph: Some(graph), template: None };
    let flow = caller.run(create).await.unwrap().done().unwrap().id;
    caller.run(PublishFlow { flow, enable: true, note: None }).await.unwrap().done().unwrap();
    let input = Some(json!({"body": {"qty": qty}}));
    caller.run(StartRun { flow, input, draft: false }).await.unwrap().done().unwrap().id
}

fn output(run: &pmos::core::run::Run, step: &str) -> Value {
    let step = run.steps.iter().find(|known| known.id.as_str() == step).unwrap();
    serde_json::from_str(step.output.as_ref().unwrap().get()).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_program_without_people_starts_an_automation_and_waits_for_it(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::idle(kept.store.clone(), "");
    let run = pmos.run_until(async {
        let caller = pmos.local().await.unwrap();
        let run = start(&caller, 4).await;
        caller.wait_for(run).await.unwrap()
    });
    let run = run.await.unwrap();
    assert_eq!(run.summary.status, RunStatus::Succeeded);
    assert_eq!(output(&run, "set"), json!({"total": 12}));
}

#[rstest]
#[tokio::test]
async fn the_program_comes_back_to_its_workspace_and_people_do_not_see_it(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::idle(kept.store.clone(), "");
    let first = pmos.local().await.unwrap();
    town::call(&first, "flows.create", json!({"name": "Nightly report"})).await;
    let again = pmos.local().await.unwrap();
    assert_eq!(town::call(&again, "flows.list", json!({})).await["items"][0]["name"], "Nightly report");
    let records = town::call(&again, "audit.list", json!({})).await;
    assert_eq!(records["items"][0]["actor"]["id"], "the embedding program");

    let ada = setup::sign_up(&pmos, "Ada").await.person;
    assert!(ada.super_admin, "the first person still runs the instance");
    let workspace = first.scope().unwrap().workspace();
    let refused = town::enter(&pmos, ada.id, Channel::Rust, workspace).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::NotFound);
}

#[tokio::test]
async fn an_instance_lives_as_long_as_its_program_and_once() {
    let store = Arc::new(MemoryStore::new());
    let pmos = setup::idle(store.clone(), "");
    let (inner, other) = (pmos.clone(), setup::idle(store.clone(), ""));
    let output = pmos.run_until(async move {
        assert_eq!(inner.run_until(async {}).await.unwrap_err().code(), "at_work");
        assert_eq!(other.run_until(async {}).await.unwrap_err().code(), "at_work");
        7
    });
    assert_eq!(output.await.unwrap(), 7);
    assert_eq!(pmos.run_until(async {}).await.unwrap_err().code(), "at_work", "it is over");
    setup::idle(store, "").run_until(async {}).await.unwrap();
}

#[tokio::test]
async fn who_waits_for_a_run_is_told_that_pmos_shuts_down() {
    let pmos: Pmos = setup::idle(Arc::new(MemoryStore::new()), "");
    let caller = pmos.local().await.unwrap();
    let run = start(&caller, 4).await;
    let (waited, ()) = tokio::join!(caller.wait_for(run), async { pmos.shut_down() });
    assert_eq!(waited.unwrap_err().kind(), Kind::Unavailable);
    let missing = caller.wait_for(pmos.clock().new_id().unwrap()).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}
