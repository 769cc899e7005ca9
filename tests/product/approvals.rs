//! What a machine may not do by itself waits until a person has decided, holds no secret, and is done once with the rights of then.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use pmos::core::{
    Actor, ApprovalId, Channel, Clock, Kind, Pmos, Result, Role, UserId, WorkspaceId,
    action::{Action, ActionSpec, Called, Caller, Context, Effect, Method, Reach, RequestInfo, Table},
    store::Access,
    testkit::{ParkRisky, TestClock},
    vault::Secret,
};
use rstest::rstest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    matrix::prepared,
    setup::{self, On, TestStore},
    town::{Tenant, Town, call, enter, try_call},
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

/// An instance whose background work is driven by the test.
async fn town(on: On) -> Option<(Town, TestStore)> {
    let kept = on.store().await?;
    let pmos = setup::builder(kept.store.clone(), "").actions(Table::with::<HandOn>).build().unwrap();
    Some((Town::over(pmos).await, kept))
}

/// Carries out what was approved, and ends what no one decided in time.
pub(crate) async fn carry_out(pmos: &Pmos) {
    let jobs = pmos.jobs();
    let job = jobs.iter().find(|job| job.key() == "approvals").unwrap();
    job.tick(pmos.clock().now()).await.unwrap();
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

async fn person(town: &Town, who: UserId, workspace: WorkspaceId) -> Caller {
    enter(&town.pmos, who, Channel::Rust, workspace).await.unwrap()
}

async fn parked(caller: &Caller, action: &str, input: Value) -> ApprovalId {
    match caller.call(action, input).await.unwrap() {
        Called::Parked(approval) => approval,
        Called::Done(output) => panic!("{action} did not wait: {output}"),
    }
}

/// Approves as the one on whose behalf it was asked, and what the request looks like once it was carried out.
async fn approved(town: &Town, tenant: &Tenant, approval: ApprovalId) -> Value {
    let member = person(town, town.member.id, tenant.workspace).await;
    call(&member, "approvals.decide", json!({ "approval": approval, "decision": "approve" })).await;
    carry_out(&town.pmos).await;
    call(&member, "approvals.get", json!({ "approval": approval })).await
}

async fn order_intake(tenant: &Tenant) -> Value {
    tenant.act("flows.create", json!({ "name": "Orders", "graph": setup::order_intake() })).await
}

#[rstest]
#[tokio::test]
async fn a_risky_call_waits_and_is_done_once_as_its_requester(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let flow = order_intake(&tenant).await;
    let publish = json!({ "flow": flow["id"] });
    let caller = agent(&town, tenant.workspace, Some("publish-1")).await;
    let approval = parked(&caller, "flows.publish", publish.clone()).await;
    carry_out(&town.pmos).await;
    assert_eq!(tenant.act("flows.get", publish.clone()).await["published"], Value::Null, "no one decided yet");
    assert_eq!(parked(&caller, "flows.publish", publish.clone()).await, approval, "asked again, it waits all the same");
    let another = caller.call("flows.publish", json!({ "flow": flow["id"], "note": "x" })).await.unwrap_err();
    assert_eq!(another.code(), "idempotency_mismatch");

    let asked = tenant.act("approvals.get", json!({ "approval": approval })).await;
    assert_eq!(
        (&asked["status"], &asked["action"], &asked["effect"]),
        (&json!("pending"), &json!("flows.publish"), &json!("write"))
    );
    assert!(asked["summary"].as_str().unwrap().contains("Orders"), "{asked}");
    assert_eq!(asked["requested_by"]["actor"], json!({ "kind": "agent", "id": town.member.id }));
    assert!(!asked["preview"]["flow_diff"].as_array().unwrap().is_empty(), "{asked}");

    let done = approved(&town, &tenant, approval).await;
    assert_eq!(done["status"], "executed", "{done}");
    assert_eq!((&done["result"]["id"], &done["result"]["published"]["version"]), (&flow["id"], &json!(1)));
    carry_out(&town.pmos).await;
    let again = caller.call("flows.publish", publish).await.unwrap().done().unwrap();
    assert_eq!(serde_json::from_str::<Value>(again.get()).unwrap(), done["result"], "the answer is remembered");
    let records = tenant.act("audit.list", json!({ "action": "flows.publish" })).await;
    let records = records["items"].as_array().unwrap();
    assert_eq!((records.len(), &records[0]["outcome"]), (1, &json!("done")), "{records:?}");
    assert_eq!(records[0]["actor"]["id"], json!(town.member.id));
}

#[rstest]
#[tokio::test]
async fn what_was_denied_is_not_done_and_a_decision_stands(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let flow = order_intake(&tenant).await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "flows.delete", json!({ "flow": flow["id"] })).await;
    let member = person(&town, town.member.id, tenant.workspace).await;
    let denied = call(&member, "approvals.decide", json!({ "approval": approval, "decision": "deny" })).await;
    assert_eq!((&denied["status"], &denied["decidable"]), (&json!("denied"), &json!(false)));
    let late = try_call(&member, "approvals.decide", json!({ "approval": approval, "decision": "approve" })).await;
    assert_eq!(late.unwrap_err().code(), "already_decided");
    carry_out(&town.pmos).await;
    tenant.act("flows.get", json!({ "flow": flow["id"] })).await;
}

