//! What an operator wants to measure.

use std::{fmt::Debug, time::Duration};

/// Hears of what takes time, to count and to measure it. The names are the same for good.
pub trait Observer: Debug + Send + Sync {
    /// A run of this engine ended like this.
    fn run_finished(&self, engine: &str, status: &str, took: Duration);
}

/// Measures nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn run_finished(&self, _engine: &str, _status: &str, _took: Duration) {}
}
