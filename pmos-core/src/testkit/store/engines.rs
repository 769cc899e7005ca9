//! Tenancies at remote engines, and whose their objects are.

use std::sync::Arc;

use super::{Fixture, Home};
use crate::{
    engine::{EngineState, ExternalId, Fact, FactName, Wall},
    store::{Closing, ObjectKind, OwnedObject, Store, TenancyRow},
    testkit::fixture::raw,
    vault::Sealed,
};

const ENGINE: &str = "n8n";

/// `Debug` keeps the sealed access to itself, so it stands beside.
fn seen(tenancy: &TenancyRow) -> (String, Vec<u8>) {
    (format!("{tenancy:?}"), tenancy.access.bytes().to_vec())
}

async fn stored(fx: &Fixture, home: &Home, engine: &str) -> Option<(String, Vec<u8>)> {
    fx.look(home, async |unit| unit.engines().tenancy(engine).await.unwrap()).await.as_ref().map(seen)
}

async fn claim(fx: &Fixture, home: &Home, object: &OwnedObject) -> bool {
    fx.change(home, async |unit| unit.engines().claim(ENGINE, object).await.unwrap()).await
}

/// The flow that the engine knows by this id.
async fn known(fx: &Fixture, home: &Home, external: &str) -> Option<String> {
    let external = ExternalId::new(external);
    let found = fx.look(home, async |unit| unit.engines().owned_as(ENGINE, ObjectKind::Flow, &external).await.unwrap());
    found.await.map(|object| format!("{object:?}"))
}

async fn with_tenancy(store: Arc<dyn Store>) -> (Fixture, Home) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.add_tenancy(&home, ENGINE).await;
    (fx, home)
}

/// A tenancy is kept as it was made, the sealed access byte for byte.
pub async fn a_tenancy_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let access = Sealed::from_bytes((0..=255).collect());
    let unsure = Fact {
        name: FactName::KeyValid,
        ok: None,
        message: "Not known: \"né\"".to_owned(),
        action: Some("Enter a new key".to_owned()),
        at: fx.tick(),
    };
    let states = [EngineState::Ready, EngineState::ActionNeeded, EngineState::Unreachable];
    let walls = [Wall::Instance, Wall::Project, Wall::User, Wall::OwnKey, Wall::SharedKey];
    for (n, wall) in walls.into_iter().enumerate() {
        let tenancy = TenancyRow {
            wall,
            access: access.clone(),
            state: states[n % states.len()],
            facts: vec![unsure.clone(); n],
            version: (n > 0).then(|| "1.2.3".to_owned()),
            runs_after: (n > 1).then(|| "{\"id\":77}".to_owned()),
            ..fx.tenancy(&format!("engine-{n}"))
        };
        fx.change(&home, async |unit| unit.engines().put_tenancy(&tenancy).await.unwrap()).await;
        assert_eq!(stored(&fx, &home, &tenancy.engine).await, Some(seen(&tenancy)));
    }
    assert_eq!(stored(&fx, &home, "elsewhere").await, None);
}

/// A tenancy is kept over the one that was there, whose objects stay.
pub async fn a_tenancy_is_replaced(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let object = fx.object(ObjectKind::Flow, "wf1");
    assert!(claim(&fx, &home, &object).await);
    let wanted = TenancyRow {
        wall: Wall::OwnKey,
        access: Sealed::from_bytes(vec![9]),
        state: EngineState::Unreachable,
        facts: Vec::new(),
        version: None,
        runs_after: Some("12".to_owned()),
        ..fx.tenancy(ENGINE)
    };
    fx.change(&home, async |unit| unit.engines().put_tenancy(&wanted).await.unwrap()).await;
    assert_eq!(stored(&fx, &home, ENGINE).await, Some(seen(&wanted)));
    assert_eq!(known(&fx, &home, "wf1").await, Some(format!("{object:?}")));
}

/// A tenancy that moves to another server begins there without objects, and lets go of those it had.
pub async fn a_tenancy_on_another_server_begins_without_objects(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let other = fx.found("bob").await;
    fx.add_tenancy(&other, ENGINE).await;
    let object = fx.object(ObjectKind::Flow, "wf1");
    assert!(claim(&fx, &home, &object).await);
    let moved = TenancyRow { instance: "https://other.example.com".to_owned(), ..fx.tenancy(ENGINE) };
    fx.change(&home, async |unit| unit.engines().put_tenancy(&moved).await.unwrap()).await;
    assert_eq!(known(&fx, &home, "wf1").await, None);
    assert!(claim(&fx, &home, &object).await);
    assert!(claim(&fx, &other, &fx.object(ObjectKind::Flow, "wf1")).await);
}

/// The tenancies of a workspace are listed by the names of their engines.
pub async fn tenancies_are_listed_by_engine(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for engine in ["n8n", "Zed", "activepieces"] {
        fx.add_tenancy(&home, engine).await;
    }
    let tenancies = fx.look(&home, async |unit| unit.engines().tenancies().await.unwrap()).await;
    let engines: Vec<_> = tenancies.iter().map(|tenancy| &*tenancy.engine).collect();
    assert_eq!(engines, ["Zed", "activepieces", "n8n"]);
}

