//! Leases among the tasks of a single process.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use crate::{
    Result,
    cluster::{Lease, LeaseKey, Leases},
};

type Locks = Arc<Mutex<HashMap<LeaseKey, Arc<tokio::sync::Mutex<()>>>>>;

/// One lock per key, kept only while it is held or waited for.
#[derive(Debug, Default)]
pub(in crate::cluster) struct LocalLeases {
    locks: Locks,
    epochs: AtomicU64,
}

/// The held lock of one key; released when dropped.
struct Guard {
    key: LeaseKey,
    locks: Locks,
    held: Option<OwnedMutexGuard<()>>,
}

impl LocalLeases {
    fn lock(&self, key: &LeaseKey) -> Arc<tokio::sync::Mutex<()>> {
        self.locks.lock().entry(key.clone()).or_default().clone()
    }

    fn lease(&self, key: LeaseKey, held: OwnedMutexGuard<()>) -> Lease {
        let epoch = self.epochs.fetch_add(1, Ordering::Relaxed) + 1;
        Lease::new(epoch, Guard { key, locks: self.locks.clone(), held: Some(held) })
    }
}

#[async_trait]
impl Leases for LocalLeases {
    async fn acquire(&self, key: LeaseKey) -> Result<Lease> {
        let held = self.lock(&key).lock_owned().await;
        Ok(self.lease(key, held))
    }

    async fn try_acquire(&self, key: LeaseKey) -> Result<Option<Lease>> {
        let held = self.lock(&key).try_lock_owned().ok();
        Ok(held.map(|held| self.lease(key, held)))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.held = None;
        let mut locks = self.locks.lock();
        // A task that waits holds the inner lock too; with one owner left, only the map has it.
        if locks.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str) -> LeaseKey {
        LeaseKey::Job(name.to_owned())
    }

    #[tokio::test]
    async fn the_second_waits_for_the_first_but_not_for_another_key() {
        let leases = LocalLeases::default();
        let first = leases.acquire(job("one")).await.unwrap();
        let other = leases.acquire(job("two")).await.unwrap();
        assert!(leases.try_acquire(job("one")).await.unwrap().is_none());
        let mut second = Box::pin(leases.acquire(job("one")));
        assert!(futures::poll!(&mut second).is_pending());
        let before = first.epoch();
        drop(first);
        let second = second.await.unwrap();
        assert!(second.epoch() > before);
        drop((second, other));
        assert!(leases.locks.lock().is_empty());
    }
}
