//! The life of an instance inside a program.

use tokio::task::JoinSet;

use super::Pmos;
use crate::{Error, Result};

impl Pmos {
    /// Does the background work for as long as `program` goes on, and then ends in good order: runs under way have their
    /// [grace](super::Builder::grace), and the store is closed. It is the whole life of an instance, and returns what the program
    /// returned. A server gives what tells it to stop; a small program gives all that it does.
    ///
    /// ```
    /// # async fn doc(pmos: pmos_core::Pmos, stop: tokio::sync::oneshot::Receiver<()>) -> pmos_core::Result<()> {
    /// pmos.run_until(stop).await?.ok();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `at_work` as [`Pmos::background`]; then the program is not begun. `unavailable` when another process has taken the store
    /// over, and `internal` when the background work broke down; then the program is dropped where it is.
    pub fn run_until<T>(&self, program: impl Future<Output = T>) -> impl Future<Output = Result<T>> {
        // A program is large.
        self.run_until_ended(Box::pin(program))
    }

    async fn run_until_ended<T>(&self, mut program: impl Future<Output = T> + Unpin) -> Result<T> {
        let mut jobs = JoinSet::new();
        for job in self.background()? {
            jobs.spawn(job);
        }
        let ended = loop {
            tokio::select! {
                output = &mut program => break Ok(output),
                () = self.lost() => break Err(Error::unavailable("keep the store that another process has taken over")),
                Some(job) = jobs.join_next() => {
                    if let Err(broken) = job {
                        break Err(Error::internal("do the background work").because(broken));
                    }
                }
            }
        };
        self.shut_down();
        while jobs.join_next().await.is_some() {}
        self.close().await;
        ended
    }
}
