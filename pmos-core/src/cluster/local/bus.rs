//! The bus of a single process.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use tokio::sync::broadcast;

use crate::{
    WorkspaceId,
    cluster::{Bus, Told},
    event::Notice,
};

/// What a slow reader may be behind, before it has to read from the log or to look at everything.
const BUFFER: usize = 256;

/// The bus of a single process.
#[derive(Debug)]
pub(in crate::cluster) struct LocalBus {
    watched: RwLock<HashMap<WorkspaceId, Arc<broadcast::Sender<Notice>>>>,
    hints: broadcast::Sender<Told>,
}

impl LocalBus {
    pub(in crate::cluster) fn new() -> Self {
        Self { watched: RwLock::default(), hints: broadcast::channel(BUFFER).0 }
    }

    fn forget(&self, workspace: WorkspaceId) {
        let mut watched = self.watched.write();
        if watched.get(&workspace).is_some_and(|sender| sender.receiver_count() == 0) {
            watched.remove(&workspace);
        }
    }
}

impl Bus for LocalBus {
    fn publish(&self, workspace: WorkspaceId, notices: Vec<Notice>) {
        let Some(sender) = self.watched.read().get(&workspace).cloned() else { return };
        for notice in notices {
            if sender.send(notice).is_err() {
                return self.forget(workspace);
            }
        }
    }

    fn is_watched(&self, workspace: WorkspaceId) -> bool {
        self.watched.read().get(&workspace).is_some_and(|sender| sender.receiver_count() > 0)
    }

    fn subscribe(&self, workspace: WorkspaceId) -> broadcast::Receiver<Notice> {
        self.watched.write().entry(workspace).or_insert_with(|| Arc::new(broadcast::channel(BUFFER).0)).subscribe()
    }

    fn tell(&self, told: Told) {
        // Without a node that hears it there is nothing to be told.
        self.hints.send(told).ok();
    }

    fn hear(&self) -> broadcast::Receiver<Told> {
        self.hints.subscribe()
    }
}
