//! PMOS inside another Rust program.

use pmos::core::{
    Kind,
    action::Called,
    flow::actions::{CreateFlow, GetFlow, PublishFlow},
    run::{
        InboundRequest,
        actions::{GetRun, ListRuns},
    },
};
use rstest::rstest;
use serde_json::json;

use crate::setup::{self, On};

fn post(body: &str) -> InboundRequest {
    InboundRequest {
        method: "POST".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".into())],
        query: None,
        body: body.to_owned().into(),
        body_limit: 1024,
        raw: false,
    }
}

#[rstest]
#[tokio::test]
async fn a_webhook_is_answered_and_its_run_can_be_read_step_by_step(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::open(kept.store.clone(), "");
    let ada = setup::sign_up(&pmos, "Ada").await;
    let caller = setup::at_home(&pmos, &ada).await;
    let create: CreateFlow =
        serde_json::from_value(json!({"name": "Order intake", "graph": setup::order_intake()})).unwrap();
    let flow = caller.run(create).await.unwrap().done().unwrap();
    let publish = PublishFlow { flow: flow.id, enable: true, note: None };
    let flow = caller.run(publish).await.unwrap().done().unwrap();
    let token = flow.hook_url.as_deref().and_then(|url| url.rsplit('/').next()).unwrap();

    let answer = pmos.deliver(token, post(r#"{"qty":4}"#)).await.unwrap();
    assert_eq!((answer.status, &answer.body), (200, &json!({"total": 12})));

    let runs = caller.run(ListRuns::default()).await.unwrap().done().unwrap();
    let run = caller.run(GetRun { run: runs.items[0].id }).await.unwrap().done().unwrap();
    let steps: Vec<_> = run.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(steps, ["trigger", "set", "reply"]);
    assert_eq!(run.steps[1].output.as_ref().unwrap().get(), r#"{"total":12}"#);
}

#[rstest]
#[tokio::test]
async fn a_stranger_finds_nothing_of_it(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::open(kept.store.clone(), "");
    let (ada, bob) = (setup::sign_up(&pmos, "Ada").await, setup::sign_up(&pmos, "Bob").await);
    let (at_ada, at_bob) = (setup::at_home(&pmos, &ada).await, setup::at_home(&pmos, &bob).await);
    let create: CreateFlow = serde_json::from_value(json!({"name": "Order intake"})).unwrap();
    let flow = at_ada.run(create).await.unwrap().done().unwrap();
    let refused = at_bob.run(GetFlow { flow: flow.id }).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::NotFound);
}

#[rstest]
#[tokio::test]
async fn the_first_account_runs_the_instance_and_the_next_does_not(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::open(kept.store.clone(), "");
    assert!(setup::sign_up(&pmos, "Ada").await.person.super_admin);
    assert!(!setup::sign_up(&pmos, "Bob").await.person.super_admin);
}

#[rstest]
#[tokio::test]
async fn a_json_call_by_name_passes_the_same_checks(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::open(kept.store.clone(), "");
    let ada = setup::sign_up(&pmos, "Ada").await;
    let caller = setup::at_home(&pmos, &ada).await;
    let Called::Done(answer) = caller.call("flows.create", json!({"name": "Blank"})).await.unwrap() else {
        panic!("a person waits for no approval");
    };
    assert!(answer.get().contains("\"Blank\""));
    let refused = caller.call("flows.create", json!({"name": "Blank", "color": "red"})).await.unwrap_err();
    assert_eq!((refused.kind(), refused.fields()[0].field.as_str()), (Kind::Invalid, "color"));
}
