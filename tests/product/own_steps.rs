//! Steps of the embedding program, in flows that people build and run.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use pmos::{
    connectors::{
        embedded::{EmbeddedEngine, OperationDescriptor, OperationHandler, StepContext, StepFailure},
        outbound::Outbound,
    },
    core::{
        Channel, Pmos,
        action::{Caller, RequestInfo},
        flow::{Field, FieldKind},
    },
};
use rstest::rstest;
use serde_json::{Map, Value, json};
use tokio::{sync::Notify, task::JoinHandle};

use crate::{
    setup::{self, On, TestStore},
    town::call,
};

/// The goods of the host. The first reservation hangs where the process is to be killed.
#[derive(Debug, Default)]
struct Stock {
    hangs: bool,
    asked: Notify,
    keys: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Reserve {
    stock: Arc<Stock>,
    repeatable: bool,
}

#[async_trait]
impl OperationHandler for Reserve {
    fn descriptor(&self) -> OperationDescriptor {
        OperationDescriptor::new("reserve", "Reserve goods", "Takes goods out of the stock.")
            .icon("box")
            .field(Field::new("sku", "Article", FieldKind::Text).required().computed())
            .field(Field::new("qty", "Quantity", FieldKind::Number).with_default(1).computed())
    }

    fn is_repeatable(&self, _: &Map<String, Value>) -> bool {
        self.repeatable
    }

    async fn run(&self, settings: Map<String, Value>, cx: &StepContext<'_>) -> Result<Value, StepFailure> {
        let first = {
            let mut keys = self.stock.keys.lock().unwrap();
            keys.push(cx.idempotency_key().to_owned());
            keys.len() == 1
        };
        self.stock.asked.notify_one();
        if first && self.stock.hangs {
            std::future::pending::<()>().await;
        }
        Ok(json!({"reserved": settings}))
    }
}

/// A process of the host, until it is killed.
struct Host {
    pmos: Pmos,
    jobs: Vec<JoinHandle<()>>,
}

impl Host {
    fn start(kept: &TestStore, stock: &Arc<Stock>, repeatable: bool) -> Self {
        let engine = EmbeddedEngine::builder(Arc::new(Outbound::builder().build().unwrap()))
            .piece("warehouse", "Warehouse")
            .operation("warehouse", Reserve { stock: Arc::clone(stock), repeatable })
            .build()
            .unwrap();
        let pmos = pmos::core::Pmos::builder(kept.store.clone())
            .engine(Arc::new(engine))
            .master_key(setup::MASTER_KEY)
            .build()
            .unwrap();
        let jobs = pmos.background().unwrap().into_iter().map(tokio::spawn).collect();
        Self { pmos, jobs }
    }

    /// Nothing of it goes on, and nothing is tidied up.
    async fn kill(self) {
        for job in self.jobs {
            job.abort();
            assert!(job.await.unwrap_err().is_cancelled());
        }
    }

