//! The work that goes on by itself: one file each. The host starts it; nothing here starts anything by itself.

mod executor;
mod follower;
mod listener;
mod resumer;
mod retention;

use futures::future::BoxFuture;

use crate::Pmos;

impl Pmos {
    /// The work that goes on by itself, for the host to start, once per process: runs, runs that an earlier process left
    /// unfinished, engines outside and what they tell of runs, and the removal of what is too old. Each part ends soon after
    /// [`Pmos::shut_down`]; without it runs do not begin.
    pub fn background(&self) -> Vec<BoxFuture<'static, ()>> {
        let Some(waiting) = self.runs().waiting.lock().take() else { return Vec::new() };
        let Some(hurried) = self.watch().hurried.lock().take() else { return Vec::new() };
        let Some(begun) = self.live().begun.lock().take() else { return Vec::new() };
        vec![
            Box::pin(executor::work(self.clone(), waiting)),
            Box::pin(resumer::work(self.clone())),
            Box::pin(retention::work(self.clone())),
            Box::pin(follower::work(self.clone(), hurried)),
            Box::pin(listener::work(self.clone(), begun)),
        ]
    }

    /// Asks the background work to end: no new run begins, and runs under way may end within `grace`; those that do not
    /// are gone on with by the next process.
    pub fn shut_down(&self) {
        self.runs().stop.cancel();
    }
}
