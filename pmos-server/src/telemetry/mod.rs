//! What operators see of a running process: logs on stderr, and metrics for collectors. The names of both stay.

mod fields;
mod log;
mod metrics;

pub use log::log;
pub(crate) use log::tell;
pub use metrics::{Metrics, measure};
