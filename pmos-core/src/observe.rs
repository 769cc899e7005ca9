//! What an operator wants to measure.

use std::{fmt::Debug, time::Duration};

use crate::store::ObjectKind;

/// Hears of what takes time and of what must not be, to count and to measure it. The names are the same for good.
pub trait Observer: Debug + Send + Sync {
    /// A run of this engine ended like this.
    fn run_finished(&self, engine: &str, status: &str, took: Duration);

    /// A remote engine answered with an object that is not the asking workspace's; it was left out. A sound server
    /// never does.
    fn foreign_object(&self, engine: &str, kind: ObjectKind) {
        let _ = (engine, kind);
    }
}

/// Measures nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn run_finished(&self, _engine: &str, _status: &str, _took: Duration) {}
}
