//! Callers and feeds that a program keeps for longer than a request.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use pmos::{
    core::{
        Channel, Kind, Result, Role, UserId, WorkspaceId,
        action::RequestInfo,
        event::{Feed, FeedItem, FeedRequest},
        flow::actions::{CreateFlow, ListFlows},
        workspace::{Membership, Workspace, WorkspaceProfile},
    },
    storage::MemoryStore,
};
use rstest::rstest;
use serde_json::json;

use crate::{
    setup::{self, On},
    town::{self, Town},
};

#[rstest]
#[tokio::test]
async fn a_caller_that_is_kept_can_do_nothing_once_its_person_was_removed(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let kept = town::enter(&town.pmos, town.guest.id, Channel::Rust, tenant.workspace).await.unwrap();
    let principal = town.pmos.vouch(town.guest.id, Channel::Rust).await.unwrap();
    town::call(&kept, "flows.list", json!({})).await;
    tenant.act("members.remove", json!({"user": town.guest.id})).await;
    let refused = kept.call("flows.create", json!({"name": "Late"})).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::NotFound);
    assert_eq!(kept.run(ListFlows::default()).await.unwrap_err().kind(), Kind::NotFound);
    let request = RequestInfo::internal(&town.pmos).unwrap();
    let again = town.pmos.enter(&principal, tenant.workspace, request).await.unwrap_err();
    assert_eq!(again.kind(), Kind::NotFound, "a principal that is kept opens nothing");
}

#[rstest]
#[tokio::test]
async fn a_caller_that_is_kept_has_the_role_of_now(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let kept = town::enter(&town.pmos, town.guest.id, Channel::Rust, tenant.workspace).await.unwrap();
    town::call(&kept, "flows.create", json!({"name": "Before"})).await;
    tenant.act("members.update", json!({"user": town.guest.id, "role": "viewer"})).await;
    let refused = kept.call("flows.create", json!({"name": "After"})).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
    town::call(&kept, "flows.list", json!({})).await;
}

#[rstest]
#[tokio::test]
async fn a_feed_ends_when_its_watcher_was_removed(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let caller = town::enter(&town.pmos, town.guest.id, Channel::Rust, tenant.workspace).await.unwrap();
    let mut feed = Feed::open(&caller, None, FeedRequest::default()).await.unwrap();
    tenant.act("flows.create", json!({"name": "Seen"})).await;
    assert!(matches!(feed.next().await.unwrap(), Some(FeedItem::Event(_))));
    tenant.act("members.remove", json!({"user": town.guest.id})).await;
    tenant.act("flows.create", json!({"name": "Not seen"})).await;
    assert_eq!(feed.next().await.unwrap_err().kind(), Kind::NotFound);
}

#[rstest]
#[tokio::test]
async fn a_feed_ends_with_pmos(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::idle(kept.store.clone(), "");
    let caller = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    let mut feed = Feed::open(&caller, None, FeedRequest::default()).await.unwrap();
    let (end, ()) = tokio::join!(feed.next(), async { pmos.shut_down() });
    assert!(end.unwrap().is_none());
    assert!(feed.next().await.unwrap().is_none());
}

/// A team whose only member may leave without a word.
#[derive(Debug)]
struct Team(WorkspaceProfile, Mutex<Option<UserId>>);

#[async_trait]
impl Workspace for Team {
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        let own = Membership { workspace: self.0.id, role: Role::Member };
        Ok((*self.1.lock() == Some(user)).then_some(own).into_iter().collect())
    }

    async fn profiles(&self, _: &[WorkspaceId]) -> Result<Vec<WorkspaceProfile>> {
        Ok(vec![self.0.clone()])
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_host_took_away_without_a_word_is_felt_within_a_second() {
    let id = "ws_018f0000000070008000000000000002".parse().unwrap();
    let founded = pmos::core::Timestamp::from_micros(0);
    let profile = WorkspaceProfile::new(id, "Team".parse().unwrap(), "embedded", founded);
    let team = Arc::new(Team(profile, Mutex::new(None)));
    let pmos = setup::builder(Arc::new(MemoryStore::new()), "").workspaces(team.clone()).build().unwrap();
    let ada = setup::sign_up(&pmos, "Ada").await.person.id;
    *team.1.lock() = Some(ada);
    let kept = town::enter(&pmos, ada, Channel::Rust, id).await.unwrap();
    let mut feed = Feed::open(&kept, None, FeedRequest::default()).await.unwrap();
    town::call(&kept, "flows.create", json!({"name": "Before"})).await;

    *team.1.lock() = None;
    tokio::time::advance(Duration::from_secs(1)).await;
    let refused = kept.call("flows.create", json!({"name": "After"})).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::NotFound);
    assert_eq!(feed.next().await.unwrap_err().kind(), Kind::NotFound, "what happened before is not shown any more");
}

#[rstest]
#[tokio::test]
async fn a_typed_call_is_done_once_under_its_key(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(kept) = on.store().await else { return };
    let pmos = setup::idle(kept.store.clone(), "");
    let ada = setup::sign_up(&pmos, "Ada").await;
    let caller = setup::at_home(&pmos, &ada).await;
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await.unwrap();
    let request = RequestInfo { idempotency_key: Some("order-17".parse().unwrap()), ..caller.request().clone() };
    let workspace = caller.scope().unwrap().workspace();
    let named = pmos.enter(&principal, workspace, request).await.unwrap();
    let create = |name: &str| CreateFlow { name: name.parse().unwrap(), engine: None, graph: None, template: None };

    let flow = named.run(create("Orders")).await.unwrap().done().unwrap();
    let again = named.run(create("Orders")).await.unwrap_err();
    assert_eq!((again.kind(), again.code()), (Kind::Conflict, "done_before"));
    assert_eq!(again.more()["answer"]["id"], json!(flow.id));
    let another = named.run(create("Others")).await.unwrap_err();
    assert_eq!(another.code(), "idempotency_mismatch");
    let flows = town::call(&caller, "flows.list", json!({})).await;
    assert_eq!(flows["items"].as_array().unwrap().len(), 1);
}
