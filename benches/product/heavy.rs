//! Webhooks of one workspace while another computes: their delay with and without 32 heavy runs at once, and that of
//! `/healthz`.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::{
    ROUNDS, SPAN,
    client::{Load, ask, paced},
    server::{Account, Server, get},
};

/// How many heavy runs are at work at once.
const HEAVY: usize = 32;
const CLIENTS: usize = 4;
/// Of each client, so that all together send 200 a second.
const PACE: Duration = Duration::from_millis(20);

pub(crate) async fn measure() {
    let server = Server::start(None);
    let order = [Account::sign_up(server.address, "ada").await.order().await];
    let heavy = Account::sign_up(server.address, "bob").await.heavy().await;
    let health = [get("/healthz", server.address)];
    let both = || async {
        tokio::join!(paced(server.address, CLIENTS, PACE, SPAN, &order), paced(server.address, 1, PACE, SPAN, &health))
    };
    // Heavy runs go on when no client waits for them any more, so all that is alone comes first.
    let mut alone = Vec::new();
    for _ in 0..ROUNDS {
        let measured = both().await;
        print("alone", &measured);
        alone.push(measured.0.p99.as_secs_f64());
    }
    let mut runs = JoinSet::new();
    for _ in 0..HEAVY {
        let (address, heavy) = (server.address, heavy.clone());
        runs.spawn(async move {
            loop {
                ask(address, heavy.clone()).await;
            }
        });
    }
    let mut beside = Vec::new();
    for _ in 0..ROUNDS {
        let measured = both().await;
        print("beside 32 heavy runs", &measured);
        beside.push(measured.0.p99.as_secs_f64());
    }
    drop(runs);
    alone.sort_by(f64::total_cmp);
    beside.sort_by(f64::total_cmp);
    println!("webhooks beside heavy runs of others: p99 {:.2} of alone", beside[ROUNDS / 2] / alone[ROUNDS / 2]);
}

fn print(when: &str, (hooks, health): &(Load, Load)) {
    println!("webhooks p50 {:?} p99 {:?}, health p99 {:?} {when}", hooks.p50, hooks.p99, health.p99);
}
