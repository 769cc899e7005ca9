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

impl Pmos {
    /// The work that goes on by itself, for the host to start, once per process: runs, and what [`Pmos::jobs`] does in rounds.
    /// Each part ends soon after [`Pmos::shut_down`]; without it runs do not begin.
    pub fn background(&self) -> Vec<BoxFuture<'static, ()>> {
        let Some(waiting) = self.runs().waiting.lock().take() else { return Vec::new() };
        let stop = &self.runs().stop;
        let jobs = self.jobs().into_iter().map(|job| runner::run(self.clone(), job, stop.clone()).boxed());
        let hints = hints::work(self.clone(), self.bus().hear()).boxed();
        [executor::work(self.clone(), waiting).boxed(), hints].into_iter().chain(jobs).collect()
    }

    /// What is done in rounds, for those who drive the rounds themselves; [`Pmos::background`] drives them all.
    pub fn jobs(&self) -> Vec<Arc<dyn Job>> {
        vec![
            Arc::new(Waker::new(self.clone())),
            Arc::new(Scheduler::new(self.clone())),
            Arc::new(Tenancies::new(self.clone())),
            Arc::new(OpenFlows::new(self.clone())),
            Arc::new(Listener::new(self.clone())),
            Arc::new(Retention(self.clone())),
        ]
    }

    /// Asks the background work to end: no new run begins, and runs under way may end within `grace`; those that do not
    /// are gone on with by the next process.
    pub fn shut_down(&self) {
        self.runs().stop.cancel();
    }
}
