//! The work that goes on by itself: one file each. The host starts it; nothing here starts anything by itself.

mod claim;
mod executor;
mod follow;
mod hints;
mod listener;
mod retention;
mod runner;
mod scheduler;
mod waker;

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};

use self::{
    follow::{OpenFlows, Tenancies},
    listener::Listener,
    retention::Retention,
    scheduler::Scheduler,
    waker::Waker,
};
use crate::{Pmos, job::Job};

/// All that goes on by itself; nothing when it was taken already.
pub(crate) fn all(pmos: &Pmos) -> Vec<BoxFuture<'static, ()>> {
    let Some(waiting) = pmos.runs().waiting.lock().take() else { return Vec::new() };
    let stop = &pmos.runs().stop;
    let jobs = jobs(pmos).into_iter().map(|job| runner::run(pmos.clone(), job, stop.clone()).boxed());
    let hints = hints::work(pmos.clone(), pmos.bus().hear()).boxed();
    [executor::work(pmos.clone(), waiting).boxed(), hints].into_iter().chain(jobs).collect()
}

/// What of it is done in rounds.
pub(crate) fn jobs(pmos: &Pmos) -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(Waker::new(pmos.clone())),
        Arc::new(Scheduler::new(pmos.clone())),
        Arc::new(Tenancies::new(pmos.clone())),
        Arc::new(OpenFlows::new(pmos.clone())),
        Arc::new(Listener::new(pmos.clone())),
        Arc::new(Retention(pmos.clone())),
    ]
}
