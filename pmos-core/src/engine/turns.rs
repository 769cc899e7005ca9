//! Changes of one object outside, one after the other.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

type Waiting<K> = Arc<Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>>;

/// Lets those who change the same object have their turns. The engines outside cannot be trusted to do so.
pub(crate) struct Turns<K: Eq + Hash + Copy>(Waiting<K>);

/// One's turn; the next one's begins when it is dropped.
pub(crate) struct Turn<K: Eq + Hash + Copy> {
    key: K,
    turns: Waiting<K>,
    held: Option<OwnedMutexGuard<()>>,
}

impl<K: Eq + Hash + Copy> Default for Turns<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Copy> Turns<K> {
    /// Waits for one's turn.
    pub(crate) async fn take(&self, key: K) -> Turn<K> {
        let lock = self.0.lock().entry(key).or_default().clone();
        let held = lock.lock_owned().await;
        Turn { key, turns: self.0.clone(), held: Some(held) }
    }
}

impl<K: Eq + Hash + Copy> Drop for Turn<K> {
    fn drop(&mut self) {
        self.held = None;
        let mut turns = self.turns.lock();
        // Whoever waits holds the lock too; nobody does when only the map has it.
        if turns.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            turns.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_nobody_for_another_object() {
        let turns = Turns::default();
        let first = turns.take(1).await;
        let other = turns.take(2).await;
        let mut second = Box::pin(turns.take(1));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        drop(second.await);
        drop(other);
        assert!(turns.0.lock().is_empty());
    }
}
