//! A whole instance in a test: a store, the embedded engine, and people in it.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusHandle;
use pmos::{
    connectors::embedded::{EmbeddedConfig, EmbeddedEngine},
    connectors::outbound::Outbound,
    core::{
        Builder, Channel, Pmos, WorkspaceId,
        action::{Caller, RequestInfo},
        connection::{Prober, actions::TestResult},
        identity::{SignUp, SignedIn},
        store::Store,
        testkit::ScriptedModel,
        vault::Credential,
    },
    storage::{MemoryStore, PostgresStore, SqliteStore, testkit::TestDatabase},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::remote::RemoteEngine;

/// What opens the vaults of these tests; readable, so that it would be found where it does not belong.
pub(crate) const MASTER_KEY: [u8; 32] = *b"canary-master-key-0123456789abcd";
/// The password of everybody.
pub(crate) const PASSWORD: &str = "walrus cello tuesday";

/// Asks no server: every credential is taken.
#[derive(Debug)]
struct TakesAll;

#[async_trait]
impl Prober for TakesAll {
    async fn probe(&self, _: &str, _: Credential) -> TestResult {
        TestResult { ok: Some(true), message: "It was taken.".to_owned() }
    }
}

/// An instance over a store, before its background work begins: runs stay queued. Runs may call the allowed hosts.
pub(crate) fn idle(store: Arc<dyn Store>, allowed: &str) -> Pmos {
    builder(store, allowed).build().unwrap()
}

/// The same, to be changed before it is built.
pub(crate) fn builder(store: Arc<dyn Store>, allowed: &str) -> Builder {
    let outbound = Outbound::builder().allow(allowed.parse().unwrap()).build().unwrap();
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let builder =
        Pmos::builder(store).engine(Arc::new(engine)).engine(Arc::new(RemoteEngine::new())).prober(Arc::new(TakesAll));
    builder.chat_model(Arc::new(ScriptedModel::default())).master_key(MASTER_KEY)
}

/// Opens an instance over a store, with its background work going on.
pub(crate) fn open(store: Arc<dyn Store>, allowed: &str) -> Pmos {
    let pmos = idle(store, allowed);
    for job in pmos.background().unwrap() {
        tokio::spawn(job);
    }
    pmos
}

/// Where a test keeps everything. What users rely on holds on every store, so tests of it run on all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Memory,
    Sqlite,
    Postgres,
}

/// A store, and what it stands on, which is gone with the test.
pub(crate) struct TestStore {
    pub(crate) store: Arc<dyn Store>,
    ground: Option<Ground>,
}

enum Ground {
    Folder(TempDir),
    Database(#[expect(dead_code, reason = "it is removed when dropped")] TestDatabase),
}

impl TestStore {
    /// A store that another test server stands on as well.
    pub(crate) fn shared(store: Arc<dyn Store>) -> Self {
        Self { store, ground: None }
    }

    /// The address of the file, of a store that is one.
    pub(crate) fn file(&self) -> String {
        let Some(Ground::Folder(folder)) = &self.ground else { panic!("the store is no file") };
        format!("sqlite://{}", folder.path().join("pmos.db").display())
    }
}

impl On {
    /// An empty store of this kind; none, said aloud, when no PostgreSQL server answers.
    pub(crate) async fn store(self) -> Option<TestStore> {
        let (store, ground): (Arc<dyn Store>, _) = match self {
            Self::Memory => (Arc::new(MemoryStore::new()), None),
            Self::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let store = SqliteStore::open(folder.path().join("pmos.db")).await.unwrap();
                (Arc::new(store), Some(Ground::Folder(folder)))
            }
            Self::Postgres => {
                let database = TestDatabase::create().await?;
                let store = PostgresStore::open(database.url()).await.unwrap();
                (Arc::new(store), Some(Ground::Database(database)))
            }
        };
        Some(TestStore { store, ground })
    }
}

/// What is measured in this process.
pub(crate) fn metrics() -> PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(|| pmos_server::measure().unwrap()).clone()
}

/// Makes an account with a workspace of its own.
pub(crate) async fn sign_up(pmos: &Pmos, name: &str) -> SignedIn {
    sign_up_with(pmos, name, None).await
}

/// The same with an invitation, for one who joins that workspace and founds none.
pub(crate) async fn sign_up_with(pmos: &Pmos, name: &str, invitation: Option<&str>) -> SignedIn {
    let input: SignUp = serde_json::from_value(json!({
        "name": name,
        "email": email(name),
        "password": PASSWORD,
        "invitation": invitation,
    }))
    .unwrap();
    pmos.sign_up(input, &RequestInfo::internal(pmos).unwrap()).await.unwrap()
}

/// The address of a person of this name.
pub(crate) fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase().replace(' ', "-"))
}

/// Lets a person into their own workspace.
pub(crate) async fn at_home(pmos: &Pmos, who: &SignedIn) -> Caller {
    let principal = pmos.vouch(who.person.id, Channel::Rust).await.unwrap();
    let workspace: WorkspaceId = principal.memberships()[0].workspace;
    pmos.enter(&principal, workspace, RequestInfo::internal(pmos).unwrap()).await.unwrap()
}

/// The graph that multiplies a quantity by three.
pub(crate) fn order_intake() -> Value {
    json!({
        "steps": [
            {"id": "trigger", "kind": "trigger", "name": "Order received", "piece": "core", "operation": "webhook",
             "settings": {"respond": "at_end"}},
            {"id": "set", "kind": "action", "name": "Compute total", "piece": "core", "operation": "set",
             "settings": {"values": {"total": "{{ trigger.body.qty * 3 }}"}}},
            {"id": "reply", "kind": "action", "name": "Answer", "piece": "core", "operation": "respond",
             "settings": {"status": 200, "body": {"total": "{{ steps.set.total }}"}}}
        ],
        "edges": [
            {"from": "trigger", "port": "next", "to": "set"},
            {"from": "set", "port": "next", "to": "reply"}
        ]
    })
}
