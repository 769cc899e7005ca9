//! A workspace, seen from inside and from the list of the instance.

use std::sync::Arc;

use super::{Fixture, Home};
use crate::{
    Role, WorkspaceId,
    audit::Verifier,
    run::RunStatus,
    store::{Closing, FlowFilter, ObjectKind, RunFilter, Store, WorkspaceEntry},
    testkit::fixture::{instance, label},
    vault::Sealed,
    workspace::WorkspaceProfile,
};

/// Founding makes the workspace, its settings to the microsecond, and its first member.
pub async fn a_founded_workspace_has_its_settings_and_its_founder(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let admin = fx.add_account("ada").await.person.id;
    let (profile, founder) = (fx.profile("Büro für Ördnung 🦊"), fx.member(admin, Role::WorkspaceAdmin));
    fx.change_system(async |unit| unit.workspaces().found(&profile, founder).await.unwrap()).await;
    let found = fx.look_system(async |unit| unit.workspaces().get(profile.id).await.unwrap()).await;
    assert_eq!(found.unwrap(), profile);
    let scope = crate::testkit::scope(profile.id, crate::Actor::Person(admin), Role::WorkspaceAdmin);
    let home = Home { workspace: profile.id, admin, scope };
    assert_eq!(fx.look(&home, async |unit| unit.workspace().get().await.unwrap()).await.unwrap(), profile);
    assert_eq!(fx.look(&home, async |unit| unit.members().get(admin).await.unwrap()).await.unwrap(), founder);
}

/// All settings but the id and the time of founding can be changed.
pub async fn settings_change_but_id_and_founding_stay(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let before = fx.look(&home, async |unit| unit.workspace().get().await.unwrap().unwrap()).await;
    let wanted = WorkspaceProfile {
        id: other.workspace,
        name: label("Renamed"),
        time_zone: "UTC".to_owned(),
        default_engine: "other".to_owned(),
        retention_days: 365,
        created_at: fx.tick(),
    };
    assert!(fx.change(&home, async |unit| unit.workspace().update(&wanted).await.unwrap()).await);
    let after = fx.look(&home, async |unit| unit.workspace().get().await.unwrap().unwrap()).await;
    assert_eq!(after, WorkspaceProfile { id: before.id, created_at: before.created_at, ..wanted });
    let untouched = fx.look(&other, async |unit| unit.workspace().get().await.unwrap().unwrap()).await;
    assert_eq!(untouched.name, label("bob"));
}

