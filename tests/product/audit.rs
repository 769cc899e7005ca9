//! The audit says what was done, once, and shows when it was changed.

use std::collections::BTreeMap;

use pmos::core::{
    Actor, Channel, Role, WorkspaceId,
    action::{Effect, Permission, Reach},
    audit::AuditRecord,
    store::Access,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    matrix::{missing, prepared},
    setup::On,
    town::{self, Town},
    web::with,
};

/// The chain of a workspace, or of the instance. It outlives the workspace, so it is read past the pipeline.
async fn chain(town: &Town, workspace: Option<WorkspaceId>) -> Vec<AuditRecord> {
    let store = town.store();
    match workspace {
        Some(workspace) => {
            let scope = pmos::core::testkit::scope(workspace, Actor::System("read a chain"), Role::WorkspaceAdmin);
            store.begin(&scope, Access::Read).await.unwrap().audit().after(0, 10_000).await.unwrap()
        }
        None => store.system("read a chain", Access::Read).await.unwrap().audit().after(0, 10_000).await.unwrap(),
    }
}

#[rstest]
#[tokio::test]
async fn whatever_changes_something_leaves_one_record_and_whatever_reads_none(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(town) = Town::idle(on).await else { return };
    for entry in town.pmos.table().iter() {
        let (action, spec) = (entry.spec.name, entry.spec);
        let tenant = town.tenant().await;
        let sample = prepared(&tenant, action).await;
        let input = sample.input;
        let usual = match spec.reach {
            Reach::Instance => &town.root,
            // A conversation is its owner's.
            _ if action.starts_with("chat.") => &town.member,
            _ => &town.admin,
        };
        let who = sample.owner.as_ref().unwrap_or(usual);
        let home = (spec.reach == Reach::Workspace).then_some(tenant.workspace);
        let before = (chain(&town, None).await.len(), chain(&town, Some(tenant.workspace)).await.len());
        let answer = town.web.act(&who.browser(), entry, tenant.workspace, &input).await;
        let after = (chain(&town, None).await, chain(&town, Some(tenant.workspace)).await);
        let mut new = BTreeMap::from([(None, &after.0[before.0..]), (Some(tenant.workspace), &after.1[before.1..])]);
        if spec.effect == Effect::Read {
            assert!(new.values().all(|records| records.is_empty()), "{action} only reads: {new:?}");
            continue;
        }
        assert!(answer.is_success(), "{action}: {}", answer.text());
        let records = new.remove(&home).unwrap();
        // An act that goes outward says before that it begins.
        let (begun, record) = match records {
            [record] => (record, record),
            [begun, record] if begun.outcome.as_str() == "begun" => (begun, record),
            _ => panic!("{action} left {} records", records.len()),
        };
        assert_eq!(begun.request, record.request, "{action}");
        let request = answer.headers["x-request-id"].to_str().unwrap();
        assert_eq!(
            (record.action.as_str(), record.outcome.as_str(), record.request.as_str()),
            (action, "done", request)
        );
        assert_eq!((record.actor_kind.as_str(), &record.actor_id), ("person", &who.id.to_string()), "{action}");
        assert_eq!(record.address.as_deref(), Some("127.0.0.1"), "{action}");
        let other = new.into_values().next().unwrap();
        // What is done to a workspace from elsewhere is told to its own admins.
        let announced = usize::from(matches!(action, "admin.act_as" | "quota.set" | "invitations.accept"));
        assert_eq!(other.len(), announced, "{action} wrote into another chain, too");
    }
}

#[rstest]
#[tokio::test]
async fn an_act_that_failed_left_no_record_that_it_was_done(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    for entry in town.pmos.table().iter().filter(|entry| entry.spec.effect != Effect::Read) {
        let sample = prepared(&tenant, entry.spec.name).await;
        let Some(field) = sample.object else { continue };
        let before = chain(&town, Some(tenant.workspace)).await.len();
        let gone = with(&sample.input, field, missing(&sample.input[field]));
        let answer = town.web.act(&town.admin.browser(), entry, tenant.workspace, &gone).await;
        assert_eq!(answer.status, 404, "{}", entry.spec.name);
        assert_eq!(chain(&town, Some(tenant.workspace)).await.len(), before, "{}", entry.spec.name);
    }
}

#[rstest]
#[tokio::test]
async fn what_an_admin_may_is_recorded_when_another_tries(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let mut tried = 0;
    for entry in town.pmos.table().iter() {
        let for_admins = entry.spec.permission == Permission::Role(Role::WorkspaceAdmin);
        if !for_admins || entry.spec.effect == Effect::Read {
            continue;
        }
        tried += 1;
        let input = prepared(&tenant, entry.spec.name).await.input;
        let before = chain(&town, Some(tenant.workspace)).await.len();
        let answer = town.web.act(&town.member.browser(), entry, tenant.workspace, &input).await;
        assert_eq!(answer.status, 403, "{}", entry.spec.name);
        let after = chain(&town, Some(tenant.workspace)).await;
        let [record] = &after[before..] else { panic!("{}: {} records", entry.spec.name, after.len() - before) };
        assert_eq!((record.action.as_str(), record.outcome.as_str()), (entry.spec.name, "denied"));
        assert_eq!(record.actor_id, town.member.id.to_string());
    }
    assert!(tried >= 9, "only {tried} actions are for admins");
    let agent = town::enter(&town.pmos, town.admin.id, Channel::Agent, tenant.workspace).await.unwrap();
    agent.call("members.remove", json!({ "user": tenant.guest })).await.unwrap_err();
    let last = chain(&town, Some(tenant.workspace)).await.pop().unwrap();
    assert_eq!(
        (last.action.as_str(), last.outcome.as_str(), last.actor_kind.as_str()),
        ("members.remove", "denied", "agent")
    );
    let verdict: Value = tenant.act("audit.verify", json!({})).await;
    assert_eq!(verdict["ok"], true, "{verdict}");
}

#[tokio::test]
async fn who_was_asked_for_the_password_first_was_not_refused() {
    let town = Town::idle(On::Memory).await.unwrap();
    let tenant = town.tenant().await;
    let browser = town::enter(&town.pmos, town.admin.id, Channel::Browser, tenant.workspace).await.unwrap();
    let member = json!({ "user": tenant.guest, "role": "viewer" });
    assert_eq!(browser.call("members.update", member).await.unwrap_err().code(), "step_up_required");
    let asked = tenant.act("audit.list", json!({ "outcome": "asked" })).await;
    assert_eq!((asked["items"].as_array().unwrap().len(), &asked["items"][0]["action"]), (1, &json!("members.update")));
    let denied = tenant.act("audit.list", json!({ "outcome": "denied" })).await;
    assert_eq!(denied["items"], json!([]));
}

#[tokio::test]
async fn a_record_names_who_acted_and_who_it_was_about() {
    let town = Town::idle(On::Memory).await.unwrap();
    let tenant = town.tenant().await;
    tenant.act("members.update", json!({ "user": tenant.guest, "role": "viewer" })).await;
    let record = tenant.act("audit.list", json!({ "action": "members.update" })).await["items"][0].clone();
    assert_eq!((&record["actor"]["name"], &record["subject"]["name"]), (&json!("Adam"), &json!("Gus")));
    let before = json!({ "action": "members.update", "until": record["at"] });
    assert_eq!(tenant.act("audit.list", before).await["items"], json!([]));
    let since = json!({ "action": "members.update", "since": record["at"] });
    assert_eq!(tenant.act("audit.list", since).await["items"], json!([record]));
}
