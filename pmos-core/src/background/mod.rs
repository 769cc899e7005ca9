//! The work that goes on by itself: one file each. The host starts it; nothing here starts anything by itself.

mod approver;
mod claim;
mod conversation;
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
    approver::Approver,
    conversation::Conversations,
    follow::{OpenFlows, Tenancies},
    listener::Listener,
    retention::Retention,
    scheduler::Scheduler,
    waker::Waker,
};
use crate::{Error, Result, action::Pipeline, job::Job, services::Services};

/// All that goes on by itself.
///
/// # Errors
/// `conflict` when it goes on already, here or in another PMOS on this store.
pub(crate) fn all(services: &Services, pipeline: &Arc<Pipeline>) -> Result<Vec<BoxFuture<'static, ()>>> {
    let mut waiting = services.runs.waiting.lock();
    let Some(begun) = waiting.take() else {
        return Err(at_work("The background work of this PMOS was begun already. It is begun once."));
    };
    let worker = if services.alone { services.store.worker().take() } else { None };
    if services.alone && worker.is_none() {
        *waiting = Some(begun);
        return Err(at_work("Another PMOS works on this store. Give both one cluster, or each a store of its own."));
    }
    drop(waiting);
    let stop = &services.runs.stop;
    let jobs = jobs(services, pipeline).into_iter().map(|job| runner::run(services.clone(), job, stop.clone()).boxed());
    let hints = hints::work(services.clone(), services.bus.hear()).boxed();
    Ok([executor::work(services.clone(), begun, worker).boxed(), hints].into_iter().chain(jobs).collect())
}

fn at_work(message: &str) -> Error {
    Error::conflict("at_work", message)
}

/// What of it is done in rounds.
pub(crate) fn jobs(services: &Services, pipeline: &Arc<Pipeline>) -> Vec<Arc<dyn Job>> {
    vec![
        Arc::new(Approver::new(services.clone(), pipeline.clone())),
        Arc::new(Conversations::new(services.clone(), pipeline.clone())),
        Arc::new(Waker::new(services.clone())),
        Arc::new(Scheduler::new(services.clone())),
        Arc::new(Tenancies::new(services.clone())),
        Arc::new(OpenFlows::new(services.clone())),
        Arc::new(Listener::new(services.clone())),
        Arc::new(Retention(services.clone())),
    ]
}
