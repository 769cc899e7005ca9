//! What is believed of callers, and word that it may have changed.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::sync::watch;

use super::{Principal, TokenHash};
use crate::Result;

/// How long what is known about a credential is believed. Changes in this process are seen at once; this bounds the rest.
const BELIEVED: Duration = Duration::from_millis(900);

/// Who is behind a credential, believed for a moment so that not every request reads it. Whatever changes who may do what
/// says so here after its commit: what was believed is forgotten, and open streams look again.
#[derive(Debug)]
pub(crate) struct Rights {
    believed: Cache<TokenHash, Arc<Principal>>,
    changes: watch::Sender<u64>,
}

impl Rights {
    pub(crate) fn new() -> Self {
        let believed = Cache::builder().max_capacity(100_000).time_to_live(BELIEVED).build();
        Self { believed, changes: watch::channel(0).0 }
    }

    /// Who is behind a credential; none when `read`, which is asked when nothing is believed of it, finds none.
    pub(super) async fn of(
        &self,
        credential: TokenHash,
        read: impl Future<Output = Result<Option<Principal>>>,
    ) -> Result<Option<Arc<Principal>>> {
        if let Some(known) = self.believed.get(&credential) {
            return Ok(Some(known));
        }
        let before = *self.changes.borrow();
        let Some(principal) = read.await?.map(Arc::new) else { return Ok(None) };
        // What was read before a change must not be believed after it.
        if *self.changes.borrow() == before {
            self.believed.insert(credential, principal.clone());
        }
        Ok(Some(principal))
    }

    /// Makes a change of rights felt by the next request and by every open stream.
    pub(crate) fn changed(&self) {
        // First the number, then the cache: a reader in between does not keep what it read.
        self.changes.send_modify(|changes| *changes += 1);
        self.believed.invalidate_all();
    }

    /// Tells when rights may have changed.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