#[rstest]
#[tokio::test]
async fn what_waits_is_done_with_the_rights_of_then(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    let first = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    let second = parked(&caller, "secrets.hand_on", json!({ "to": "bank" })).await;
    tenant.act("approvals.decide", json!({ "approval": first, "decision": "approve" })).await;
    tenant.act("members.update", json!({ "user": town.member.id, "role": "viewer" })).await;
    carry_out(&town.pmos).await;
    let failed = tenant.act("approvals.get", json!({ "approval": first })).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("role"), "{failed}");
    tenant.act("approvals.decide", json!({ "approval": second, "decision": "approve" })).await;
    tenant.act("members.remove", json!({ "user": town.member.id })).await;
    carry_out(&town.pmos).await;
    assert_eq!(tenant.act("approvals.get", json!({ "approval": second })).await["status"], "failed");
}

#[rstest]
#[tokio::test]
async fn who_approved_must_still_be_allowed_to_when_it_is_done(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    let deputy = person(&town, town.deputy.id, tenant.workspace).await;
    call(&deputy, "approvals.decide", json!({ "approval": approval, "decision": "approve" })).await;
    tenant.act("members.update", json!({ "user": town.deputy.id, "role": "viewer" })).await;
    carry_out(&town.pmos).await;
    assert_eq!(tenant.act("approvals.get", json!({ "approval": approval })).await["status"], "failed");
}

#[rstest]
#[tokio::test]
async fn a_parked_input_holds_no_secret_and_still_arrives_whole(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some((town, kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, Some("hand-on-1")).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop", "secret": CANARY })).await;
    let scope = pmos::core::testkit::scope(tenant.workspace, Actor::System("look at a parked call"), Role::Member);
    let mut unit = kept.store.begin(&scope, Access::Read).await.unwrap();
    let row = unit.approvals().get(approval).await.unwrap().unwrap();
    drop(unit);
    assert_eq!(serde_json::from_str::<Value>(row.input.get()).unwrap(), json!({ "to": "shop" }));
    let sealed = row.secrets.as_ref().unwrap().bytes();
    assert!(!sealed.windows(CANARY.len()).any(|bytes| bytes == CANARY.as_bytes()));
    assert!(!format!("{row:?}").contains(CANARY));
    let done = approved(&town, &tenant, approval).await;
    assert_eq!(done["result"], json!({ "to": "shop", "arrived": true }), "{done}");
}

#[rstest]
#[tokio::test]
async fn it_is_seen_and_decided_by_those_who_may_and_by_no_one_else(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some((town, _kept)) = town(on).await else { return };
    let (tenant, elsewhere) = (town.tenant().await, town.elsewhere().await);
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    let which = json!({ "approval": approval });
    let yes = json!({ "approval": approval, "decision": "approve" });
    for (who, kind) in [(town.viewer.id, Kind::Forbidden), (town.guest.id, Kind::NotFound)] {
        let other = person(&town, who, tenant.workspace).await;
        assert_eq!(try_call(&other, "approvals.get", which.clone()).await.unwrap_err().kind(), kind);
        assert_eq!(try_call(&other, "approvals.decide", yes.clone()).await.unwrap_err().kind(), kind);
    }
    let guest = person(&town, town.guest.id, tenant.workspace).await;
    assert_eq!(call(&guest, "approvals.list", json!({})).await["items"], json!([]));
    assert_eq!(try_call(&elsewhere.caller, "approvals.get", which.clone()).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(try_call(&elsewhere.caller, "approvals.decide", yes.clone()).await.unwrap_err().kind(), Kind::NotFound);
    // Nothing of it is open to a machine.
    for channel in [Channel::Agent, Channel::Mcp, Channel::Schedule] {
        let machine = enter(&town.pmos, town.admin.id, channel, tenant.workspace).await.unwrap();
        let acts = town
            .pmos
            .table()
            .iter()
            .filter(|entry| entry.spec.name.starts_with("approvals.") || entry.spec.name.starts_with("grants."));
        for entry in acts {
            let refused = machine.permit(&entry.spec).await.unwrap_err();
            assert_eq!(refused.kind(), Kind::Forbidden, "{}", entry.spec.name);
        }
    }
    assert_eq!(tenant.act("approvals.decide", yes).await["status"], "approved", "an admin decides for others");
}

#[rstest]
#[tokio::test]
async fn other_arguments_are_another_act_and_are_said_so(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    let member = person(&town, town.member.id, tenant.workspace).await;
    let asked = call(&member, "approvals.get", json!({ "approval": approval })).await;
    for (arguments, field) in
        [(json!({ "too": "x" }), "arguments.too"), (json!({ "to": "x", "secret": "y" }), "arguments.secret")]
    {
        let input = json!({ "approval": approval, "decision": "approve", "arguments": arguments });
        let refused = try_call(&member, "approvals.decide", input).await.unwrap_err();
        assert_eq!((refused.kind(), refused.fields()[0].field.as_str()), (Kind::Invalid, field));
    }
    let input = json!({ "approval": approval, "decision": "approve", "arguments": { "to": "bank" } });
    let edited = call(&member, "approvals.decide", input).await;
    assert_eq!((&edited["edited"], &edited["arguments"]), (&json!(true), &json!({ "to": "bank" })));
    assert_ne!(edited["digest"], asked["digest"]);
    carry_out(&town.pmos).await;
    let done = call(&member, "approvals.get", json!({ "approval": approval })).await;
    assert_eq!(done["result"]["to"], "bank", "{done}");
}

#[rstest]
#[tokio::test]
async fn what_changed_after_it_was_asked_for_is_not_done(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let flow = order_intake(&tenant).await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "flows.publish", json!({ "flow": flow["id"] })).await;
    tenant.act("flows.rename", json!({ "flow": flow["id"], "name": "Something else" })).await;
    let failed = approved(&town, &tenant, approval).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("changed"), "{failed}");
    assert_eq!(tenant.act("flows.get", json!({ "flow": flow["id"] })).await["published"], Value::Null);
}

