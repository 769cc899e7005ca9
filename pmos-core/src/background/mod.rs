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
use crate::{job::Job, services::Services};

/// All that goes on by itself; nothing when it was taken already.
pub(crate) fn all(services: &Services) -> Vec<BoxFuture<'static, ()>> {
    let Some(waiting) = services.runs.waiting.lock().take() else { return Vec::new() };
    let stop = &services.runs.stop;
    let jobs = jobs(services).into_iter().map(|job| runner::run(services.clone(), job, stop.clone()).boxed());
    let hints = hints::work(services.clone(), services.bus.hear()).boxed();
    [executor::work(services.clone(), waiting).boxed(), hints].into_iter().chain(jobs).collect()
}

/// What of it is done in rounds.
pub(crate) fn jobs(services: &Services) -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(Waker::new(services.clone())),
        Arc::new(Scheduler::new(services.clone())),
        Arc::new(Tenancies::new(services.clone())),
        Arc::new(OpenFlows::new(services.clone())),
        Arc::new(Listener::new(services.clone())),
        Arc::new(Retention(services.clone())),
    ]
}
