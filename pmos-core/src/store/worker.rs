//! Who works on the runs of a store.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Says of a store in this process whether its runs are worked on. Two who did so without knowing of each other would run each
/// step twice.
#[derive(Debug, Default)]
pub struct WorkerSlot(Arc<AtomicBool>);

/// The work on the runs of a store, until it is dropped.
#[derive(Debug)]
pub(crate) struct Worker(Arc<AtomicBool>);

impl WorkerSlot {
    /// Takes the work on; none when it is taken.
    pub(crate) fn take(&self) -> Option<Worker> {
        (!self.0.swap(true, Ordering::AcqRel)).then(|| Worker(self.0.clone()))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
