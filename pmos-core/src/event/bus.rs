//! From the one who did it to those who watch.

use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::RwLock;
use tokio::sync::broadcast;

use super::Notice;
use crate::WorkspaceId;

/// Carries what was committed to those who watch. It may lose notices of slow readers: they see the gap in the numbers
/// and read it from the log.
#[cfg_attr(feature = "testkit", mockall::automock)]
pub trait EventBus: fmt::Debug + Send + Sync {
    /// Passes notices on to the watchers of a workspace.
    fn publish(&self, workspace: WorkspaceId, notices: Vec<Notice>);

    /// Whether a workspace is watched, so that progress that is not seen need not be written.
    fn is_watched(&self, workspace: WorkspaceId) -> bool;

    /// Watches a workspace from now on.
    fn subscribe(&self, workspace: WorkspaceId) -> broadcast::Receiver<Notice>;
}

/// Notices that a slow reader may be behind before it has to read from the log.
const BUFFER: usize = 256;

/// The bus of a single process.
#[derive(Debug, Default)]
pub struct LocalBus(RwLock<HashMap<WorkspaceId, Arc<broadcast::Sender<Notice>>>>);

impl EventBus for LocalBus {
    fn publish(&self, workspace: WorkspaceId, notices: Vec<Notice>) {
        let Some(sender) = self.0.read().get(&workspace).cloned() else { return };
        for notice in notices {
            if sender.send(notice).is_err() {
                return self.forget(workspace);
            }
        }
    }

    fn is_watched(&self, workspace: WorkspaceId) -> bool {
        self.0.read().get(&workspace).is_some_and(|sender| sender.receiver_count() > 0)
    }

    fn subscribe(&self, workspace: WorkspaceId) -> broadcast::Receiver<Notice> {
        self.0.write().entry(workspace).or_insert_with(|| Arc::new(broadcast::channel(BUFFER).0)).subscribe()
    }
}

impl LocalBus {
    fn forget(&self, workspace: WorkspaceId) {
        let mut channels = self.0.write();
        if channels.get(&workspace).is_some_and(|sender| sender.receiver_count() == 0) {
            channels.remove(&workspace);
        }
    }
}
