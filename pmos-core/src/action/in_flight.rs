//! Requests with a name of the caller's own that are at work in this process.

use std::{collections::HashSet, sync::Arc, time::Duration};

use parking_lot::Mutex;

use crate::{Error, Kind, Result, WorkspaceId, store::AnswerKey};

type Key = (Option<WorkspaceId>, AnswerKey);

/// The requests that are at work, so that a repeated one is not begun beside the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashSet<Key>>>);

/// A request at work; it is no longer when this is dropped.
pub(super) struct AtWork {
    requests: InFlight,
    key: Key,
}

impl InFlight {
    /// Begins a request.
    ///
    /// # Errors
    /// `in_progress` when the first one under this key is still at work.
    pub(super) fn begin(&self, workspace: Option<WorkspaceId>, key: &AnswerKey) -> Result<AtWork> {
        let key = (workspace, key.clone());
        if !self.0.lock().insert(key.clone()) {
            let message = "The first request with this Idempotency-Key is still at work. Ask again in a moment.";
            return Err(Error::new(Kind::Conflict, "in_progress", message).retry_after(Duration::from_secs(1)));
        }
        Ok(AtWork { requests: self.clone(), key })
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.requests.0.lock().remove(&self.key);
    }
}
