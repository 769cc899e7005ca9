//! Work in the background: what is due is done in rounds, each of which says when the next one is.

use std::{borrow::Cow, fmt};

use async_trait::async_trait;

use crate::{Result, Timestamp};

/// Something that is done again and again.
#[async_trait]
pub trait Job: fmt::Debug + Send + Sync {
    /// Its name, in logs and among the leases of all nodes.
    fn key(&self) -> Cow<'static, str>;

    /// Does what is due at `now`; when to look again.
    ///
    /// # Errors
    /// What kept it from doing so; it is tried again after a while.
    async fn tick(&self, now: Timestamp) -> Result<Timestamp>;

    /// Returns when something may be due before the time that was said.
    async fn hinted(&self) {
        std::future::pending::<()>().await;
    }

    /// Whether one node does it for all of them. It has the lease of its key then, from its first round on.
    fn is_for_all(&self) -> bool {
        false
    }
}
