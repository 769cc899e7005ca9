//! The work that goes on by itself: one file each. The host starts it; nothing here starts anything by itself.

mod claim;
mod executor;
mod follower;
mod listener;
mod retention;
mod runner;
mod scheduler;
mod waker;

use std::sync::Arc;

use futures::future::BoxFuture;

use self::{retention::Retention, scheduler::Scheduler, waker::Waker};
use crate::{Pmos, job::Job};

impl Pmos {
    /// The work that goes on by itself, for the host to start, once per process: runs, runs that an earlier process left
    /// unfinished or that are due, automations that start by themselves, remote engines and what they tell of runs, and
    /// the removal of what is too old. Each part ends soon after [`Pmos::shut_down`]; without it runs do not begin.
    pub fn background(&self) -> Vec<BoxFuture<'static, ()>> {
        let Some(waiting) = self.runs().waiting.lock().take() else { return Vec::new() };
        let Some(hurried) = self.watch().hurried.lock().take() else { return Vec::new() };
        let Some(begun) = self.live().begun.lock().take() else { return Vec::new() };
        let jobs =
            self.jobs().into_iter().map(|job| Box::pin(runner::run(self.clone(), job)) as BoxFuture<'static, ()>);
        let mut background: Vec<BoxFuture<'static, ()>> = vec![
            Box::pin(executor::work(self.clone(), waiting)),
            Box::pin(follower::work(self.clone(), hurried)),
            Box::pin(listener::work(self.clone(), begun)),
        ];
        background.extend(jobs);
        background
    }

    /// What is done in rounds, for those who drive the rounds themselves; [`Pmos::background`] drives them all.
    pub fn jobs(&self) -> Vec<Arc<dyn Job>> {
        vec![
            Arc::new(Waker::new(self.clone())),
            Arc::new(Scheduler::new(self.clone())),
            Arc::new(Retention(self.clone())),
        ]
    }

    /// Asks the background work to end: no new run begins, and runs under way may end within `grace`; those that do not
    /// are gone on with by the next process.
    pub fn shut_down(&self) {
        self.runs().stop.cancel();
    }
}
