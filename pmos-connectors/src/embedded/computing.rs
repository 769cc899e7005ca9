//! Where runs compute what takes long, so that others do not wait for it.
//!
//! What is small is computed where the run is; that costs nothing. What may be long takes one of few slots, fewer than there
//! are processors, and the workspaces take turns for them: a hundred heavy runs of one workspace are one queue beside the
//! queue of every other. The thread of a slot leaves its other tasks to the rest of the runtime meanwhile.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use pmos_core::WorkspaceId;
use serde_json::Value;
use tokio::{runtime::RuntimeFlavor, sync::oneshot};

/// Up to here a value is small.
const SMALL_VALUES: usize = 1_000;
/// Up to here a text is small, in bytes.
pub(super) const SMALL_BYTES: usize = 64 * 1024;

/// The slots, and who waits for one.
#[derive(Debug)]
pub(crate) struct Computing(Arc<Mutex<Queue>>);

#[derive(Debug)]
struct Queue {
    free: usize,
    /// The workspace whose turn is next comes first.
    waiting: VecDeque<(WorkspaceId, VecDeque<oneshot::Sender<Slot>>)>,
}

impl Computing {
    /// With one processor left to everything else.
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_slots(processors.saturating_sub(1).max(1))
    }

    fn with_slots(free: usize) -> Self {
        Self(Arc::new(Mutex::new(Queue { free, waiting: VecDeque::new() })))
    }

    /// Computes something that may take long, when it is the turn of the workspace.
    pub(super) async fn long<T>(&self, workspace: WorkspaceId, work: impl FnOnce() -> T) -> T {
        let _slot = self.slot(workspace).await;
        // A runtime of one thread has no other that could take over its tasks.
        if tokio::runtime::Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            tokio::task::block_in_place(work)
        } else {
            work()
        }
    }

    async fn slot(&self, workspace: WorkspaceId) -> Slot {
        loop {
            let turn = {
                let mut queue = self.0.lock();
                if let Some(free) = queue.free.checked_sub(1) {
                    queue.free = free;
                    return Slot(Arc::clone(&self.0));
                }
                queue.line_up(workspace)
            };
            if let Ok(slot) = turn.await {
                return slot;
            }
        }
    }
}

impl Queue {
    fn line_up(&mut self, workspace: WorkspaceId) -> oneshot::Receiver<Slot> {
        let (sender, turn) = oneshot::channel();
        match self.waiting.iter_mut().find(|(whose, _)| *whose == workspace) {
            Some((_, line)) => line.push_back(sender),
            None => self.waiting.push_back((workspace, VecDeque::from([sender]))),
        }
        turn
    }

    /// The next whose turn it is; their workspace goes behind the others.
    fn next(&mut self) -> Option<oneshot::Sender<Slot>> {
        while let Some((workspace, mut line)) = self.waiting.pop_front() {
            let next = std::iter::from_fn(|| line.pop_front()).find(|sender| !sender.is_closed());
            if !line.is_empty() {
                self.waiting.push_back((workspace, line));
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }
}

/// The right to compute; it goes on to the next when it is dropped.
#[derive(Debug)]
struct Slot(Arc<Mutex<Queue>>);

impl Drop for Slot {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        match queue.next() {
            Some(next) => {
                drop(queue);
                // One that no longer waits drops the slot, which goes on from there.
                let _ = next.send(Self(Arc::clone(&self.0)));
            }
            None => queue.free += 1,
        }
    }
}

/// Whether working on a value may take long.
pub(super) fn is_large(value: &Value) -> bool {
    fn left(value: &Value, room: usize) -> Option<usize> {
        let room = room.checked_sub(1)?;
        match value {
            Value::String(text) => room.checked_sub(text.len() / (SMALL_BYTES / SMALL_VALUES)),
            Value::Array(items) => items.iter().try_fold(room, |room, item| left(item, room)),
            Value::Object(map) => map.values().try_fold(room, |room, item| left(item, room)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(room),
        }
    }
    left(value, SMALL_VALUES).is_none()
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, future::join_all};
    use pmos_core::Id;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn workspace(n: u128) -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn workspaces_take_turns_whatever_each_wants() {
        let computing = Computing::with_slots(1);
        let order = Mutex::new(Vec::new());
        let held = computing.slot(workspace(0)).await;
        let run = |n: u128| {
            computing.long(workspace(n), {
                let order = &order;
                move || order.lock().push(n)
            })
        };
        let mut runs = join_all([1, 1, 1, 1, 2, 3, 3].map(run)).boxed_local();
        assert!(runs.as_mut().now_or_never().is_none());
        drop(held);
        runs.await;
        assert_eq!(*order.lock(), [1, 2, 3, 1, 3, 1, 1]);
    }

    #[tokio::test]
    async fn who_no_longer_waits_keeps_no_slot() {
        let computing = Computing::with_slots(1);
        let held = computing.slot(workspace(0)).await;
        let mut gone = Box::pin(computing.slot(workspace(1)));
        assert!(gone.as_mut().now_or_never().is_none());
        drop(gone);
        drop(held);
        assert_eq!(computing.long(workspace(2), || 5).await, 5);
        assert_eq!(computing.0.lock().free, 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_long_computation_leaves_the_thread_to_others() {
        let computing = Arc::new(Computing::with_slots(1));
        let (sender, receiver) = std::sync::mpsc::channel();
        let long = tokio::spawn(async move { computing.long(workspace(1), move || receiver.recv()).await });
        tokio::spawn(async move { sender.send(7).unwrap() }).await.unwrap();
        assert_eq!(long.await.unwrap(), Ok(7));
    }

    #[test]
    fn what_is_large_is_found_without_looking_at_all_of_it() {
        assert!(!is_large(&json!({"a": [1, 2, {"b": "text"}], "c": "x".repeat(60_000)})));
        assert!(is_large(&json!(vec![1; 1_000])));
        assert!(is_large(&json!(["x".repeat(40_000), "x".repeat(40_000)])));
    }
}
