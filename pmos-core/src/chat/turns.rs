//! Turns that are under way in this process.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::TurnId;

/// Turns that are under way in this process.
#[derive(Debug, Default)]
pub(crate) struct TurnsAtWork {
    due: Notify,
    running: Mutex<HashMap<TurnId, CancellationToken>>,
}

impl TurnsAtWork {
    /// Some turn may be due.
    pub(crate) fn look(&self) {
        self.due.notify_one();
    }

    /// Returns when some turn may be due.
    pub(crate) async fn hinted(&self) {
        self.due.notified().await;
    }

    /// Begins a turn; none when it is under way already.
    pub(crate) fn begin(&self, turn: TurnId) -> Option<CancellationToken> {
        let mut running = self.running.lock();
        if running.contains_key(&turn) {
            return None;
        }
        let stop = CancellationToken::new();
        running.insert(turn, stop.clone());
        Some(stop)
    }

    /// It is not under way any more.
    pub(crate) fn end(&self, turn: TurnId) {
        self.running.lock().remove(&turn);
    }

    /// Asks a turn that is under way here to stop.
    pub(crate) fn cancel(&self, turn: TurnId) {
        if let Some(stop) = self.running.lock().get(&turn) {
            stop.cancel();
        }
        self.look();
    }
}
