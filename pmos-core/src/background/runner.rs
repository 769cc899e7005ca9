//! Runs a job for as long as the process lives.

use std::{sync::Arc, time::Duration};

use crate::{Pmos, job::Job};

/// How long after a failure it is tried again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Ticks until the process stops.
pub(crate) async fn run(pmos: Pmos, job: Arc<dyn Job>) {
    let stop = &pmos.runs().stop;
    while !stop.is_cancelled() {
        let now = pmos.clock().now();
        let next = job.tick(now).await.unwrap_or_else(|error| {
            tracing::warn!(job = job.key(), %error, "background work failed; it is tried again");
            now.plus(AFTER_FAILURE)
        });
        tokio::select! {
            () = tokio::time::sleep(next.since(pmos.clock().now())) => {}
            () = job.hinted() => {}
            () = stop.cancelled() => return,
        }
    }
}
