//! A program without people: no accounts, no roles, no HTTP. It starts an automation and waits for what comes of it.
//!
//! `cargo run --example local`

use std::{error::Error, sync::Arc};

use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        flow::actions::{CreateFlow, PublishFlow},
        run::actions::StartRun,
    },
    prelude::*,
    storage::MemoryStore,
};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(Outbound::builder().build()?));
    let pmos = Pmos::builder(Arc::new(MemoryStore::new())).engine(Arc::new(engine)).master_key([7; 32]).build()?;
    pmos.run_until(work(&pmos)).await?
}

async fn work(pmos: &Pmos) -> Result<(), Box<dyn Error>> {
    let caller = pmos.local().await?;
    let graph = serde_json::from_value(json!({
        "steps": [
            {"id": "trigger", "kind": "trigger", "name": "By hand", "piece": "core", "operation": "manual", "settings": {}},
            {"id": "set", "kind": "action", "name": "Compute total", "piece": "core", "operation": "set",
             "settings": {"values": {"total": "{{ trigger.qty * 3 }}"}}}
        ],
        "edges": [{"from": "trigger", "port": "next", "to": "set"}]
    }))?;
    let create = CreateFlow { name: "Totals".parse()?, engine: None, graph: Some(graph), template: None };
    let flow = caller.run(create).await?.done()?;
    caller.run(PublishFlow { flow: flow.id, enable: true, note: None }).await?.done()?;

    let start = StartRun { flow: flow.id, input: Some(json!({"qty": 4})), draft: false };
    let run = caller.run(start).await?.done()?;
    let run = caller.wait_for(run.id).await?;
    println!("{}", run.summary.status.as_str());
    for step in &run.steps {
        println!("{}: {}", step.id, step.output.as_ref().map_or("nothing", |output| output.get()));
    }
    Ok(())
}