/// Deleting a workspace takes everything in it along, but who did what stays provable.
pub async fn a_deleted_workspace_leaves_only_its_audit(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let done = fx.add_ended(&home, &flow, RunStatus::Succeeded, 5).await;
    let open = fx.add_run(&home, &flow).await;
    fx.append(&home, fx.batch(&open, 0, 2)).await;
    let (_, key) = fx.add_api_key(&home, Some(home.admin)).await;
    let (_, invited) = fx.add_invitation(&home, "eve").await;
    let connection = fx.add_connection(&home, "Mail").await;
    fx.add_tenancy(&home, "n8n").await;
    let object = fx.object(ObjectKind::Flow, "wf1");
    assert!(fx.change(&home, async |unit| unit.engines().claim("n8n", &object).await.unwrap()).await);
    fx.change(&home, async |unit| unit.data_keys().put(&Sealed::from_bytes(vec![1])).await.unwrap()).await;
    fx.emit(&home, vec![fx.event("flow.created")]).await;
    fx.record(&home, vec![fx.entry(&home, "flows.create")]).await;

    let mut unit = fx.write(&home).await;
    assert!(unit.workspace().delete().await.unwrap());
    let closing = Closing {
        events: vec![fx.event("workspace.deleted")],
        audit: vec![fx.entry(&home, "workspace.delete")],
        answer: Some(fx.answer("k")),
    };
    let last = unit.commit(closing).await.unwrap();
    assert_eq!(last[0].seq, 2, "watchers are told, with a number that follows on the last");

    let mut unit = fx.read(&home).await;
    assert_eq!(unit.workspace().get().await.unwrap(), None);
    assert_eq!(unit.members().count(None).await.unwrap(), 0);
    assert_eq!(unit.invitations().count().await.unwrap(), 0);
    let page = Fixture::page(10, None, home.workspace);
    assert!(unit.api_keys().list(None, &page).await.unwrap().items.is_empty());
    assert!(unit.flows().list(&FlowFilter::default(), &page).await.unwrap().items.is_empty());
    assert!(unit.runs().list(&RunFilter::default(), &page).await.unwrap().items.is_empty());
    for run in [done, open] {
        assert!(unit.runs().get(run.summary.id).await.unwrap().is_none());
        assert!(unit.runs().records(run.summary.id).await.unwrap().is_empty(), "a journal outlives its run");
    }
    assert!(unit.connections().sealed(connection.connection.id).await.unwrap().is_none());
    assert!(unit.engines().tenancies().await.unwrap().is_empty());
    assert!(unit.engines().all_owned("n8n", ObjectKind::Flow).await.unwrap().is_empty());
    assert_eq!(unit.data_keys().get().await.unwrap(), None);
    assert!(unit.quotas().all().await.unwrap().is_empty());
    assert!(unit.events().after(0, 10).await.unwrap().is_empty());
    assert!(unit.idempotency().get(&fx.answer("k").key).await.unwrap().is_none());

    let mut verifier = Verifier::new(Some(home.workspace));
    let records = unit.audit().after(0, 10).await.unwrap();
    assert_eq!(records.iter().map(|record| &*record.action).collect::<Vec<_>>(), ["flows.create", "workspace.delete"]);
    for record in &records {
        verifier.next(record).unwrap();
    }
    verifier.finish(unit.audit().head().await.unwrap()).unwrap();
    drop(unit);

    let directory = fx.store.directory();
    assert_eq!(directory.api_key(key).await.unwrap(), None);
    assert_eq!(directory.invitation(invited).await.unwrap(), None);
    assert_eq!(directory.hook(&flow.hook_token).await.unwrap(), None);
    assert!(directory.memberships(home.admin).await.unwrap().is_empty());
    assert!(directory.runs_of_others(fx.id(), None, 10).await.unwrap().is_empty());
    assert!(directory.workspaces(None, 10).await.unwrap().is_empty());
    assert!(!fx.change(&home, async |unit| unit.workspace().delete().await.unwrap()).await);
}

/// Deleting one workspace touches no other.
pub async fn deleting_a_workspace_touches_no_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let flow = fx.add_flow(&other, "Orders").await;
    assert!(fx.change(&home, async |unit| unit.workspace().delete().await.unwrap()).await);
    let mut unit = fx.read(&other).await;
    assert!(unit.workspace().get().await.unwrap().is_some());
    assert!(unit.flows().get(flow.id).await.unwrap().is_some());
    assert_eq!(unit.members().count(None).await.unwrap(), 1);
}

/// The list of the instance shows how big each workspace is, the newest first.
pub async fn the_list_of_workspaces_counts_people_and_flows(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (first, second) = (fx.found("ada").await, fx.found("bob").await);
    fx.join(&second, Role::Viewer).await;
    fx.add_flow(&second, "Orders").await;
    let gone = fx.add_flow(&second, "Gone").await;
    let at = fx.tick();
    fx.change(&second, async |unit| unit.flows().delete(gone.id, at).await.unwrap()).await;
    let page = Fixture::page(10, None, instance());
    let list = fx.look_system(async |unit| unit.workspaces().list(&page).await.unwrap()).await;
    let seen = |entry: &WorkspaceEntry| (entry.profile.id, entry.members, entry.flows);
    assert_eq!(list.items.iter().map(seen).collect::<Vec<_>>(), [(second.workspace, 2, 1), (first.workspace, 1, 0)]);
    assert_eq!(list.next, None);
}