#[rstest]
#[tokio::test]
async fn a_grant_holds_for_exactly_the_same_act_until_it_is_taken_back(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    let member = person(&town, town.member.id, tenant.workspace).await;
    let short = json!({ "approval": approval, "decision": "approve", "grant_for": 5 });
    assert_eq!(try_call(&member, "approvals.decide", short).await.unwrap_err().fields()[0].field, "grant_for");
    let hour = json!({ "approval": approval, "decision": "approve", "grant_for": 3600 });
    call(&member, "approvals.decide", hour).await;
    call(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    parked(&caller, "secrets.hand_on", json!({ "to": "bank" })).await;
    let another = enter(&town.pmos, town.guest.id, Channel::Agent, tenant.workspace).await.unwrap();
    parked(&another, "secrets.hand_on", json!({ "to": "shop" })).await;
    let grants = tenant.act("grants.list", json!({})).await;
    let grant = grants["items"][0]["id"].clone();
    tenant.caller.call("grants.revoke", json!({ "grant": grant })).await.unwrap().done().unwrap();
    parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
}

#[rstest]
#[tokio::test]
async fn four_eyes_want_another_person(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    tenant.act("approvals.policy.set", json!({ "four_eyes": true })).await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    let yes = json!({ "approval": approval, "decision": "approve" });
    let own = person(&town, town.member.id, tenant.workspace).await;
    assert_eq!(try_call(&own, "approvals.decide", yes.clone()).await.unwrap_err().kind(), Kind::Forbidden);
    let viewer = person(&town, town.viewer.id, tenant.workspace).await;
    assert_eq!(try_call(&viewer, "approvals.decide", yes.clone()).await.unwrap_err().kind(), Kind::Forbidden);
    let guest = person(&town, town.guest.id, tenant.workspace).await;
    call(&guest, "approvals.decide", yes).await;
    carry_out(&town.pmos).await;
    assert_eq!(call(&guest, "approvals.get", json!({ "approval": approval })).await["status"], "executed");
}

#[rstest]
#[tokio::test]
async fn the_rules_say_what_is_asked_for(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    for (tool, field) in [
        ("runs.strat", "tools.runs.strat"),
        ("flows.list", "tools.flows.list"),
        ("members.update", "tools.members.update"),
    ] {
        let refused = try_call(&tenant.caller, "approvals.policy.set", json!({ "tools": { tool: "auto" } })).await;
        assert_eq!(refused.unwrap_err().fields()[0].field, field);
    }
    tenant.act("approvals.policy.set", json!({ "tools": { "secrets.hand_on": "auto" } })).await;
    call(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    tenant.act("approvals.policy.set", json!({ "tools": { "secrets.hand_on": "deny" } })).await;
    let denied = try_call(&caller, "secrets.hand_on", json!({ "to": "shop" })).await.unwrap_err();
    assert_eq!(denied.code(), "denied_by_policy");
    let rules = tenant.act("approvals.policy.get", json!({})).await;
    assert_eq!((&rules["revision"], &rules["write"]), (&json!("2"), &json!("ask")));
    let member = person(&town, town.member.id, tenant.workspace).await;
    let own = try_call(&member, "approvals.policy.set", json!({ "write": "auto" })).await.unwrap_err();
    assert_eq!(own.kind(), Kind::Forbidden);
    let records = tenant.act("audit.list", json!({ "action": "approvals.policy.set", "outcome": "done" })).await;
    assert!(records["items"][0]["note"].as_str().unwrap().contains("deny"), "{records}");
}

#[rstest]
#[tokio::test]
async fn what_no_one_decides_expires(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(kept) = on.store().await else { return };
    let clock = Arc::new(TestClock::default());
    let builder = setup::builder(kept.store.clone(), "").clock(clock.clone());
    let town = Town::over(builder.actions(Table::with::<HandOn>).build().unwrap()).await;
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    clock.advance(Duration::from_hours(25));
    let late = tenant.caller.call("approvals.decide", json!({ "approval": approval, "decision": "approve" })).await;
    assert_eq!(late.unwrap_err().code(), "approval_expired");
    carry_out(&town.pmos).await;
    let ended = tenant.act("approvals.get", json!({ "approval": approval })).await;
    assert_eq!(ended["status"], "expired", "{ended}");
    assert!(clock.now().to_string().as_str() >= ended["expires_at"].as_str().unwrap());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn however_many_decide_at_once_it_is_done_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
    let tenant = town.tenant().await;
    let caller = agent(&town, tenant.workspace, None).await;
    let approval = parked(&caller, "secrets.hand_on", json!({ "to": "shop" })).await;
    let people = [town.admin.id, town.deputy.id, town.member.id];
    let mut deciders = Vec::new();
    for who in people {
        deciders.push(person(&town, who, tenant.workspace).await);
    }
    let decide = |at: usize| {
        let caller = deciders[at % deciders.len()].clone();
        let yes = json!({ "approval": approval, "decision": "approve" });
        tokio::spawn(async move { caller.call("approvals.decide", yes).await.map(|_| ()) })
    };
    let decided = futures::future::join_all((0..1_000).map(decide)).await;
    let (won, lost): (Vec<_>, Vec<_>) = decided.into_iter().map(|decided| decided.unwrap()).partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|lost| lost.as_ref().unwrap_err().code() == "already_decided"));
    tokio::join!(carry_out(&town.pmos), carry_out(&town.pmos));
    let records = tenant.act("audit.list", json!({ "action": "secrets.hand_on" })).await;
    assert_eq!(records["items"].as_array().unwrap().len(), 1, "{records}");
}

