//! What a builder and an instance say when they are put together in a way that cannot work.

use std::sync::Arc;

use async_trait::async_trait;
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        Builder, Email, Error, Kind, Pmos, Result, SystemClock, UserId,
        cluster::Cluster,
        flow::FlowEngine,
        identity::{Identified, Identity, Person, SignUpPolicy},
        vault::{MasterKey, Secret},
    },
    storage::MemoryStore,
};
use serde_json::json;

use crate::{remote::RemoteEngine, setup, town};

fn embedded() -> Arc<dyn FlowEngine> {
    let outbound = Outbound::builder().build().unwrap();
    Arc::new(EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound)))
}

fn builder() -> Builder {
    Pmos::builder(Arc::new(MemoryStore::new())).master_key(setup::MASTER_KEY)
}

fn refused(builder: Builder) -> (String, String) {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    (error.fields()[0].field.clone(), error.detail().to_owned())
}

#[derive(Debug)]
struct NoPeople;

#[async_trait]
impl Identity for NoPeople {
    async fn authenticate(&self, _: &Secret) -> Result<Option<Identified>> {
        Ok(None)
    }

    async fn people(&self, _: &[UserId]) -> Result<Vec<Person>> {
        Ok(Vec::new())
    }

    async fn by_email(&self, _: &Email) -> Result<Option<Person>> {
        Ok(None)
    }
}

#[tokio::test]
async fn what_is_given_twice_or_for_nothing_is_refused() {
    let (field, detail) = refused(builder());
    assert_eq!(field, "engine");
    assert!(detail.contains("give at least one flow engine"), "{detail}");

    let (field, detail) = refused(builder().engine(embedded()).engine(embedded()));
    assert_eq!(field, "engine");
    assert!(detail.contains("two engines called \"embedded\""), "{detail}");

    assert_eq!(refused(Pmos::builder(Arc::new(MemoryStore::new())).engine(embedded())).0, "master_key");
    let keys = Arc::new(MasterKey::new(setup::MASTER_KEY, Arc::new(SystemClock)));
    assert_eq!(refused(builder().engine(embedded()).keys(keys)).0, "master_key");

    let theirs = || builder().engine(embedded()).identity(Arc::new(NoPeople));
    theirs().build().unwrap();
    assert_eq!(refused(theirs().sign_up(SignUpPolicy::Open)).0, "identity");
    assert_eq!(refused(theirs().setup_code(Secret::new("7"))).0, "identity");
}

#[tokio::test]
async fn new_workspaces_have_the_engine_that_was_given() {
    let engine_of = async |builder: Builder| {
        let pmos = builder.build().unwrap();
        let caller = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
        town::call(&caller, "workspace.get", json!({})).await["default_engine"].clone()
    };
    let remote = || Arc::new(RemoteEngine::new());
    assert_eq!(engine_of(builder().engine(remote())).await, "remote");
    assert_eq!(engine_of(builder().engine(embedded()).engine(remote())).await, "embedded");
    assert_eq!(engine_of(builder().default_engine("remote").engine(embedded()).engine(remote())).await, "remote");
    let unknown = builder().engine(embedded()).default_engine("n8n").build().unwrap_err();
    assert!(unknown.detail().contains("choose one of: embedded"), "{unknown}");
}

#[tokio::test]
async fn one_pmos_works_on_a_store() {
    let store = Arc::new(MemoryStore::new());
    let open = || setup::idle(store.clone(), "");
    let (one, other) = (open(), open());
    let jobs = one.background().unwrap();
    assert_eq!(one.background().err().map(|error| error.code()), Some("at_work"));
    assert_eq!(other.background().err().map(|error| error.code()), Some("at_work"));
    drop(jobs);
    drop(other.background().unwrap());

    let cluster = Cluster::local(store.clone());
    let node = || setup::builder(store.clone(), "").cluster(cluster.clone()).build().unwrap();
    let nodes = (node(), node());
    let _both = (nodes.0.background().unwrap(), nodes.1.background().unwrap());
}

#[tokio::test]
async fn an_action_that_there_is_not_is_said_by_its_name() {
    let pmos = setup::idle(Arc::new(MemoryStore::new()), "");
    let caller = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    let unknown = caller.call("flows.creat", json!({})).await.unwrap_err();
    assert_eq!(unknown.kind(), Kind::Invalid);
    assert!(unknown.detail().contains("flows.creat"), "{unknown}");
}

#[test]
fn an_error_shows_its_code_and_detail_and_keeps_its_cause_for_the_log() {
    let cause = std::io::Error::other("the disk at /var/lib is full");
    let error = Error::unavailable("append a journal").because(cause);
    let shown = error.to_string();
    assert!(shown.starts_with("unavailable: The service cannot do this"), "{shown}");
    assert!(!shown.contains("disk"), "{shown}");
    assert!(format!("{error:?}").contains("append a journal: the disk at /var/lib is full"));
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("disk"));
}