    async fn home(&self, of: &Caller) -> Caller {
        let principal = self.pmos.vouch(of.principal().person.as_ref().unwrap().id, Channel::Rust).await.unwrap();
        let workspace = of.scope().unwrap().workspace();
        self.pmos.enter(&principal, workspace, RequestInfo::internal(&self.pmos).unwrap()).await.unwrap()
    }
}

fn order(settings: &Value) -> Value {
    json!({
        "steps": [
            {"id": "trigger", "kind": "trigger", "name": "By hand", "piece": "core", "operation": "manual"},
            {"id": "reserve", "kind": "action", "name": "Put aside", "piece": "warehouse", "operation": "reserve",
             "settings": settings},
            {"id": "reply", "kind": "action", "name": "Reply", "piece": "core", "operation": "respond",
             "settings": {"body": "{{ steps.reserve.reserved.sku }}"}},
        ],
        "edges": [
            {"from": "trigger", "port": "next", "to": "reserve"},
            {"from": "reserve", "port": "next", "to": "reply"},
        ],
    })
}

async fn start(home: &Caller) -> Value {
    let graph = order(&json!({"sku": "A-{{ trigger.n }}"}));
    let flow = call(home, "flows.create", json!({"name": "Order", "engine": "embedded", "graph": graph})).await;
    call(home, "flows.publish", json!({"flow": flow["id"], "enable": true})).await;
    call(home, "runs.start", json!({"flow": flow["id"], "input": {"n": 7}})).await["id"].clone()
}

async fn ended(home: &Caller, run: &Value) -> Value {
    let ended = async {
        loop {
            let run = call(home, "runs.get", json!({"run": run})).await;
            if !run["finished_at"].is_null() {
                return run;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("the run does not end")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_the_host_is_found_built_into_a_flow_and_run(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(kept) = on.store().await else { return };
    let host = Host::start(&kept, &Arc::default(), false);
    let home = setup::at_home(&host.pmos, &setup::sign_up(&host.pmos, "Ada").await).await;

    let found = call(&home, "pieces.list", json!({"engine": "embedded", "q": "reserve"})).await;
    let (piece, operation) = (&found["items"][0], &found["items"][0]["operations"][0]);
    assert_eq!((&piece["title"], &operation["title"]), (&json!("Warehouse"), &json!("Reserve goods")));
    assert_eq!(operation["icon"], "box");
    let form = call(&home, "pieces.get", json!({"engine": "embedded", "piece": "warehouse"})).await;
    assert_eq!(form["operations"][0]["fields"][0]["title"], "Article");

    let broken = json!({"name": "Broken", "engine": "embedded", "graph": order(&json!({"qty": "many"}))});
    let broken = call(&home, "flows.create", broken).await;
    let issues: Vec<_> = broken["issues"].as_array().unwrap().iter().map(|issue| &issue["code"]).collect();
    assert_eq!(issues, ["required", "wrong_value"]);

    let run = ended(&home, &start(&home).await).await;
    assert_eq!((&run["status"], &run["result"]), (&json!("succeeded"), &json!("A-7")));
    let step = &run["steps"][1];
    assert_eq!((&step["name"], &step["status"]), (&json!("Put aside"), &json!("succeeded")));
    assert_eq!((&step["input"], &step["output"]["reserved"]["qty"]), (&json!({"sku": "A-7", "qty": 1}), &json!(1)));
}

#[rstest]
#[case::once(false, "needs_attention", 1)]
#[case::repeatable(true, "succeeded", 2)]
#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_a_host_that_is_killed_is_done_again_only_if_it_may_be(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
    #[case] repeatable: bool,
    #[case] status: &str,
    #[case] tries: usize,
) {
    let Some(kept) = on.store().await else { return };
    let stock = Arc::new(Stock { hangs: true, ..Stock::default() });
    let first = Host::start(&kept, &stock, repeatable);
    let home = setup::at_home(&first.pmos, &setup::sign_up(&first.pmos, "Ada").await).await;
    let run = start(&home).await;
    stock.asked.notified().await;
    first.kill().await;

    let next = Host::start(&kept, &stock, repeatable);
    let run = ended(&next.home(&home).await, &run).await;
    assert_eq!(run["status"], status, "{run}");
    let keys = stock.keys.lock().unwrap().clone();
    assert_eq!((keys.len(), keys.iter().all(|key| key == &keys[0])), (tries, true));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_the_host_ends_when_a_person_stops_the_run(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(kept) = on.store().await else { return };
    let stock = Arc::new(Stock { hangs: true, ..Stock::default() });
    let host = Host::start(&kept, &stock, false);
    let home = setup::at_home(&host.pmos, &setup::sign_up(&host.pmos, "Ada").await).await;
    let run = start(&home).await;
    stock.asked.notified().await;
    call(&home, "runs.cancel", json!({"run": run})).await;
    let run = ended(&home, &run).await;
    assert_eq!((&run["status"], &run["steps"][1]["status"]), (&json!("cancelled"), &json!("cancelled")));
}
