//! What is asked before a tenant is known.

use std::{collections::BTreeSet, sync::Arc};

use super::Fixture;
use crate::{
    FlowId, Role, UserId, WorkspaceId,
    api_key::ApiKey,
    run::RunStatus,
    store::{FlowRow, FoundKey, Store},
    workspace::Membership,
};

/// The workspaces of a person, with their role in each, as they stand now.
pub async fn a_person_finds_their_workspaces(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let memberships = async |user: UserId| {
        let mut found = fx.store.directory().memberships(user).await.unwrap();
        found.sort_unstable_by_key(|membership| membership.workspace);
        found
    };
    let own = Membership { workspace: home.workspace, role: Role::WorkspaceAdmin };
    assert_eq!(memberships(home.admin).await, [own]);
    let guest = fx.member(home.admin, Role::Viewer);
    fx.change(&other, async |unit| unit.members().add(guest).await.unwrap()).await;
    assert_eq!(memberships(home.admin).await, [own, Membership { workspace: other.workspace, role: Role::Viewer }]);
    fx.change(&other, async |unit| unit.members().set_role(home.admin, Role::Member).await.unwrap()).await;
    assert_eq!(memberships(home.admin).await[1].role, Role::Member);
    fx.change(&other, async |unit| unit.members().remove(home.admin).await.unwrap()).await;
    assert_eq!(memberships(home.admin).await, [own]);
    assert!(memberships(fx.id()).await.is_empty());
}

/// The secret of a key leads to its workspace, its owner and its scopes.
pub async fn a_secret_finds_its_key(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let member = fx.join(&home, Role::Member).await;
    let (key, token) = (ApiKey { expires_at: Some(fx.tick()), ..fx.api_key(Some(member.user)) }, fx.token());
    let used = fx.tick();
    fx.change(&home, async |unit| {
        unit.api_keys().insert(&key, token).await.unwrap();
        unit.api_keys().touch(key.id, used).await.unwrap()
    })
    .await;
    let found = FoundKey {
        workspace: home.workspace,
        key: key.id,
        owner: Some(member.user),
        scopes: key.scopes,
        expires_at: key.expires_at,
        last_used_at: Some(used),
    };
    let directory = fx.store.directory();
    assert_eq!(directory.api_key(token).await.unwrap(), Some(found.clone()));
    assert_eq!(directory.api_key(fx.token()).await.unwrap(), None);
}

/// A service key has no owner.
pub async fn a_service_key_has_no_owner(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (key, token) = fx.add_api_key(&home, None).await;
    let found = fx.store.directory().api_key(token).await.unwrap().unwrap();
    assert_eq!((found.key, found.owner, found.last_used_at), (key.id, None, None));
}

/// A webhook address leads to its flow, live or not, until the flow is deleted; letter for letter.
pub async fn a_webhook_address_finds_its_flow(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let flow = FlowRow { hook_token: "Ab%_c".to_owned(), ..fx.flow("Orders") };
    fx.change(&home, async |unit| unit.flows().insert(&flow).await.unwrap()).await;
    let live = FlowRow { enabled: true, ..fx.flow("Live") };
    fx.change(&other, async |unit| unit.flows().insert(&live).await.unwrap()).await;
    let hook = async |token: &str| fx.store.directory().hook(token).await.unwrap();
    assert_eq!(hook("Ab%_c").await, Some((home.workspace, flow.id)));
    assert_eq!(hook(&live.hook_token).await, Some((other.workspace, live.id)));
    for unknown in ["ab%_c", "Ab%xc", "%", "", "Ab%_c "] {
        assert_eq!(hook(unknown).await, None::<(WorkspaceId, FlowId)>, "{unknown:?}");
    }
    let at = fx.tick();
    fx.change(&home, async |unit| unit.flows().delete(flow.id, at).await.unwrap()).await;
    assert_eq!(hook("Ab%_c").await, None);
}