/// An object is found by our id and by the engine's, as a thing of its kind alone.
pub async fn an_object_is_claimed_and_found_by_both_ids(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let object = OwnedObject { seen: raw(r#"{ "name":"né 🦊", "n":1.0 }"#), ..fx.object(ObjectKind::Flow, "wf'1") };
    assert!(claim(&fx, &home, &object).await);
    let mut unit = fx.read(&home).await;
    let engines = unit.engines();
    let by_ours = engines.owned(ENGINE, ObjectKind::Flow, object.id).await.unwrap().unwrap();
    let by_theirs = engines.owned_as(ENGINE, ObjectKind::Flow, &object.external).await.unwrap().unwrap();
    for found in [by_ours, by_theirs] {
        assert_eq!(format!("{found:?}"), format!("{object:?}"));
    }
    assert!(engines.owned(ENGINE, ObjectKind::Run, object.id).await.unwrap().is_none());
    assert!(engines.owned_as(ENGINE, ObjectKind::Connection, &object.external).await.unwrap().is_none());
    assert!(engines.owned("other", ObjectKind::Flow, object.id).await.unwrap().is_none());
    assert!(engines.owned_as(ENGINE, ObjectKind::Flow, &ExternalId::new("WF'1")).await.unwrap().is_none());
}

/// An object claimed again is what it was last seen to be.
pub async fn an_object_claimed_again_is_brought_up_to_date(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let first = fx.object(ObjectKind::Flow, "wf1");
    let again = OwnedObject { seen: raw(r#"{"stamp":"2"}"#), at: fx.tick(), ..first.clone() };
    assert!(claim(&fx, &home, &first).await);
    assert!(claim(&fx, &home, &again).await);
    assert_eq!(known(&fx, &home, "wf1").await, Some(format!("{again:?}")));
    let all = fx.look(&home, async |unit| unit.engines().all_owned(ENGINE, ObjectKind::Flow).await.unwrap()).await;
    assert_eq!(all.len(), 1);
}

/// An object that is known by one of our ids is not known by another; of another kind the same id is another object.
pub async fn an_object_has_one_of_our_ids(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let object = fx.object(ObjectKind::Flow, "1");
    assert!(claim(&fx, &home, &object).await);
    assert!(!claim(&fx, &home, &fx.object(ObjectKind::Flow, "1")).await);
    assert!(claim(&fx, &home, &fx.object(ObjectKind::Run, "1")).await);
    assert_eq!(known(&fx, &home, "1").await, Some(format!("{object:?}")));
}

/// One of our ids may come to stand for another object of the engine, unless that one is taken.
pub async fn an_id_may_come_to_stand_for_another_object(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let other = fx.found("bob").await;
    fx.add_tenancy(&other, ENGINE).await;
    let (object, second) = (fx.object(ObjectKind::Flow, "wf1"), fx.object(ObjectKind::Flow, "wf2"));
    let theirs = fx.object(ObjectKind::Flow, "wf3");
    assert!(claim(&fx, &home, &object).await);
    assert!(claim(&fx, &home, &second).await);
    assert!(claim(&fx, &other, &theirs).await);
    let as_other = |external: &str| OwnedObject { external: ExternalId::new(external), ..object.clone() };
    for taken in ["wf2", "wf3"] {
        assert!(!claim(&fx, &home, &as_other(taken)).await, "{taken}");
        assert_eq!(known(&fx, &home, "wf1").await, Some(format!("{object:?}")));
    }
    let moved = OwnedObject { seen: raw("7"), at: fx.tick(), ..as_other("wf4") };
    assert!(claim(&fx, &home, &moved).await);
    assert_eq!(known(&fx, &home, "wf4").await, Some(format!("{moved:?}")));
    assert_eq!(known(&fx, &home, "wf1").await, None);
    let all = fx.look(&home, async |unit| unit.engines().all_owned(ENGINE, ObjectKind::Flow).await.unwrap()).await;
    assert_eq!(all.iter().map(|object| object.id).collect::<Vec<_>>(), [object.id, second.id]);
}

/// Where there is no tenancy nothing is claimed.
pub async fn nothing_is_claimed_without_a_tenancy(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.add_tenancy(&home, "other").await;
    assert!(!claim(&fx, &home, &fx.object(ObjectKind::Flow, "wf1")).await);
    assert_eq!(known(&fx, &home, "wf1").await, None);
}

/// An object of one server belongs to one workspace, whatever id another gives it.
pub async fn an_object_belongs_to_one_workspace(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let other = fx.found("bob").await;
    fx.add_tenancy(&other, ENGINE).await;
    let object = fx.object(ObjectKind::Flow, "wf1");
    assert!(claim(&fx, &home, &object).await);
    for stolen in [object.clone(), fx.object(ObjectKind::Flow, "wf1")] {
        assert!(!claim(&fx, &other, &stolen).await);
        assert_eq!(known(&fx, &other, "wf1").await, None);
    }
    assert_eq!(known(&fx, &home, "wf1").await, Some(format!("{object:?}")));
}

/// A unit goes on after a claim that was refused, and what it did before and after is kept.
pub async fn a_refused_claim_undoes_nothing(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let other = fx.found("bob").await;
    fx.add_tenancy(&other, ENGINE).await;
    assert!(claim(&fx, &home, &fx.object(ObjectKind::Flow, "wf1")).await);
    let mut unit = fx.write(&other).await;
    assert!(unit.engines().claim(ENGINE, &fx.object(ObjectKind::Flow, "wf2")).await.unwrap());
    assert!(!unit.engines().claim(ENGINE, &fx.object(ObjectKind::Flow, "wf1")).await.unwrap());
    assert!(unit.engines().claim(ENGINE, &fx.object(ObjectKind::Flow, "wf3")).await.unwrap());
    unit.commit(Closing::default()).await.unwrap();
    assert!(known(&fx, &other, "wf2").await.is_some());
    assert!(known(&fx, &other, "wf3").await.is_some());
}

/// Of many workspaces that claim an object at the same time one gets it.
pub async fn one_of_many_workspaces_gets_an_object(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let mut homes = Vec::new();
    for n in 0..8 {
        let home = fx.found(&format!("ada{n}")).await;
        fx.add_tenancy(&home, ENGINE).await;
        homes.push(home);
    }
    let claims = homes.iter().map(|home| {
        let (fx, home) = (fx.clone(), *home);
        tokio::spawn(async move {
            let mut unit = fx.write(&home).await;
            let claimed = unit.engines().claim(ENGINE, &fx.object(ObjectKind::Flow, "wf1")).await.unwrap();
            unit.commit(Closing::default()).await.unwrap();
            claimed
        })
    });
    let claims = futures::future::join_all(claims).await;
    assert_eq!(claims.into_iter().filter(|claimed| *claimed.as_ref().unwrap()).count(), 1);
}

/// The same id on another server is another object.
pub async fn the_same_id_on_another_server_is_another_object(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let other = fx.found("bob").await;
    let elsewhere = TenancyRow { instance: "https://other.example.com".to_owned(), ..fx.tenancy(ENGINE) };
    fx.change(&other, async |unit| unit.engines().put_tenancy(&elsewhere).await.unwrap()).await;
    assert!(claim(&fx, &home, &fx.object(ObjectKind::Flow, "wf1")).await);
    assert!(claim(&fx, &other, &fx.object(ObjectKind::Flow, "wf1")).await);
}

/// The objects of a kind are listed in the order of our ids.
pub async fn objects_of_a_kind_are_listed_by_id(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let objects = ["c", "b", "a"].map(|external| fx.object(ObjectKind::Flow, external));
    for object in objects.iter().rev() {
        assert!(claim(&fx, &home, object).await);
    }
    assert!(claim(&fx, &home, &fx.object(ObjectKind::Run, "d")).await);
    let all = fx.look(&home, async |unit| unit.engines().all_owned(ENGINE, ObjectKind::Flow).await.unwrap()).await;
    assert_eq!(format!("{all:?}"), format!("{objects:?}"));
}

/// An object is released once; then another workspace may claim it.
pub async fn a_released_object_may_be_claimed_by_another(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let other = fx.found("bob").await;
    fx.add_tenancy(&other, ENGINE).await;
    let object = fx.object(ObjectKind::Flow, "wf1");
    assert!(claim(&fx, &home, &object).await);
    let release = async |kind| {
        fx.change(&home, async |unit| unit.engines().release(ENGINE, kind, object.id).await.unwrap()).await
    };
    assert!(!release(ObjectKind::Run).await);
    assert!(release(ObjectKind::Flow).await);
    assert!(!release(ObjectKind::Flow).await);
    assert!(claim(&fx, &other, &fx.object(ObjectKind::Flow, "wf1")).await);
    assert_eq!(known(&fx, &home, "wf1").await, None);
}

/// A tenancy is given up once, with its objects and no others.
pub async fn a_tenancy_given_up_takes_its_objects_along(store: Arc<dyn Store>) {
    let (fx, home) = with_tenancy(store).await;
    let other = fx.found("bob").await;
    fx.add_tenancy(&home, "other").await;
    fx.add_tenancy(&other, ENGINE).await;
    let (gone, kept) = (fx.object(ObjectKind::Flow, "wf1"), fx.object(ObjectKind::Flow, "wf1"));
    assert!(claim(&fx, &home, &gone).await);
    assert!(fx.change(&home, async |unit| unit.engines().claim("other", &kept).await.unwrap()).await);
    let remove = async || fx.change(&home, async |unit| unit.engines().remove_tenancy(ENGINE).await.unwrap()).await;
    assert!(remove().await);
    assert!(!remove().await);
    assert_eq!(stored(&fx, &home, ENGINE).await, None);
    assert!(claim(&fx, &other, &fx.object(ObjectKind::Flow, "wf1")).await);
    fx.add_tenancy(&home, ENGINE).await;
    assert_eq!(known(&fx, &home, "wf1").await, None);
    let still = fx.look(&home, async |unit| unit.engines().owned("other", ObjectKind::Flow, kept.id).await.unwrap());
    assert!(still.await.is_some());
}
