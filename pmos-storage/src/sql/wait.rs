//! What to do while another process holds a store: be refused, or stand by and ask again.

use std::time::Duration;

/// What to do while another process holds the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meanwhile {
    Refuse,
    Wait,
}

/// How long a standby waits before it asks again. Asking, unlike waiting inside the database, holds nothing there that
/// would keep old rows from being cleaned up.
const AGAIN: Duration = Duration::from_millis(250);

/// A standby that says once that it waits, however often it asks.
#[derive(Debug)]
pub(crate) struct Standby {
    meanwhile: Meanwhile,
    said: bool,
}

impl Standby {
    pub(crate) fn new(meanwhile: Meanwhile) -> Self {
        Self { meanwhile, said: false }
    }

    /// Called when the store was held: after a while true, which means to ask again, or false at once.
    pub(crate) async fn goes_on(&mut self, store: &str) -> bool {
        if self.meanwhile == Meanwhile::Refuse {
            return false;
        }
        if !self.said {
            tracing::info!(store, "standing by: another process works on the store");
            self.said = true;
        }
        tokio::time::sleep(AGAIN).await;
        true
    }

    /// Says that the wait is over, if there was one.
    pub(crate) fn ended(&self, store: &str) {
        if self.said {
            tracing::info!(store, "taking over");
        }
    }
}
