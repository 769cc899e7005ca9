//! Workspaces that the embedding program keeps: it alone says which there are, who belongs to them and how they are set.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use pmos::{
    core::{
        Channel, Kind, Pmos, Result, Role, UserId, WorkspaceId,
        action::{Caller, RequestInfo},
        identity::Person,
        store::Access,
        vault::Secret,
        workspace::{Membership, Workspace, WorkspaceProfile},
    },
    prelude::Presented,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    matrix,
    setup::{self, On, TestStore},
    town,
};

/// The workspaces of the host, which change while PMOS looks on.
#[derive(Debug, Default)]
struct Teams(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    profiles: Vec<WorkspaceProfile>,
    members: Vec<(UserId, Membership)>,
}

impl Teams {
    fn found(&self, pmos: &Pmos, name: &str, admin: &Person) -> WorkspaceId {
        let id = pmos.clock().new_id().unwrap();
        let profile = WorkspaceProfile::new(id, name.parse().unwrap(), "embedded", pmos.clock().now());
        self.0.lock().profiles.push(profile);
        self.join(admin, id, Role::WorkspaceAdmin);
        id
    }

    fn join(&self, person: &Person, workspace: WorkspaceId, role: Role) {
        self.0.lock().members.push((person.id, Membership { workspace, role }));
    }

    fn leave(&self, person: &Person) {
        self.0.lock().members.retain(|(user, _)| *user != person.id);
    }

    fn change(&self, id: WorkspaceId, change: impl FnOnce(&mut WorkspaceProfile)) {
        change(self.0.lock().profiles.iter_mut().find(|profile| profile.id == id).unwrap());
    }

    fn remove(&self, id: WorkspaceId) {
        let mut teams = self.0.lock();
        teams.profiles.retain(|profile| profile.id != id);
        teams.members.retain(|(_, membership)| membership.workspace != id);
    }
}

#[async_trait]
impl Workspace for Teams {
    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        let teams = self.0.lock();
        Ok(teams.members.iter().filter(|(member, _)| *member == user).map(|(_, membership)| *membership).collect())
    }

    async fn profiles(&self, workspaces: &[WorkspaceId]) -> Result<Vec<WorkspaceProfile>> {
        Ok(self.0.lock().profiles.iter().filter(|profile| workspaces.contains(&profile.id)).cloned().collect())
    }
}

struct Host {
    pmos: Pmos,
    teams: Arc<Teams>,
    root: Person,
    ada: Person,
    kept: TestStore,
}

impl Host {
    async fn new(on: On) -> Option<Self> {
        let (kept, teams) = (on.store().await?, Arc::new(Teams::default()));
        let pmos = setup::builder(kept.store.clone(), "").workspaces(teams.clone()).build().unwrap();
        for job in pmos.background().unwrap() {
            tokio::spawn(job);
        }
        let root = setup::sign_up(&pmos, "Root").await.person;
        let ada = setup::sign_up(&pmos, "Ada").await.person;
        Some(Self { pmos, teams, root, ada, kept })
    }

    async fn enter(&self, who: &Person, workspace: WorkspaceId) -> Result<Caller> {
        town::enter(&self.pmos, who.id, Channel::Rust, workspace).await
    }

    fn request(&self) -> RequestInfo {
        RequestInfo::internal(&self.pmos).unwrap()
    }
}

#[rstest]
#[tokio::test]
async fn a_workspace_of_the_host_works_from_the_first_call_on(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(host) = Host::new(on).await else { return };
    let team = host.teams.found(&host.pmos, "Smiths", &host.ada);
    let caller = host.enter(&host.ada, team).await.unwrap();
    assert_eq!(town::call(&caller, "workspace.get", json!({})).await["name"], "Smiths");

    let flow = town::call(&caller, "flows.create", json!({"name": "Orders", "graph": setup::order_intake()})).await;
    let flow = town::call(&caller, "flows.publish", json!({"flow": flow["id"], "enable": true})).await;
    let run = town::call(&caller, "runs.start", json!({"flow": flow["id"], "input": {"body": {"qty": 4}}})).await;
    assert_eq!(run["status"], "queued");
    town::call(&caller, "connections.create", matrix::inputs::credential()).await;
    assert_eq!(town::call(&caller, "audit.verify", json!({})).await["ok"], true);

    // Who came first stands in the audit of the instance, once.
    host.enter(&host.ada, team).await.unwrap();
    let mut unit = host.kept.store.system("read the audit", Access::Read).await.unwrap();
    let records = unit.audit().after(0, 100).await.unwrap();
    let provided: Vec<_> = records.iter().filter(|record| record.action == "workspaces.provide").collect();
    assert_eq!(provided.len(), 1);
    assert_eq!(provided[0].actor_id, host.ada.id.to_string());
    assert_eq!(provided[0].subject_id, Some(team.to_string()));
}

#[rstest]
#[tokio::test]
async fn many_who_come_at_once_find_one_workspace(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(host) = Host::new(on).await else { return };
    let team = host.teams.found(&host.pmos, "Smiths", &host.ada);
    let callers = futures::future::join_all((0..8).map(|_| host.enter(&host.ada, team))).await;
    for caller in callers {
        town::call(&caller.unwrap(), "flows.create", json!({"name": "Blank"})).await;
    }
}