/// The list of the instance is read page by page.
pub async fn pages_of_workspaces_follow_on_each_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let admin = fx.add_account("ada").await.person.id;
    let mut founded = Vec::new();
    for name in ["One", "Two", "Three", "Four", "Five"] {
        founded.push(fx.found_for(admin, name).await.workspace);
    }
    let pages = Fixture::pages(2, instance(), async |page| {
        fx.look_system(async |unit| unit.workspaces().list(page).await.unwrap()).await
    });
    let pages = pages.await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    founded.reverse();
    assert_eq!(pages.concat().iter().map(|entry| entry.profile.id).collect::<Vec<_>>(), founded);
}

/// Several workspaces are read at once; unknown ids are left out, repeated ones are given once.
pub async fn several_workspaces_are_read_at_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (first, second, _) = (fx.found("ada").await, fx.found("bob").await, fx.found("eve").await);
    let asked = [second.workspace, fx.id(), first.workspace, second.workspace];
    let found = fx.look_system(async |unit| unit.workspaces().several(&asked).await.unwrap()).await;
    let mut ids: Vec<WorkspaceId> = found.iter().map(|profile| profile.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [first.workspace, second.workspace]);
    assert!(fx.look_system(async |unit| unit.workspaces().several(&[]).await.unwrap()).await.is_empty());
}

/// The same workspace is not founded twice.
pub async fn a_workspace_is_not_founded_twice(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let again = WorkspaceProfile { id: home.workspace, ..fx.profile("Usurped") };
    let founder = fx.member(fx.id(), Role::WorkspaceAdmin);
    let mut unit = fx.system().await;
    assert!(unit.workspaces().found(&again, founder).await.is_err());
    drop(unit);
    assert_eq!(fx.look(&home, async |unit| unit.workspace().get().await.unwrap()).await.unwrap().name, label("ada"));
    assert_eq!(fx.look(&home, async |unit| unit.members().get(founder.user).await.unwrap()).await, None);
}

/// A workspace that the host keeps gets its place once and has no members of ours; who provides for it twice changes nothing.
pub async fn a_workspace_of_the_host_gets_its_place_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let profile = fx.profile("Theirs");
    assert!(fx.change_system(async |unit| unit.workspaces().provide(&profile).await.unwrap()).await);
    let again = WorkspaceProfile { name: label("Usurped"), ..profile.clone() };
    assert!(!fx.change_system(async |unit| unit.workspaces().provide(&again).await.unwrap()).await);
    let admin = fx.id();
    let scope = crate::testkit::scope(profile.id, crate::Actor::Person(admin), Role::WorkspaceAdmin);
    let home = Home { workspace: profile.id, admin, scope };
    assert_eq!(fx.look(&home, async |unit| unit.workspace().get().await.unwrap()).await, Some(profile));
    assert_eq!(fx.look(&home, async |unit| unit.members().count(None).await.unwrap()).await, 0);
    fx.add_flow(&home, "Orders").await;
    fx.record(&home, vec![fx.entry(&home, "flows.create")]).await;
}

/// A workspace that the host removed and knows again begins empty, and its audit goes on.
pub async fn a_workspace_of_the_host_that_comes_back_goes_on_with_its_audit(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.add_flow(&home, "Orders").await;
    fx.record(&home, vec![fx.entry(&home, "flows.create")]).await;
    assert!(fx.change(&home, async |unit| unit.workspace().delete().await.unwrap()).await);
    let again = WorkspaceProfile { id: home.workspace, ..fx.profile("Again") };
    assert!(fx.change_system(async |unit| unit.workspaces().provide(&again).await.unwrap()).await);
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 0);
    fx.record(&home, vec![fx.entry(&home, "flows.create")]).await;
    let mut unit = fx.read(&home).await;
    let mut verifier = Verifier::new(Some(home.workspace));
    for record in unit.audit().after(0, 10).await.unwrap() {
        verifier.next(&record).unwrap();
    }
    let head = unit.audit().head().await.unwrap();
    verifier.finish(head).unwrap();
    assert_eq!(head.seq, 2);
}
