//! What a unit of work promises.

use std::sync::Arc;

use super::Fixture;
use crate::{
    Role,
    store::{Access, Closing, Store},
    testkit::scope,
};

/// Nothing of a unit that was not committed is ever seen.
pub async fn a_dropped_unit_leaves_nothing_behind(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.flow("Orders");
    let mut unit = fx.write(&home).await;
    unit.flows().insert(&flow).await.unwrap();
    unit.members().set_role(home.admin, Role::Viewer).await.unwrap();
    drop(unit);
    let mut unit = fx.write(&home).await;
    assert!(unit.flows().get(flow.id).await.unwrap().is_none());
    assert_eq!(unit.members().get(home.admin).await.unwrap().unwrap().role, Role::WorkspaceAdmin);
}

/// The same for what belongs to no workspace.
pub async fn a_dropped_system_unit_leaves_nothing_behind(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let mut unit = fx.system().await;
    assert!(unit.accounts().insert(&fx.account("ada")).await.unwrap());
    drop(unit);
    assert_eq!(fx.look_system(async |unit| unit.accounts().count().await.unwrap()).await, 0);
    let first = fx.add_account("bob").await;
    let kept = fx.look_system(async |unit| unit.accounts().get(first.person.id).await.unwrap()).await;
    assert!(kept.unwrap().person.super_admin, "the one that was dropped must not count as the first");
}

/// A unit sees its own changes before it is committed.
pub async fn a_unit_reads_what_it_wrote(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.flow("Orders");
    let mut unit = fx.write(&home).await;
    unit.flows().insert(&flow).await.unwrap();
    assert_eq!(unit.flows().count().await.unwrap(), 1);
    assert!(unit.flows().get(flow.id).await.unwrap().is_some());
}

/// Others see the changes of a unit when it is committed and not before.
pub async fn others_see_a_unit_when_it_is_committed(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.flow("Orders");
    let mut reader = fx.read(&home).await;
    let mut writer = fx.write(&home).await;
    writer.flows().insert(&flow).await.unwrap();
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 0);
    assert_eq!(reader.flows().count().await.unwrap(), 0);
    writer.commit(Closing::default()).await.unwrap();
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 1);
    assert_eq!(reader.flows().count().await.unwrap(), 1, "a unit that reads sees what is committed when it asks");
}

/// A unit that was begun to read refuses to write.
pub async fn a_unit_that_reads_cannot_write(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let mut unit = fx.read(&home).await;
    assert!(unit.flows().insert(&fx.flow("Orders")).await.is_err());
    drop(unit);
    let mut unit = fx.store.system("conformance", Access::Read).await.unwrap();
    assert!(unit.accounts().insert(&fx.account("bob")).await.is_err());
    drop(unit);
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 0);
    assert_eq!(fx.look_system(async |unit| unit.accounts().count().await.unwrap()).await, 1);
}

/// A unit that only read may be committed as well as dropped.
pub async fn a_unit_that_only_read_may_be_committed(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for access in [Access::Read, Access::Write] {
        let mut unit = fx.store.begin(&home.scope, access).await.unwrap();
        unit.members().count(None).await.unwrap();
        assert!(unit.commit(Closing::default()).await.unwrap().is_empty());
        let unit = fx.store.system("conformance", access).await.unwrap();
        unit.commit(Vec::new(), None).await.unwrap();
    }
}

/// Units that read and then write what they read do not lose each other's changes.
pub async fn writers_take_turns(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let counted = (0..20).map(|_| {
        let (fx, flow) = (fx.clone(), flow.clone());
        tokio::spawn(async move {
            loop {
                let mut unit = fx.write(&home).await;
                let mut row = unit.flows().get(flow.id).await.unwrap().unwrap();
                let base = row.state();
                row.revision += 1;
                let Ok(true) = unit.flows().update(&row, base).await else { continue };
                if unit.commit(Closing::default()).await.is_ok() {
                    return;
                }
            }
        })
    });
    futures::future::try_join_all(counted).await.unwrap();
    let row = fx.look(&home, async |unit| unit.flows().get(flow.id).await.unwrap().unwrap()).await;
    assert_eq!(row.revision, 21);
}

/// A workspace that was never founded is empty, and nothing can be put into it.
pub async fn a_workspace_that_is_not_there_takes_nothing(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let nowhere = super::Home { workspace: fx.id(), ..home };
    let nowhere = super::Home { scope: scope(nowhere.workspace, home.scope.actor(), Role::WorkspaceAdmin), ..nowhere };
    assert_eq!(fx.look(&nowhere, async |unit| unit.workspace().get().await.unwrap()).await, None);
    assert_eq!(fx.look(&nowhere, async |unit| unit.members().count(None).await.unwrap()).await, 0);
    let mut unit = fx.write(&nowhere).await;
    let put = match unit.flows().insert(&fx.flow("Orders")).await {
        Ok(()) => unit.commit(Closing::default()).await.map(drop),
        Err(refused) => Err(refused),
    };
    assert!(put.is_err());
    let found = fx.look_system(async |unit| unit.workspaces().get(nowhere.workspace).await.unwrap()).await;
    assert_eq!(found, None);
}

/// The store says that it is well, and has a name for the log.
pub async fn a_store_is_ready_and_has_a_name(store: Arc<dyn Store>) {
    store.ready().await.unwrap();
    assert!(!store.to_string().is_empty());
}
