//! Traces for a collector: OTLP over HTTP, with the names of OpenTelemetry's semantic conventions.
//!
//! Spans are exported whatever the filter of the log says. A trace that a caller began is gone on with, but how many are
//! exported is for the operator to say alone: the decision is made by the trace's id, not by what a caller asks for.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use axum::http::{self, HeaderMap};
use bytes::Bytes;
use opentelemetry::{
    KeyValue,
    propagation::{Extractor, TextMapPropagator as _},
    trace::TracerProvider as _,
};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use pmos_connectors::outbound::{Outbound, OutboundRequest};
use tokio::runtime::Handle;
use tracing::{Span, instrument::WithSubscriber as _, level_filters::LevelFilter, subscriber::NoSubscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::log::lines;
use crate::{
    Fault,
    config::{SecretHeaders, Settings, SettingsError},
};

/// How long one export may take, and the last one at the end of the process.
const PATIENCE: Duration = Duration::from_secs(5);
/// What every target of ours begins with.
const OURS: &str = "pmos";
const PARENT: &str = "traceparent";

/// The export of traces, for as long as the process lives.
pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Begins to export, and to log beside it, when the settings name a collector.
    pub(super) fn begin(settings: &Settings) -> Result<Self, Fault> {
        let Some(collector) = &settings.otlp_endpoint else { return Ok(Self(None)) };
        let wrong = |fault: &dyn fmt::Display| SettingsError::new("otlp_endpoint", fault);
        let target = collector.target().parse().map_err(|fault| wrong(&fault))?;
        let outbound = Outbound::builder().allow(target).timeout(PATIENCE).max_redirects(0).build();
        let exports = Exports { outbound: outbound.map_err(Fault::Outbound)?, runtime: Handle::current() };
        let headers = settings.otlp_headers.iter().flat_map(SecretHeaders::iter);
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(exports)
            .with_endpoint(collector.traces())
            .with_headers(headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
            .with_timeout(PATIENCE)
            .build()
            .map_err(|fault| wrong(&fault))?;
        let resource = Resource::builder_empty()
            .with_service_name("pmos")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(Sampler::TraceIdRatioBased(settings.otlp_sample.ratio()))
            .with_batch_exporter(exporter)
            .build();
        let spans = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("pmos"))
            .with_context_activation(false)
            .with_tracked_inactivity(false)
            .with_location(false)
            .with_threads(false)
            .with_filter(Targets::new().with_target(OURS, LevelFilter::TRACE));
        let lines = lines().with_filter(settings.log.filter());
        // A process that logs already goes on doing so.
        let _ = tracing_subscriber::registry().with(spans).with(lines).try_init();
        Ok(Self(Some(provider)))
    }

    pub(super) fn are_exported(&self) -> bool {
        self.0.is_some()
    }

    /// Exports what is left.
    pub(crate) async fn end(self) {
        let Some(provider) = self.0 else { return };
        // It waits for a thread of its own, which sends through this runtime.
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(PATIENCE)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces could not be exported");
        }
    }
}

/// Makes a request a part of the trace that its caller began, if it says so in `traceparent`.
pub(crate) fn take_up(span: &Span, headers: &HeaderMap) {
    if headers.contains_key(PARENT) {
        let parent = TraceContextPropagator::new().extract(&Parent(headers));
        // It fails when nothing is exported.
        let _ = span.set_parent(parent);
    }
}

/// The header that tells the parent. What vendors tell each other in `tracestate` is left out.
struct Parent<'a>(&'a HeaderMap);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).filter(|_| key == PARENT)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec![PARENT]
    }
}

/// Exports go through the guarded client, which reaches the collector and nothing else.
#[derive(Debug)]
struct Exports {
    outbound: Outbound,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Exports {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut call = OutboundRequest::new(parts.method, &parts.uri.to_string())?.body(body);
        for (name, value) in &parts.headers {
            call = call.header(name.as_str(), value.to_str()?)?;
        }
        let outbound = self.outbound.clone();
        // An export is not traced, or each would be the cause of another.
        let send = async move { outbound.send(call).await }.with_subscriber(NoSubscriber::default());
        let answer = self.runtime.spawn(send).await??;
        let mut response = http::Response::new(answer.body);
        (*response.status_mut(), *response.headers_mut()) = (answer.status, answer.headers);
        Ok(response)
    }
}