#[rstest]
#[tokio::test]
async fn names_and_settings_are_those_of_the_host(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(host) = Host::new(on).await else { return };
    let team = host.teams.found(&host.pmos, "Smiths", &host.ada);
    let caller = host.enter(&host.ada, team).await.unwrap();
    host.teams.change(team, |profile| {
        profile.name = "Millers".parse().unwrap();
        profile.default_engine = "remote".to_owned();
    });
    assert_eq!(town::call(&caller, "workspace.get", json!({})).await["name"], "Millers");
    let refused = caller.call("flows.create", json!({"name": "Blank"})).await.unwrap_err();
    assert_eq!(refused.code(), "not_connected", "the engine that the host chose is asked: {refused}");

    let principal = host.pmos.vouch(host.root.id, Channel::Rust).await.unwrap();
    let all = host.pmos.welcome(&principal, host.request());
    let all = town::call(&all, "admin.workspaces.list", json!({})).await;
    assert_eq!((&all["items"][0]["name"], &all["items"][0]["members"]), (&json!("Millers"), &Value::Null));
}

#[rstest]
#[tokio::test]
async fn what_only_the_host_can_do_is_unsupported_here(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(host) = Host::new(on).await else { return };
    let team = host.teams.found(&host.pmos, "Smiths", &host.ada);
    let caller = host.enter(&host.ada, team).await.unwrap();
    let member = json!({"user": host.root.id, "role": "viewer"});
    for (action, input) in [
        ("workspace.update", json!({"name": "Mine"})),
        ("workspace.delete", json!({"confirm": "Smiths"})),
        ("members.list", json!({})),
        ("members.update", member.clone()),
        ("members.remove", json!({"user": host.root.id})),
        ("members.leave", json!({})),
        ("invitations.list", json!({})),
        ("invitations.create", json!({"email": "eve@example.com", "role": "viewer"})),
        ("invitations.revoke", json!({"id": "inv_018f0000000070008000000000000001"})),
    ] {
        let refused = caller.call(action, input).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unsupported, "{action}: {refused}");
    }
    let principal = host.pmos.vouch(host.ada.id, Channel::Rust).await.unwrap();
    let person = host.pmos.welcome(&principal, host.request());
    let token = json!({"token": "0123456789"});
    for (action, input) in [
        ("workspaces.create", json!({"name": "Mine"})),
        ("invitations.show", token.clone()),
        ("invitations.accept", token),
    ] {
        let refused = person.call(action, input).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unsupported, "{action}: {refused}");
    }
    let mine = town::call(&person, "workspaces.list", json!({})).await;
    assert_eq!(
        mine["items"].as_array().unwrap().len(),
        1,
        "signing up founds no workspace that the host does not know"
    );
}

#[rstest]
#[tokio::test]
async fn a_key_has_the_role_that_its_owner_has_at_the_host(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(host) = Host::new(on).await else { return };
    let team = host.teams.found(&host.pmos, "Smiths", &host.ada);
    let caller = host.enter(&host.ada, team).await.unwrap();
    let key = town::call(&caller, "api_keys.create", json!({"name": "Mine", "scopes": ["flows.*"]})).await;
    let secret = Secret::new(key["secret"].as_str().unwrap());
    let principal = host.pmos.authenticate(Presented::Key(&secret)).await.unwrap();
    assert_eq!(principal.role_in(team), Some(Role::WorkspaceAdmin));

    host.teams.leave(&host.ada);
    host.pmos.rights_changed();
    let refused = host.pmos.authenticate(Presented::Key(&secret)).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unauthenticated);
    assert_eq!(host.enter(&host.ada, team).await.unwrap_err().kind(), Kind::NotFound);
}

#[rstest]
#[tokio::test]
async fn a_removed_workspace_takes_along_what_we_had_of_it(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(host) = Host::new(on).await else { return };
    let team = host.teams.found(&host.pmos, "Smiths", &host.ada);
    let caller = host.enter(&host.ada, team).await.unwrap();
    town::call(&caller, "flows.create", json!({"name": "Blank"})).await;
    host.teams.remove(team);
    host.pmos.remove_workspace(team, &host.request()).await.unwrap();
    assert_eq!(host.enter(&host.ada, team).await.unwrap_err().kind(), Kind::NotFound);
    host.pmos.remove_workspace(team, &host.request()).await.unwrap();

    // One that the host founds again under the same id begins empty.
    let id = host.teams.found(&host.pmos, "Smiths", &host.ada);
    host.teams.change(id, |profile| profile.id = team);
    host.teams.join(&host.ada, team, Role::Member);
    let again = host.enter(&host.ada, team).await.unwrap();
    assert_eq!(town::call(&again, "flows.list", json!({})).await["items"], json!([]));
}

#[rstest]
#[tokio::test]
async fn a_super_admin_enters_a_workspace_that_none_entered_before(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(host) = Host::new(on).await else { return };
    let team = host.teams.found(&host.pmos, "Smiths", &host.ada);
    let principal = host.pmos.vouch(host.root.id, Channel::Rust).await.unwrap();
    let all = host.pmos.welcome(&principal, host.request());
    let set = all.call("quota.set", json!({"workspace": team, "limits": {"flows": 1}})).await;
    set.unwrap().done().unwrap();
    let caller = host.enter(&host.ada, team).await.unwrap();
    town::call(&caller, "flows.create", json!({"name": "First"})).await;
    assert_eq!(caller.call("flows.create", json!({"name": "Second"})).await.unwrap_err().code(), "quota_exceeded");
}

#[rstest]
#[tokio::test]
async fn a_workspace_of_ours_is_removed_by_its_action(#[values(On::Memory)] on: On) {
    let kept = on.store().await.unwrap();
    let pmos = setup::idle(kept.store.clone(), "");
    let ada = setup::sign_up(&pmos, "Ada").await;
    let workspace = setup::at_home(&pmos, &ada).await.scope().unwrap().workspace();
    let refused = pmos.remove_workspace(workspace, &RequestInfo::internal(&pmos).unwrap()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unsupported);
    setup::at_home(&pmos, &ada).await;
}