/// The secret of an invitation leads to it until it is taken away.
pub async fn a_secret_finds_its_invitation(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (invitation, token) = fx.add_invitation(&home, "eve").await;
    let directory = fx.store.directory();
    assert_eq!(directory.invitation(token).await.unwrap(), Some((home.workspace, invitation.id)));
    assert_eq!(directory.invitation(fx.token()).await.unwrap(), None);
    fx.change(&home, async |unit| unit.invitations().remove(invitation.id).await.unwrap()).await;
    assert_eq!(directory.invitation(token).await.unwrap(), None);
}

/// Runs that another process works on are found in all workspaces, the oldest first, some at a time.
pub async fn runs_of_other_processes_are_found_the_oldest_first(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let (flow, others) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&other, "Orders").await);
    let (ours, theirs) = (fx.id(), fx.id());
    let mut found_by_us = Vec::new();
    for n in 0..6 {
        fx.add_ended(&home, &flow, RunStatus::NeedsAttention, 5).await;
        fx.add_run(&home, &flow).await;
        let (at, flow) = if n % 2 == 0 { (&home, &flow) } else { (&other, &others) };
        let run = fx.add_run(at, flow).await;
        let node = if n == 3 { ours } else { theirs };
        let claim = async |unit: &mut dyn crate::store::UnitOfWork| {
            assert!(unit.runs().claim(run.summary.id, run.owner, node).await.unwrap());
        };
        fx.change(at, claim).await;
        if node == theirs {
            found_by_us.push((at.workspace, run.summary.id));
        }
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let some = fx.store.directory().runs_of_others(ours, after, 2).await.unwrap();
        assert!(some.len() <= 2);
        after = some.last().copied();
        found.extend(some);
        if after.is_none() || found.len() > 10 {
            break;
        }
    }
    assert_eq!(found, found_by_us);
}

/// Unfinished runs of remote engines are never due: no process of ours goes on with them. That holds for a run that
/// was added here too, once its engine said something of it.
pub async fn runs_of_an_engine_outside_are_left_to_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let (added, handed_over, absorbed) =
        (fx.add_run(&home, &flow).await, fx.add_run(&home, &flow).await.summary, fx.run(&flow).summary);
    fx.change(&home, async |unit| {
        for run in [&handed_over, &absorbed] {
            assert!(unit.runs().absorb(run).await.unwrap());
        }
    })
    .await;
    let found = fx.store.directory().due_runs(fx.tick(), 10).await.unwrap();
    assert_eq!(found, [(home.workspace, added.summary.id)]);
}

/// All tenancies at remote engines are gone through by workspace and engine, some at a time.
pub async fn all_tenancies_are_gone_through(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let mut tenancies = BTreeSet::new();
    for name in ["ada", "bob", "eve"] {
        let home = fx.found(name).await;
        for engine in ["n8n", "Zed", "activepieces"] {
            fx.add_tenancy(&home, engine).await;
            tenancies.insert((home.workspace, engine.to_owned()));
        }
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let some = fx.store.directory().tenancies(after, 2).await.unwrap();
        assert!(some.len() <= 2);
        after = some.last().cloned();
        found.extend(some);
        if after.is_none() || found.len() > 20 {
            break;
        }
    }
    assert_eq!(found, tenancies.into_iter().collect::<Vec<_>>());
}

/// All workspaces are gone through in the order of their ids, some at a time.
pub async fn all_workspaces_are_gone_through(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let admin = fx.add_account("ada").await.person.id;
    let mut founded = BTreeSet::new();
    for name in ["One", "Two", "Three"] {
        founded.insert(fx.found_for(admin, name).await.workspace);
    }
    let directory = fx.store.directory();
    let first = directory.workspaces(None, 2).await.unwrap();
    let second = directory.workspaces(first.last().copied(), 2).await.unwrap();
    assert_eq!((first.len(), second.len()), (2, 1));
    assert_eq!([first, second.clone()].concat(), founded.into_iter().collect::<Vec<_>>());
    assert!(directory.workspaces(second.last().copied(), 2).await.unwrap().is_empty());
}
