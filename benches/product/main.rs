//! Speed of the whole product, as ratios within one run on one machine.
//!
//! ```text
//! cargo build --release -p pmos-server && cargo bench --bench product
//! cargo bench --bench product databases     # one of `webhook`, `edits`, `heavy`, `databases` and `reads`
//! ```
//!
//! `databases` needs a PostgreSQL server, which `PMOS_TEST_POSTGRES` names as it does for tests.
//!
//! Load comes from this process, the webhook server is a process of its own so that its CPU time can be told apart; for
//! the ratios both sides are served by this process, in turns, five rounds each. What is printed is the median.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a bench fails by a panic, and its numbers are small"
)]

mod client;
mod databases;
mod distance;
mod edits;
mod heavy;
mod reads;
mod server;
mod webhook;

use std::time::Duration;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long one measurement takes.
const SPAN: Duration = Duration::from_secs(3);
/// How often each side of a ratio gets its turn.
const ROUNDS: usize = 5;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if is_wanted("webhook") {
            webhook::measure().await;
        }
        if is_wanted("edits") {
            edits::measure().await;
        }
        if is_wanted("heavy") {
            heavy::measure().await;
        }
        if is_wanted("databases") {
            databases::measure().await;
        }
        if is_wanted("reads") {
            reads::measure().await;
        }
    });
}
