//! What a machine may not do by itself waits, holds no secret, and is done once with the rights of then.

use std::sync::Arc;

use async_trait::async_trait;
use pmos::core::{
    Actor, ApprovalId, Channel, Kind, Pmos, Result, Role, WorkspaceId,
    action::{Action, ActionSpec, Called, Caller, Context, Effect, Method, Reach, RequestInfo, Table},
    store::Access,
    testkit::ParkRisky,
    vault::Secret,
};
use rstest::rstest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    matrix::prepared,
    setup::{self, On, TestStore},
    town::{Town, enter},
    web::Credential,
};

const CANARY: &str = "canary-parked-4711";

/// Hands a secret on.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HandOn {
    to: String,
    secret: Option<Secret>,
}

#[async_trait]
impl Action for HandOn {
    const SPEC: ActionSpec = ActionSpec::write("secrets.hand_on", Method::Post, "/secrets").role(Role::Member).agents();
    type Output = Value;

    async fn run(self, cx: &mut Context<'_>) -> Result<Value> {
        cx.write().await?;
        Ok(json!({ "to": self.to, "arrived": self.secret.is_some_and(|secret| secret.expose() == CANARY) }))
    }
}

async fn town(on: On, policy: ParkRisky) -> Option<(Town, TestStore)> {
    let kept = on.store().await?;
    let builder = setup::builder(kept.store.clone(), "").gate(Arc::new(policy));
    let pmos = builder.actions(Table::with::<HandOn>).build().unwrap();
    Some((Town::over(pmos).await, kept))
}

/// An assistant of the member, with a name for what it asks.
async fn agent(town: &Town, workspace: WorkspaceId, key: Option<&str>) -> Caller {
    let principal = town.pmos.vouch(town.member.id, Channel::Agent).await.unwrap();
    let request = RequestInfo {
        idempotency_key: key.map(|key| key.parse().unwrap()),
        ..RequestInfo::internal(&town.pmos).unwrap()
    };
    town.pmos.enter(&principal, workspace, request).await.unwrap()
}

async fn parked(caller: &Caller, action: &str, input: Value) -> ApprovalId {
    match caller.call(action, input).await.unwrap() {
        Called::Parked(approval) => approval,
        Called::Done(output) => panic!("{action} did not wait: {output}"),
    }
}

async fn carried_out(pmos: &Pmos, workspace: WorkspaceId, approval: ApprovalId) -> Value {
    let output = pmos.carry_out(workspace, approval).await.unwrap().done().unwrap();
    serde_json::from_str(output.get()).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_risky_call_waits_and_is_done_once_as_its_requester(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on, ParkRisky::default()).await else { return };
    let (tenant, other) = (town.tenant().await, town.tenant().await);
    let flow = tenant.act("flows.create", json!({ "name": "Orders", "graph": setup::order_intake() })).await;
    let publish = json!({ "flow": flow["id"] });
    let caller = agent(&town, tenant.workspace, Some("publish-1")).await;
    let approval = parked(&caller, "flows.publish", publish.clone()).await;
    assert_eq!(tenant.act("flows.get", publish.clone()).await["published"], Value::Null);
    assert_eq!(parked(&caller, "flows.publish", publish.clone()).await, approval, "asked again, it waits all the same");
    let another = caller.call("flows.publish", json!({ "flow": flow["id"], "note": "x" })).await.unwrap_err();
    assert_eq!(another.code(), "idempotency_mismatch");
    let elsewhere = town.pmos.carry_out(other.workspace, approval).await.unwrap_err();
    assert_eq!(elsewhere.kind(), Kind::NotFound);

    let live = carried_out(&town.pmos, tenant.workspace, approval).await;
    assert_eq!((&live["id"], &live["published"]["version"]), (&flow["id"], &json!(1)));
    assert_eq!(town.pmos.carry_out(tenant.workspace, approval).await.unwrap_err().kind(), Kind::NotFound);
    let again = caller.call("flows.publish", publish).await.unwrap().done().unwrap();
    assert_eq!(serde_json::from_str::<Value>(again.get()).unwrap(), live, "the answer is remembered");
    let records = tenant.act("audit.list", json!({ "action": "flows.publish" })).await;
    let records = records["items"].as_array().unwrap();
    assert_eq!((records.len(), &records[0]["outcome"]), (1, &json!("done")), "{records:?}");
    assert_eq!(records[0]["actor"]["id"], json!(town.member.id));
}

