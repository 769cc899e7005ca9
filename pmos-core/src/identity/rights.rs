//! What is believed of callers, and word that it may have changed.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use tokio::{sync::watch, time::Instant};

use super::{Principal, TokenHash};
use crate::{Channel, Result, UserId};

/// How long what is known about a credential is believed. Changes in this process are seen at once; this bounds the rest.
const BELIEVED: Duration = Duration::from_millis(900);

/// What leads to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    /// A session or a key.
    Token(TokenHash),
    /// The word of the embedding program.
    Vouched(UserId, Channel),
}

/// When the rights of a caller were read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading(Option<(u64, Instant)>);

impl Reading {
    /// Of one without rights.
    pub(crate) fn never() -> Self {
        Self(None)
    }
}

/// Who is behind a credential, believed for a moment so that not every request reads it. Whatever changes who may do what
/// says so here after its commit: what was believed is forgotten, and open streams look again.
#[derive(Debug)]
pub(crate) struct Rights {
    believed: Cache<Credential, Arc<Principal>>,
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
        credential: Credential,
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

    /// Begins to read the rights of a caller: what changes from now on makes them old.
    pub(crate) fn read(&self) -> Reading {
        Reading(Some((*self.changes.borrow(), Instant::now())))
    }

    /// Whether what was read then may be acted on still.
    pub(crate) fn is_current(&self, reading: Reading) -> bool {
        reading.0.is_none_or(|(changes, at)| changes == *self.changes.borrow() && at.elapsed() < BELIEVED)
    }

    /// Tells when rights may have changed.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
