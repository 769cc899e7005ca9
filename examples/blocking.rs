//! PMOS from threads that know nothing of async: a runtime beside them does the work, and they wait for it.
//!
//! `cargo run --example blocking`

use std::{error::Error, sync::Arc, thread};

use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::flow::actions::{CreateFlow, ListFlows},
    prelude::*,
    storage::MemoryStore,
};
use tokio::{
    runtime::{Handle, Runtime},
    sync::oneshot,
};

fn main() -> Result<(), Box<dyn Error>> {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(Outbound::builder().build()?));
    let pmos = Pmos::builder(Arc::new(MemoryStore::new())).engine(Arc::new(engine)).master_key([7; 32]).build()?;

    let runtime = Runtime::new()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let background = runtime.spawn({
        let pmos = pmos.clone();
        async move { pmos.run_until(stopped).await }
    });

    // A thread of the program. Only from outside of the runtime may it block: within a task `block_on` panics.
    let handle = runtime.handle().clone();
    let thread = thread::spawn(move || names(&handle, &pmos).map_err(|error| error.to_string()));
    let names = thread.join().map_err(|_| "the thread panicked")??;
    println!("automations: {}", names.join(", "));

    drop(stop);
    runtime.block_on(background)??.ok();
    Ok(())
}

fn names(runtime: &Handle, pmos: &Pmos) -> Result<Vec<String>, Box<dyn Error>> {
    let caller = runtime.block_on(pmos.local())?;
    let create = CreateFlow { name: "Nightly report".parse()?, engine: None, graph: None, template: None };
    runtime.block_on(caller.run(create))?.done()?;
    let flows = runtime.block_on(caller.run(ListFlows::default()))?.done()?;
    Ok(flows.items.into_iter().map(|flow| flow.name.to_string()).collect())
}
