//! Actions of the embedding program: what they work with, and how they use those of PMOS.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use pmos::core::{
    Error, Kind, Pmos, Result, Role,
    action::{Action, ActionSpec, Caller, Context, Method, Table},
    flow::{
        Graph,
        actions::{CreateFlow, PublishFlow},
    },
    workspace::Label,
};
use rstest::rstest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    setup::{self, On, TestStore},
    town::{call, try_call},
};

/// What the host gives its actions.
struct Welcome(&'static str);

/// A caller that the host keeps where its actions find it.
#[derive(Default)]
struct Kept(Mutex<Option<Caller>>);

/// Says hello as the host wants it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Greet {
    name: String,
}

#[async_trait]
impl Action for Greet {
    const SPEC: ActionSpec = ActionSpec::read("greetings.say", Method::Get, "/greetings/{name}").role(Role::Viewer);
    type Output = String;

    async fn run(self, cx: &mut Context<'_>) -> Result<String> {
        let Welcome(word) = cx.state()?;
        Ok(format!("{word} {}", self.name))
    }
}

/// What becomes of an installation.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum End {
    Well,
    FailsBehind,
    SwallowsAFailure,
    ActsThroughACaller,
}

/// Makes an automation and turns it on.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Install {
    end: End,
}

#[async_trait]
impl Action for Install {
    const SPEC: ActionSpec = ActionSpec::write("packages.install", Method::Post, "/packages").role(Role::Viewer);
    type Output = String;

    async fn run(self, cx: &mut Context<'_>) -> Result<String> {
        let flow = cx.run(create("Installed")).await?;
        let publish = |flow| PublishFlow { flow, enable: true, note: None };
        let live = cx.run(publish(flow.id)).await?;
        match self.end {
            End::Well => {}
            End::FailsBehind => return Err(Error::conflict("in_use", "It is there already.")),
            End::SwallowsAFailure => {
                cx.run(publish(cx.new_id()?)).await.unwrap_err();
            }
            End::ActsThroughACaller => {
                let kept = cx.state::<Kept>()?.0.lock().unwrap().clone().unwrap();
                let _ = kept.run(create("Beside")).await?;
            }
        }
        Ok(live.name.to_string())
    }
}

/// Says that it only reads, and does more.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Peek {}

#[async_trait]
impl Action for Peek {
    const SPEC: ActionSpec = ActionSpec::read("packages.peek", Method::Get, "/packages/peek").role(Role::Viewer);
    type Output = String;

    async fn run(self, cx: &mut Context<'_>) -> Result<String> {
        cx.run(create("Peeked")).await.map(|flow| flow.name.to_string())
    }
}

fn create(name: &str) -> CreateFlow {
    let graph: Graph = serde_json::from_value(setup::order_intake()).unwrap();
    let name: Label = name.parse().unwrap();
    CreateFlow { name, engine: Some("embedded".to_owned()), graph: Some(graph), template: None }
}

fn open(kept: &TestStore) -> Pmos {
    let table = |table: Table| table.with::<Greet>().with::<Install>().with::<Peek>();
    let builder = setup::builder(kept.store.clone(), "").actions(table);
    builder.state(Welcome("Good morning,")).state(Kept::default()).build().unwrap()
}

async fn names(caller: &Caller) -> Vec<String> {
    let flows = call(caller, "flows.list", json!({})).await;
    flows["items"].as_array().unwrap().iter().map(|flow| flow["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_action_finds_what_the_host_gave_it() {
    let kept = On::Memory.store().await.unwrap();
    let pmos = open(&kept);
    let home = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    assert_eq!(call(&home, "greetings.say", json!({"name": "Ada"})).await, "Good morning, Ada");

    let without = setup::builder(kept.store.clone(), "").actions(Table::with::<Greet>).build().unwrap();
    let home = setup::at_home(&without, &setup::sign_up(&without, "Bob").await).await;
    assert_eq!(try_call(&home, "greetings.say", json!({"name": "Ada"})).await.unwrap_err().kind(), Kind::Internal);
    let twice = setup::builder(kept.store.clone(), "").state(1_u8).state(2_u8).build().unwrap_err();
    assert!(twice.detail().contains("there are two of the type u8"), "{}", twice.detail());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn acts_within_an_act_are_committed_together_and_each_is_on_record(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(kept) = on.store().await else { return };
    let pmos = open(&kept);
    let home = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    assert_eq!(call(&home, "packages.install", json!({"end": "well"})).await, "Installed");
    assert_eq!(names(&home).await, ["Installed"]);
    let records = call(&home, "audit.list", json!({})).await;
    let actions = records["items"].as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap());
    let mut actions: Vec<_> = actions.filter(|action| !action.starts_with("workspaces")).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["flows.create", "flows.publish", "packages.install"]);
}

#[rstest]
#[case::fails_behind("fails_behind", Kind::Conflict)]
#[case::swallows_a_failure("swallows_a_failure", Kind::Unavailable)]
#[case::acts_through_a_caller("acts_through_a_caller", Kind::Internal)]
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_fails_leaves_nothing_of_its_parts_and_never_waits_for_itself(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
    #[case] end: &str,
    #[case] kind: Kind,
) {
    let Some(kept) = on.store().await else { return };
    let pmos = open(&kept);
    let home = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    let caller = setup::at_home(&pmos, &setup::sign_up(&pmos, "Bob").await).await;
    let state = Kept(Mutex::new(Some(caller)));
    let table = |table: Table| table.with::<Install>();
    let with_caller = setup::builder(kept.store.clone(), "").actions(table).state(state).build().unwrap();
    let principal = with_caller.vouch(home.principal().person.as_ref().unwrap().id, pmos::core::Channel::Rust).await;
    let request = pmos::core::action::RequestInfo::internal(&with_caller).unwrap();
    let home = with_caller.enter(&principal.unwrap(), home.scope().unwrap().workspace(), request).await.unwrap();
    let act = try_call(&home, "packages.install", json!({"end": end}));
    let refused = tokio::time::timeout(Duration::from_secs(20), act).await.expect("it waits for itself").unwrap_err();
    assert_eq!(refused.kind(), kind, "{refused}");
    assert_eq!(names(&home).await, [""; 0]);
}

#[tokio::test]
async fn an_act_within_another_needs_the_right_and_the_effect_of_its_own() {
    let kept = On::Memory.store().await.unwrap();
    let pmos = open(&kept);
    let home = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    assert_eq!(try_call(&home, "packages.peek", json!({})).await.unwrap_err().kind(), Kind::Internal);

    let invitation = json!({"email": setup::email("Eve"), "role": "viewer"});
    let invited: Value = call(&home, "invitations.create", invitation).await;
    let token = invited["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let eve = setup::sign_up_with(&pmos, "Eve", Some(&token)).await;
    let eve = setup::at_home(&pmos, &eve).await;
    let refused = try_call(&eve, "packages.install", json!({"end": "well"})).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
    assert_eq!(names(&home).await, [""; 0]);
}
