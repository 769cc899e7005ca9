//! What the way to n8n costs, as ratios within one run on one machine, against a bare server on loopback.
//!
//! ```text
//! cargo bench --bench n8n
//! ```
//!
//! Aims: a call of the adapter takes at most 1.15 times the same call by the plain HTTP client and 100 µs; with one n8n
//! hanging, the p99 of everybody else is at most 1.5 times what it was.

#![allow(clippy::unwrap_used, reason = "a bench fails by a panic")]

mod server;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        n8n::{Instance, N8nConfig, N8nHost},
        outbound::{AllowedHosts, Outbound},
    },
    core::{
        Channel, Clock, Id, NoObserver, Pmos, SystemClock, WorkspaceId,
        action::{Caller, RequestInfo},
        engine::{FlowHost, Tenancy, Wall},
        flow::actions::{CreateFlow, GetFlow},
        vault::Secret,
    },
    storage::MemoryStore,
};
use serde_json::json;

const ROUNDS: usize = 5;
/// How many calls each side makes in a round.
const CALLS: usize = 1_000;
/// How many calls hang at the same time.
const HANGING: usize = 32;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (quick, slow) = (server::quick().await, server::hanging().await);
        let host = Arc::new(host([quick, slow]));
        call(&host, quick).await;
        list(&host, quick).await;
        hanging(&host, quick, slow).await;
    });
}

fn host(servers: [SocketAddr; 2]) -> N8nHost {
    // A server of the operator is reached wherever it is, one of a workspace only where the operator allows it.
    let operator = Instance {
        base_url: "http://127.0.0.1:1".to_owned(),
        webhook_url: None,
        owner_email: None,
        owner_password: None,
        api_key: None,
    };
    let allow = AllowedHosts::parse(servers.map(|server| server.to_string())).unwrap();
    N8nHost::new(
        N8nConfig { operator: Some(operator), allow, ..N8nConfig::default() },
        Arc::new(SystemClock),
        Arc::new(NoObserver),
    )
    .unwrap()
}

fn tenancy_at(at: SocketAddr) -> Tenancy {
    Tenancy {
        workspace: WorkspaceId::from_uuid(SystemClock.uuid().unwrap()),
        instance: format!("http://{at}"),
        wall: Wall::User,
        access: Secret::new(json!({"api_key": "key", "project": "P1"}).to_string()),
    }
}

#[derive(Clone, Copy)]
struct Times {
    p50: Duration,
    p99: Duration,
}

async fn time(calls: usize, mut act: impl AsyncFnMut()) -> Times {
    let mut taken = Vec::with_capacity(calls);
    for _ in 0..calls {
        let begun = Instant::now();
        act().await;
        taken.push(begun.elapsed());
    }
    taken.sort_unstable();
    Times { p50: taken[calls / 2], p99: taken[calls * 99 / 100] }
}

fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Reading a workflow of 30 nodes, against the same call by the plain client, read as JSON.
async fn call(host: &N8nHost, at: SocketAddr) {
    let (tenancy, plain, url) = (tenancy_at(at), plain(), format!("http://{at}/api/v1/workflows/Wf0"));
    let id = host.flows(&tenancy).await.unwrap().into_iter().find(|entry| entry.id.as_str() == "Wf0").unwrap().id;
    let (mut ratios, mut rests) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ours = time(CALLS, async || assert!(host.fetch(&tenancy, &id).await.unwrap().is_some())).await;
        let theirs = time(CALLS, async || {
            let answer = plain.get(&url).header("x-n8n-api-key", "key").send().await.unwrap();
            assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["id"], "Wf0");
        })
        .await;
        println!("  a call: p50 {:?} against {:?}, p99 {:?} against {:?}", ours.p50, theirs.p50, ours.p99, theirs.p99);
        ratios.push(ratio(ours.p50, theirs.p50));
        rests.push(ours.p50.as_secs_f64() * 1e6 - theirs.p50.as_secs_f64() * 1.15e6);
    }
    println!("a call: {:.2} of plain, {:.0} µs above 1.15 of it; aim 100", median(ratios), median(rests));
}

/// What a round over the workflows of a tenancy asks for.
async fn list(host: &N8nHost, at: SocketAddr) {
    let tenancy = tenancy_at(at);
    let times = time(40, async || assert_eq!(host.flows(&tenancy).await.unwrap().len(), server::WORKFLOWS)).await;
    println!("a list of {} workflows: p50 {:?}, p99 {:?}", server::WORKFLOWS, times.p50, times.p99);
}

/// Others at another server, and in an instance with flows of its own, while one server hangs.
async fn hanging(host: &Arc<N8nHost>, quick: SocketAddr, slow: SocketAddr) {
    let quick_tenancy = tenancy_at(quick);
    let id = host.flows(&quick_tenancy).await.unwrap().remove(0).id;
    let (caller, flow) = instance().await;
    let (mut remote, mut own) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (before, mut during) = (others(host, &quick_tenancy, &id, &caller, flow).await, Vec::new());
        for _ in 0..HANGING {
            let (host, tenancy, id) = (host.clone(), tenancy_at(slow), id.clone());
            during.push(tokio::spawn(async move {
                loop {
                    // Refused at once after a while; one who comes back as soon as that is no workspace.
                    let _ = host.fetch(&tenancy, &id).await;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }));
        }
        let after = others(host, &quick_tenancy, &id, &caller, flow).await;
        during.iter().for_each(tokio::task::JoinHandle::abort);
        println!(
            "  with one hanging: another n8n p99 {:?} against {:?}, our own p99 {:?} against {:?}",
            after.0.p99, before.0.p99, after.1.p99, before.1.p99
        );
        remote.push(ratio(after.0.p99, before.0.p99));
        own.push(ratio(after.1.p99, before.1.p99));
    }
    println!("with one hanging: p99 at another n8n {:.2}, of our own {:.2}; aim 1.5", median(remote), median(own));
}

type ExternalId = pmos::core::engine::ExternalId;

async fn others(
    host: &N8nHost,
    tenancy: &Tenancy,
    id: &ExternalId,
    caller: &Caller,
    flow: pmos::core::FlowId,
) -> (Times, Times) {
    let remote = time(CALLS, async || assert!(host.fetch(tenancy, id).await.unwrap().is_some())).await;
    let own = time(CALLS * 5, async || {
        caller.run(GetFlow { flow }).await.unwrap().done().unwrap();
    })
    .await;
    (remote, own)
}

async fn instance() -> (Caller, pmos::core::FlowId) {
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(Outbound::builder().build().unwrap()));
    let pmos =
        Pmos::builder(Arc::new(MemoryStore::new())).engine(Arc::new(engine)).master_key([7; 32]).build().unwrap();
    let request = RequestInfo::internal(&pmos).unwrap();
    let account = json!({"name": "Ada", "email": "ada@example.com", "password": "walrus cello tuesday"});
    let ada = pmos.sign_up(serde_json::from_value(account).unwrap(), &request).await.unwrap();
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await.unwrap();
    let workspace = principal.memberships()[0].workspace;
    let caller = pmos.enter(&principal, workspace, RequestInfo::internal(&pmos).unwrap()).await.unwrap();
    let create: CreateFlow = serde_json::from_value(json!({"name": "Order intake"})).unwrap();
    let flow = caller.run(create).await.unwrap().done().unwrap();
    (caller, flow.id)
}

#[expect(clippy::disallowed_methods, reason = "the plain client is what the adapter is measured against")]
fn plain() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
