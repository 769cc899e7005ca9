//! Goes on with runs: those that are due, those whose work broke off, and those that an earlier process left.

use std::{
    borrow::Cow,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;

use super::claim::{claim, give_up};
use crate::{Result, RunId, Timestamp, WorkspaceId, job::Job, services::Services};

/// How often it looks when no hint comes. A wait ends at most this much late.
const EVERY: Duration = Duration::from_millis(500);
/// How many are looked up at once.
const PAGE: u32 = 64;

/// Goes on with runs, as many as there is room for.
pub(crate) struct Waker {
    services: Services,
    /// Whether what an earlier process left was taken up.
    inherited: AtomicBool,
}

impl Waker {
    pub(crate) fn new(services: Services) -> Self {
        Self { services, inherited: AtomicBool::new(false) }
    }

    async fn take_over(&self, workspace: WorkspaceId, run: RunId) {
        if let Err(error) = claim(&self.services, workspace, run).await {
            tracing::error!(%run, ?error, "a run could not be gone on with; it is tried again");
            self.services.runs.postpone(workspace, run);
        }
    }

    async fn give_up(&self, workspace: WorkspaceId, run: RunId) {
        let why = "The run broke off again and again, so it was given up.";
        match give_up(&self.services, workspace, run, why).await {
            Ok(()) => self.services.runs.ended(run),
            Err(error) => {
                tracing::error!(%run, ?error, "the end of a run could not be recorded; it is tried again");
                self.services.runs.postpone(workspace, run);
            }
        }
    }

    /// Takes up what an earlier process left; whether that was all.
    async fn inherit(&self) -> Result<bool> {
        let mut after = None;
        loop {
            let page = self.services.queue.orphaned(self.services.node, after, PAGE).await?;
            for (workspace, run) in &page {
                if self.services.runs.free() == 0 {
                    return Ok(false);
                }
                self.take_over(*workspace, *run).await;
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = Some(*last),
                _ => return Ok(true),
            }
        }
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waker")
    }
}

#[async_trait]
impl Job for Waker {
    fn key(&self) -> Cow<'static, str> {
        "runs".into()
    }

    async fn hinted(&self) {
        self.services.runs.hinted().await;
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        let runs = &self.services.runs;
        if !self.inherited.load(Ordering::Acquire) {
            self.inherited.store(self.inherit().await?, Ordering::Release);
        }
        for (workspace, run, tried_enough) in runs.take_interrupted() {
            if tried_enough {
                self.give_up(workspace, run).await;
            } else {
                self.take_over(workspace, run).await;
            }
        }
        let room = u32::try_from(runs.free()).unwrap_or(PAGE).min(PAGE);
        if room == 0 {
            return Ok(now.plus(EVERY));
        }
        let due = self.services.queue.due(now, room).await?;
        for (workspace, run) in &due {
            self.take_over(*workspace, *run).await;
        }
        Ok(if due.len() == room as usize { now } else { now.plus(EVERY) })
    }
}
