//! Settings of the engine.

use std::time::Duration;

/// How much a run may use. The defaults suit an instance of any size.
#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// How long a run may take from its start, interruptions included; then it is `timed_out`.
    pub run_limit: Duration,
    /// How many steps a run may take, passes of loops included; then it fails.
    pub most_steps: u64,
    /// How many bytes of flow text are kept compiled.
    pub compiled_bytes: u64,
    /// How many bytes the values of one step may take.
    pub value_bytes: usize,
    /// The largest answer of a service that a step takes, in bytes.
    pub answer_bytes: usize,
}

impl Default for EmbeddedConfig {
    fn default() -> Self {
        Self {
            run_limit: Duration::from_hours(1),
            most_steps: 250_000,
            compiled_bytes: 32 * 1024 * 1024,
            value_bytes: 4 * 1024 * 1024,
            answer_bytes: 4 * 1024 * 1024,
        }
    }
}
