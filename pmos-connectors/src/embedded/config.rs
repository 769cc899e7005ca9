//! Settings of the engine.

use std::time::Duration;

/// How much a run may use. The defaults suit an instance of any size.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmbeddedConfig {
    /// How long a run may be at work, waits not counted; then it is `timed_out`.
    pub run_limit: Duration,
    /// Up to how long a run waits in memory; for a longer wait it is given back and taken up again.
    pub short_wait: Duration,
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
            short_wait: Duration::from_secs(5),
            most_steps: 250_000,
            compiled_bytes: 32 * 1024 * 1024,
            value_bytes: 4 * 1024 * 1024,
            answer_bytes: 4 * 1024 * 1024,
        }
    }
}
