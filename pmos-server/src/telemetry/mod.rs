//! What operators see of a running process: logs on stderr, traces and metrics for collectors. Their names stay.

mod fields;
mod log;
mod metrics;
#[cfg_attr(not(feature = "otlp"), path = "no_traces.rs")]
mod traces;

pub use log::log;
pub(crate) use log::tell;
pub use metrics::{Metrics, measure};
pub(crate) use traces::{Traces, take_up};

use crate::{Fault, config::Settings};

/// Begins to log, and to export traces when the settings name a collector. Called inside a tokio runtime.
pub(crate) fn begin(settings: &Settings) -> Result<Traces, Fault> {
    let traces = Traces::begin(settings)?;
    if !traces.are_exported() {
        log(&settings.log);
    }
    Ok(traces)
}