#[rstest]
#[tokio::test]
async fn what_waits_is_done_with_the_rights_of_then(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on, ParkRisky::default()).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    tenant.act("members.update", json!({ "user": town.member.id, "role": "viewer" })).await;
    assert_eq!(town.pmos.carry_out(tenant.workspace, approval).await.unwrap_err().kind(), Kind::Forbidden);
    tenant.act("members.remove", json!({ "user": town.member.id })).await;
    assert_eq!(town.pmos.carry_out(tenant.workspace, approval).await.unwrap_err().kind(), Kind::NotFound);
}

#[rstest]
#[tokio::test]
async fn a_parked_input_holds_no_secret_and_still_arrives_whole(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some((town, kept)) = town(on, ParkRisky::default()).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, Some("hand-on-1")).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop", "secret": CANARY })).await;
    let scope = pmos::core::testkit::scope(tenant.workspace, Actor::System("look at a parked call"), Role::Member);
    let mut unit = kept.store.begin(&scope, Access::Read).await.unwrap();
    let row = unit.parked().get(approval).await.unwrap().unwrap();
    drop(unit);
    assert_eq!(serde_json::from_str::<Value>(row.input.get()).unwrap(), json!({ "to": "shop" }));
    let sealed = row.secrets.as_ref().unwrap().bytes();
    assert!(!sealed.windows(CANARY.len()).any(|bytes| bytes == CANARY.as_bytes()));
    assert!(!format!("{row:?}").contains(CANARY));
    let done = carried_out(&town.pmos, tenant.workspace, approval).await;
    assert_eq!(done, json!({ "to": "shop", "arrived": true }));
}

#[rstest]
#[tokio::test]
async fn whatever_is_risky_waits_and_nothing_else_does(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on, ParkRisky::default()).await else { return };
    let elsewhere = town.elsewhere().await;
    let (mut waits, mut done) = (0, 0);
    for entry in town.pmos.table().iter() {
        let spec = &entry.spec;
        if spec.reach != Reach::Workspace || !spec.channels.admit(Channel::Agent) || spec.name == HandOn::SPEC.name {
            continue;
        }
        let tenant = town.tenant().await;
        let caller = enter(&town.pmos, town.admin.id, Channel::Agent, tenant.workspace).await.unwrap();
        let input = prepared(&tenant, spec.name).await.input;
        match caller.call(spec.name, input).await {
            Ok(Called::Parked(approval)) => {
                assert!(spec.effect >= Effect::Write, "{} waits", spec.name);
                let stolen = town.pmos.carry_out(elsewhere.workspace, approval).await.unwrap_err();
                assert_eq!(stolen.kind(), Kind::NotFound, "{}", spec.name);
                waits += 1;
            }
            Ok(Called::Done(_)) => {
                assert!(spec.effect < Effect::Write, "{} does not wait", spec.name);
                done += 1;
            }
            Err(error) => assert_eq!(error.kind(), Kind::Unsupported, "{}: {error:?}", spec.name),
        }
        assert!(enter(&town.pmos, town.admin.id, Channel::Agent, elsewhere.workspace).await.is_err());
    }
    assert!(waits >= 7 && done >= 15, "{waits} wait, {done} are done");
}

#[tokio::test]
async fn over_http_a_call_that_waits_is_accepted() {
    let (town, _kept) = town(On::Memory, ParkRisky { everybody: true }).await.unwrap();
    let principal = town.pmos.vouch(town.admin.id, Channel::Rust).await.unwrap();
    let workspace = principal.memberships()[0].workspace;
    let path = format!("/api/v1/workspaces/{workspace}/secrets");
    let body = json!({ "to": "shop", "secret": CANARY });
    let answer = town.web.call(&town.admin.browser(), "POST", &path, &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let approval: ApprovalId = answer.json()["approval"].as_str().unwrap().parse().unwrap();
    assert!(!answer.everything().contains(CANARY));
    assert_eq!(carried_out(&town.pmos, workspace, approval).await["arrived"], true);
    let by_key = town.web.call(&Credential::Nothing, "POST", &path, &body).await;
    assert_eq!(by_key.status, 401);
}
