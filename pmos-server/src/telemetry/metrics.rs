//! Metrics in the form of Prometheus.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use pmos_core::{Observer, store::ObjectKind};

/// From a webhook's answer to a long call of a model.
const BUCKETS: [f64; 14] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Begins to measure.
///
/// # Errors
/// When this process measures already.
pub fn measure() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
        .install_recorder()?;
    metrics::describe_histogram!(
        "pmos_request_duration_seconds",
        metrics::Unit::Seconds,
        "HTTP requests by action and status"
    );
    metrics::describe_histogram!("pmos_run_duration_seconds", metrics::Unit::Seconds, "Runs by engine and status");
    metrics::describe_counter!("pmos_upstream_errors_total", "Failed calls of external services by kind");
    metrics::describe_counter!(
        "pmos_foreign_objects_total",
        "Objects that a remote engine gave and that are not the asking workspace's, by engine and kind"
    );
    Ok(handle)
}

/// What the core and engines tell, as metrics.
#[derive(Debug, Clone, Copy, Default)]
pub struct Metrics;

impl Observer for Metrics {
    fn run_finished(&self, engine: &str, status: &str, took: Duration) {
        let labels = [("engine", engine.to_owned()), ("status", status.to_owned())];
        metrics::histogram!("pmos_run_duration_seconds", &labels).record(took);
    }

    fn foreign_object(&self, engine: &str, kind: ObjectKind) {
        metrics::counter!("pmos_foreign_objects_total", "engine" => engine.to_owned(), "kind" => kind.as_str())
            .increment(1);
    }
}
