//! Locks by key, for work on one object that must not overlap.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

type Locks<K> = Arc<Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>>;

/// One lock per key, kept only while it is held or waited for. Remote engines do not order changes of one object
/// themselves.
pub(crate) struct KeyedLock<K: Eq + Hash + Copy>(Locks<K>);

/// The held lock of one key; released when dropped.
pub(crate) struct KeyedGuard<K: Eq + Hash + Copy> {
    key: K,
    locks: Locks<K>,
    held: Option<OwnedMutexGuard<()>>,
}

impl<K: Eq + Hash + Copy> Default for KeyedLock<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Copy> KeyedLock<K> {
    /// Waits until no other task holds the lock of this key, in the order of the calls.
    pub(crate) async fn lock(&self, key: K) -> KeyedGuard<K> {
        let lock = self.0.lock().entry(key).or_default().clone();
        let held = lock.lock_owned().await;
        KeyedGuard { key, locks: self.0.clone(), held: Some(held) }
    }
}

impl<K: Eq + Hash + Copy> Drop for KeyedGuard<K> {
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

    #[tokio::test]
    async fn the_second_waits_for_the_first_but_not_for_another_key() {
        let locks = KeyedLock::default();
        let first = locks.lock(1).await;
        let other = locks.lock(2).await;
        let mut second = Box::pin(locks.lock(1));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        drop(second.await);
        drop(other);
        assert!(locks.0.lock().is_empty());
    }
}