#[rstest]
#[tokio::test]
async fn whatever_is_risky_waits_and_nothing_else_does(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some((town, _kept)) = town(on).await else { return };
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
                let yes = json!({ "approval": approval, "decision": "approve" });
                let stolen = try_call(&elsewhere.caller, "approvals.decide", yes).await.unwrap_err();
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
    let kept = On::Memory.store().await.unwrap();
    let builder = setup::builder(kept.store.clone(), "").gate(Arc::new(ParkRisky { everybody: true }));
    let town = Town::over(builder.actions(Table::with::<HandOn>).build().unwrap()).await;
    let principal = town.pmos.vouch(town.admin.id, Channel::Rust).await.unwrap();
    let workspace = principal.memberships()[0].workspace;
    let path = format!("/api/v1/workspaces/{workspace}/secrets");
    let body = json!({ "to": "shop", "secret": CANARY });
    let answer = town.web.call(&town.admin.browser(), "POST", &path, &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let approval = answer.json()["approval"].as_str().unwrap().to_owned();
    assert!(!answer.everything().contains(CANARY));
    let decision = format!("/api/v1/workspaces/{workspace}/approvals/{approval}/decision");
    let decided = town.web.call(&town.admin.browser(), "POST", &decision, &json!({ "decision": "approve" })).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    carry_out(&town.pmos).await;
    let request = format!("/api/v1/workspaces/{workspace}/approvals/{approval}");
    let done = town.web.call(&town.admin.browser(), "GET", &request, &Value::Null).await;
    assert_eq!(done.json()["result"]["arrived"], true, "{}", done.text());
    let by_key = town.web.call(&Credential::Nothing, "POST", &path, &body).await;
    assert_eq!(by_key.status, 401);
}
