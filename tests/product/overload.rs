//! More than the process can take, and an engine that breaks off.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream::FuturesUnordered};
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        FlowId, Pmos, Result, WorkspaceId,
        flow::{Catalog, Document, EngineDescriptor, FlowEngine, FlowLens, Guarded, Host},
        run::{Edition, InboundRequest, Intake, RunContext, RunOrder, Runner, StepRecord},
    },
    storage::MemoryStore,
};
use serde_json::{Value, json};

use crate::{setup, town::call};

fn empty_post() -> InboundRequest {
    InboundRequest {
        method: "POST".to_owned(),
        headers: Vec::new(),
        query: None,
        body: "{}".into(),
        body_limit: 2,
        raw: false,
    }
}

/// The secret part of the address of a live webhook.
async fn live(home: &pmos::core::action::Caller) -> String {
    let flow = call(home, "flows.create", json!({"name": "Orders", "graph": setup::order_intake()})).await;
    let live = call(home, "flows.publish", json!({"flow": flow["id"], "enable": true})).await;
    live["hook_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// Nothing is kept in memory without a limit: what does not fit is refused, and the sender is told when to come again.
#[tokio::test(flavor = "multi_thread")]
async fn more_webhooks_than_can_wait_for_their_turn_are_refused() {
    let pmos = setup::idle(Arc::new(MemoryStore::new()), "");
    let home = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    let token = live(&home).await;
    // Those that are taken wait for an answer that never comes here; the others know at once.
    let mut senders: FuturesUnordered<_> = (0..6_000).map(|_| pmos.deliver(&token, empty_post())).collect();
    let refused = senders.next().await.unwrap().unwrap_err();
    assert_eq!((refused.code(), refused.wait()), ("unavailable", Some(Duration::from_secs(1))));
    assert!(pmos.runs().count() < 6_000, "{}", pmos.runs().count());
}

/// An engine that breaks off in the middle of runs, so many times.
struct Fragile {
    inner: EmbeddedEngine,
    breaks: AtomicU32,
}

impl fmt::Display for Fragile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.inner, f)
    }
}

impl fmt::Debug for Fragile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fragile")
    }
}

impl FlowEngine for Fragile {
    fn descriptor(&self) -> &EngineDescriptor {
        self.inner.descriptor()
    }

    fn lens(&self) -> &dyn FlowLens {
        self.inner.lens()
    }

    fn host(&self) -> Host<'_> {
        Host::Embedded(self)
    }

    fn catalog(&self) -> Guarded<'_, dyn Catalog> {
        self.inner.catalog()
    }
}

#[async_trait]
impl Runner for Fragile {
    fn intake(&self, workspace: WorkspaceId, flow: FlowId, edition: Edition, document: &Document) -> Option<Intake> {
        self.inner.intake(workspace, flow, edition, document)
    }

    async fn run(&self, order: RunOrder, recorded: Vec<StepRecord>, context: &dyn RunContext) -> Result<()> {
        let left = self.breaks.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "the engine breaks off, as this test wants");
        self.inner.run(order, recorded, context).await
    }
}

async fn run_of_an_engine_that_breaks_off(times: u32) -> Value {
    let outbound = Outbound::builder().build().unwrap();
    let inner = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let fragile = Fragile { inner, breaks: AtomicU32::new(times) };
    let pmos = Pmos::builder(Arc::new(MemoryStore::new()))
        .engine(Arc::new(fragile))
        .master_key(setup::MASTER_KEY)
        .build()
        .unwrap();
    for job in pmos.background().unwrap() {
        tokio::spawn(job);
    }
    let home = setup::at_home(&pmos, &setup::sign_up(&pmos, "Ada").await).await;
    let flow = call(&home, "flows.create", json!({"name": "Orders", "graph": setup::order_intake()})).await;
    call(&home, "flows.publish", json!({"flow": flow["id"], "enable": true})).await;
    let input = json!({"body": {"qty": 4}});
    let run = call(&home, "runs.start", json!({"flow": flow["id"], "input": input})).await;
    let ended = async {
        loop {
            let run = call(&home, "runs.get", json!({"run": run["id"]})).await;
            if !run["finished_at"].is_null() {
                return run;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("the run does not end")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_engine_broke_off_is_taken_up_again() {
    let run = run_of_an_engine_that_breaks_off(2).await;
    assert_eq!((&run["status"], &run["result"]), (&json!("succeeded"), &json!({"total": 12})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_engine_breaks_off_again_and_again_is_given_up() {
    let run = run_of_an_engine_that_breaks_off(1_000).await;
    assert_eq!(run["status"], "failed");
    assert_eq!(run["error"], "The run broke off again and again, so it was given up.");
}
