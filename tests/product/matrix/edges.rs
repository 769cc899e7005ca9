//! Rules at the edge of the matrix: foreign pages, foreign workspaces, what is one's own.

use std::sync::Arc;

use pmos::{
    core::{
        Channel, PageRequest,
        action::{Method, Reach, RequestInfo},
        store::{Access, AuditFilter},
    },
    storage::MemoryStore,
};
use serde_json::{Value, json};

use super::prepared;
use crate::{
    setup::{self, On},
    town::{self, Tenant, Town},
    web::{Credential, route},
};

async fn records(tenant: &Tenant) -> Value {
    tenant.act("audit.verify", json!({})).await["records"].clone()
}

#[tokio::test]
async fn a_foreign_page_cannot_write_with_a_cookie() {
    let town = Town::over(setup::idle(Arc::new(MemoryStore::new()), "")).await;
    let tenant = town.tenant().await;
    let foreign = Credential::ForeignPage(town.admin.token.clone());
    let mut routes: Vec<(String, String, Value)> = Vec::new();
    for entry in town.pmos.table().iter().filter(|entry| entry.spec.method != Method::Get) {
        let sample = prepared(&tenant, entry.spec.name).await;
        let (path, body) = route(entry, tenant.workspace, &sample.input);
        routes.push((entry.spec.method.as_str().to_owned(), path, body));
    }
    for (method, path, body) in [
        ("POST", "/api/v1/auth/sign-out", Value::Null),
        ("POST", "/api/v1/auth/sign-in", json!({ "email": "adam@example.com", "password": setup::PASSWORD })),
    ] {
        routes.push((method.to_owned(), path.to_owned(), body));
    }
    let before = records(&tenant).await;
    for (method, path, body) in &routes {
        let answer = town.web.call(&foreign, method, path, body).await;
        assert_eq!((answer.status, answer.code().as_deref()), (403, Some("foreign_origin")), "{method} {path}");
    }
    assert_eq!(records(&tenant).await, before, "a refused page changed something");
    let me = town.web.call(&town.admin.browser(), "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!(me.json()["user"]["name"], "Adam");
}

#[tokio::test]
async fn a_super_admin_in_a_foreign_workspace_is_seen_in_both_logs() {
    let town = Town::idle(On::Memory).await.unwrap();
    let (tenant, other) = (town.tenant().await, town.tenant().await);
    let list = |tenant: &Tenant| format!("/api/v1/workspaces/{}/flows", tenant.workspace);
    let acting = town.act_as(tenant.workspace).await;
    let get = async |who: &Credential, path: &str| town.web.call(who, "GET", path, &Value::Null).await.status;
    assert_eq!(get(&town.root.browser(), &list(&tenant)).await, 404, "without a reason it is not there");
    assert_eq!(get(&acting, &list(&tenant)).await, 200);
    assert_eq!(get(&acting, &list(&other)).await, 404, "the reason was given for another workspace");
    let Credential::ActingAs(_, id) = &acting else { unreachable!() };
    let borrowed = Credential::ActingAs(town.viewer.token.clone(), id.clone());
    assert_eq!(get(&borrowed, &list(&tenant)).await, 404, "the header belongs to one person");
    let made = town.web.call(&acting, "POST", &list(&tenant), &json!({ "name": "By root" })).await;
    assert_eq!(made.status, 201, "{}", made.text());

    let ours = tenant.act("audit.list", json!({})).await;
    let ours = ours["items"].as_array().unwrap();
    let entered = ours.iter().find(|record| record["action"] == "admin.act_as").unwrap();
    assert_eq!((&entered["note"], &entered["actor"]["id"]), (&json!("a member asked for help"), &json!(town.root.id)));
    let acted = ours.iter().find(|record| record["action"] == "flows.create").unwrap();
    assert_eq!(acted["actor"]["id"], json!(town.root.id));
    assert!(acted["note"].as_str().unwrap().contains("a member asked for help"), "{acted}");

    let mut unit = town.store().system("read the audit of the instance", Access::Read).await.unwrap();
    let page = PageRequest { limit: 200, after: None };
    let filter = AuditFilter { action: Some("admin.act_as".to_owned()), ..AuditFilter::default() };
    let theirs = unit.audit().list(&filter, &page).await.unwrap().items;
    assert_eq!(theirs[0].subject_id, Some(tenant.workspace.to_string()));
}

#[tokio::test]
async fn a_member_sees_and_revokes_only_keys_of_their_own() {
    let town = Town::over(setup::idle(Arc::new(MemoryStore::new()), "")).await;
    let tenant = town.tenant().await;
    let (theirs, _) = tenant.key(town.admin.id, &["flows.*".to_owned()]).await;
    let (own, _) = tenant.key(town.member.id, &["flows.*".to_owned()]).await;
    let caller = town::enter(&town.pmos, town.member.id, Channel::Rust, tenant.workspace).await.unwrap();
    let seen = town::call(&caller, "api_keys.list", json!({})).await;
    let seen: Vec<_> = seen["items"].as_array().unwrap().iter().map(|key| key["id"].clone()).collect();
    assert_eq!(seen, [json!(own)]);
    let refused = caller.call("api_keys.revoke", json!({ "key": theirs })).await.unwrap_err();
    assert_eq!(refused.kind(), pmos::core::Kind::NotFound);
}

#[tokio::test]
async fn a_person_cannot_change_their_own_role_and_the_last_admin_stays() {
    let town = Town::over(setup::idle(Arc::new(MemoryStore::new()), "")).await;
    let tenant = town.elsewhere().await;
    for (action, input) in [
        ("members.update", json!({ "user": town.stranger.id, "role": "viewer" })),
        ("members.remove", json!({ "user": town.stranger.id })),
        ("members.leave", json!({})),
    ] {
        tenant.caller.call(action, input).await.unwrap_err();
    }
    let me = town.web.call(&town.stranger.browser(), "GET", "/api/v1/workspaces", &Value::Null).await.json();
    let role = me["items"].as_array().unwrap().iter().find(|item| item["id"] == json!(tenant.workspace)).unwrap();
    assert_eq!(role["role"], "workspace_admin");
}

#[tokio::test]
async fn an_act_in_a_workspace_needs_one_and_others_need_none() {
    let town = Town::over(setup::idle(Arc::new(MemoryStore::new()), "")).await;
    let tenant = town.tenant().await;
    let principal = town.pmos.vouch(town.admin.id, Channel::Rust).await.unwrap();
    let outsider = town.pmos.welcome(&principal, RequestInfo::internal(&town.pmos).unwrap());
    for entry in town.pmos.table().iter() {
        let input = prepared(&tenant, entry.spec.name).await.input;
        let wrong = if entry.spec.reach == Reach::Workspace { &outsider } else { &tenant.caller };
        let refused = wrong.call(entry.spec.name, input).await.unwrap_err();
        assert_eq!(refused.kind(), pmos::core::Kind::NotFound, "{}", entry.spec.name);
    }
}
