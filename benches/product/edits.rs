//! Webhooks while people edit: the delay of 2,000 a second, with and without 20 edits a second in the same workspace.

use std::time::Duration;

use crate::{
    ROUNDS, SPAN,
    client::paced,
    server::{Account, Server},
};

const CLIENTS: usize = 16;
/// Of each client, so that all together send 2,000 a second.
const HOOK: Duration = Duration::from_millis(8);
const EDIT: Duration = Duration::from_millis(50);

pub(crate) async fn measure() {
    let server = Server::start(None);
    let account = Account::sign_up(server.address, "ada").await;
    let (order, rename) = ([account.order().await], [account.rename().await]);
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let hooks = || paced(server.address, CLIENTS, HOOK, SPAN, &order);
        let alone = hooks().await;
        let (beside, edits) = tokio::join!(hooks(), paced(server.address, 1, EDIT, SPAN, &rename));
        println!(
            "{:.0} webhooks/s: p99 {:?} alone, {:?} beside {:.0} edits/s (p99 {:?})",
            beside.per_second, alone.p99, beside.p99, edits.per_second, edits.p99
        );
        ratios.push(beside.p99.as_secs_f64() / alone.p99.as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "webhooks beside edits: p99 {:.2} of alone ({:.2} to {:.2})",
        ratios[ROUNDS / 2],
        ratios[0],
        ratios[ROUNDS - 1]
    );
}
