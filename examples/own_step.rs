//! A step of your own: people find it in the editor under its own name, and it is durable like every other.
//!
//! `cargo run --example own_step`

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use pmos::{
    connectors::{
        embedded::{EmbeddedEngine, OperationDescriptor, OperationHandler, StepContext, StepFailure},
        outbound::Outbound,
    },
    core::{
        action::RequestInfo,
        event::{Feed, FeedItem, FeedRequest},
        flow::{Field, FieldKind},
        identity::SignUp,
    },
    prelude::*,
    storage::MemoryStore,
};
use serde_json::{Map, Value, json};

/// Takes goods out of the stock of the host. What it works with is its own: here a map, elsewhere a pool or a client.
#[derive(Debug)]
struct Reserve {
    stock: Mutex<BTreeMap<String, u64>>,
}

#[async_trait]
impl OperationHandler for Reserve {
    fn descriptor(&self) -> OperationDescriptor {
        OperationDescriptor::new("reserve", "Reserve goods", "Takes goods out of the stock.")
            .icon("box")
            .field(Field::new("sku", "Article", FieldKind::Text).required().computed())
            .field(Field::new("qty", "Quantity", FieldKind::Number).with_default(1).computed())
            .sample(json!({"left": 3}))
    }

    async fn run(&self, settings: Map<String, Value>, cx: &StepContext<'_>) -> Result<Value, StepFailure> {
        // The settings are computed and fit their fields; a service would be told the key, so that it acts once.
        println!("asked as {} for {}", cx.step(), Value::from(settings.clone()));
        let sku = settings.get("sku").and_then(Value::as_str).unwrap_or_default();
        let qty = settings.get("qty").and_then(Value::as_u64).unwrap_or(1);
        let mut stock = self.stock.lock().map_err(|_| StepFailure::permanent("The stock is in disorder."))?;
        let left = stock.get_mut(sku).ok_or_else(|| StepFailure::permanent("There is no such article."))?;
        *left = left.checked_sub(qty).ok_or_else(|| StepFailure::temporary("There is not enough of it."))?;
        Ok(json!({"left": *left}))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let reserve = Reserve { stock: Mutex::new(BTreeMap::from([("teapot".to_owned(), 5)])) };
    let engine = EmbeddedEngine::builder(Arc::new(Outbound::builder().build()?))
        .piece("warehouse", "Warehouse")
        .operation("warehouse", reserve)
        .build()?;
    let pmos = Pmos::builder(Arc::new(MemoryStore::new())).engine(Arc::new(engine)).master_key([7; 32]).build()?;
    for job in pmos.background()? {
        tokio::spawn(job);
    }

    let sign_up: SignUp = serde_json::from_value(json!({
        "name": "Ada", "email": "ada@example.com", "password": "walrus cello tuesday", "workspace_name": "Workshop",
    }))?;
    let ada = pmos.sign_up(sign_up, &RequestInfo::internal(&pmos)?).await?;
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await?;
    let caller = pmos.enter(&principal, principal.memberships()[0].workspace, RequestInfo::internal(&pmos)?).await?;
    let act = async |action: &str, input: Value| -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_str(caller.call(action, input).await?.done()?.get())?)
    };

    let graph = json!({
        "steps": [
            {"id": "trigger", "kind": "trigger", "name": "By hand", "piece": "core", "operation": "manual"},
            {"id": "reserve", "kind": "action", "name": "Put aside", "piece": "warehouse", "operation": "reserve",
             "settings": {"sku": "{{ trigger.article }}", "qty": 2}}
        ],
        "edges": [{"from": "trigger", "port": "next", "to": "reserve"}]
    });
    let flow = act("flows.create", json!({"name": "Order", "graph": graph})).await?;
    act("flows.publish", json!({"flow": flow["id"]})).await?;

    let mut feed = Feed::open(&caller, None, FeedRequest::default()).await?;
    let run = act("runs.start", json!({"flow": flow["id"], "input": {"article": "teapot"}})).await?;
    while let Some(item) = feed.next().await? {
        if let FeedItem::Event(event) = item
            && event.kind == "run.finished"
        {
            break;
        }
    }
    let run = act("runs.get", json!({"run": run["id"]})).await?;
    println!("{}: {}, {}", run["steps"][1]["name"], run["steps"][1]["status"], run["steps"][1]["output"]);

    pmos.shut_down();
    Ok(())
}
