//! A whole house in a test: a store, the embedded engine, and people in it.

use std::sync::Arc;

use pmos::{
    connectors::embedded::{EmbeddedConfig, EmbeddedEngine},
    connectors::outbound::Outbound,
    core::{
        Caller, Pmos, RequestId, WorkspaceId,
        action::{Door, RequestInfo},
        identity::{SignUp, SignedIn, Visit},
        store::Store,
    },
    storage::MemoryStore,
};
use serde_json::{Value, json};

/// Opens a house over a store, with its background work going on.
pub(crate) fn open(store: Arc<dyn Store>) -> Pmos {
    let outbound = Outbound::builder().build().unwrap();
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let pmos = Pmos::builder(store).engine(Arc::new(engine)).master_key([7; 32]).build().unwrap();
    for job in pmos.background() {
        tokio::spawn(job);
    }
    pmos
}

/// A house that is gone with the test.
pub(crate) fn in_memory() -> Pmos {
    open(Arc::new(MemoryStore::new()))
}

pub(crate) fn visit(pmos: &Pmos) -> Visit {
    let request: RequestId = pmos.clock().new_id().unwrap();
    Visit { request, address: None, user_agent: None }
}

/// Makes an account with a workspace of its own.
pub(crate) async fn sign_up(pmos: &Pmos, name: &str) -> SignedIn {
    let input: SignUp = serde_json::from_value(json!({
        "name": name,
        "email": format!("{}@example.com", name.to_lowercase()),
        "password": "walrus cello tuesday",
    }))
    .unwrap();
    pmos.sign_up(input, &visit(pmos)).await.unwrap()
}

/// Lets a person into his own workspace by hand.
pub(crate) async fn at_home(pmos: &Pmos, who: &SignedIn) -> Door {
    let principal = pmos.vouch(who.person.id, Caller::Rust).await.unwrap();
    let workspace: WorkspaceId = principal.memberships()[0].workspace;
    pmos.enter(&principal, workspace, RequestInfo::internal(pmos).unwrap()).unwrap()
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
