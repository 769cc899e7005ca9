//! Waiting for a run.

use crate::{
    Error, Result, RunId,
    action::Caller,
    event::{Feed, FeedItem, FeedRequest},
    run::{Run, actions::GetRun},
};

impl Caller {
    /// Waits for the end of a run and returns it with its steps. Runs that wait for hours are better watched by a [`Feed`]. It needs
    /// the background work, here or on another node.
    ///
    /// # Errors
    /// `not_found` when it is not there; `unavailable` when PMOS shuts down before it ends.
    pub async fn wait_for(&self, run: RunId) -> Result<Run> {
        // Before the run is read, so that its end does not fall in between.
        let mut feed = Feed::open(self, None, FeedRequest::default()).await?;
        let id = run.to_string();
        loop {
            let found = self.run(GetRun { run }).await?.done()?;
            if found.summary.status.is_final() {
                return Ok(found);
            }
            loop {
                match feed.next().await? {
                    Some(FeedItem::Event(event))
                        if event.kind.starts_with("run.") && event.body.get().contains(&id) =>
                    {
                        break;
                    }
                    Some(FeedItem::Reset(_)) => break,
                    Some(_) => {}
                    None => return Err(Error::unavailable("wait for a run while PMOS shuts down")),
                }
            }
        }
    }
}
