//! The trace that a call belongs to, passed on.

use http::HeaderValue;

use super::guard::Route;

/// What tells a server of which trace a call is a part, in the form of W3C Trace Context. Only servers that the operator
/// named learn it: to others the id of a trace would show which calls come from one run, and from whose.
#[cfg(feature = "otel")]
pub(super) fn parent(route: Route) -> Option<HeaderValue> {
    use opentelemetry::trace::TraceContextExt as _;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    if route != Route::Allowed {
        return None;
    }
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    let flags = span.trace_flags().to_u8();
    let parent = format!("00-{:032x}-{:016x}-{flags:02x}", span.trace_id(), span.span_id());
    HeaderValue::try_from(parent).ok().filter(|_| span.is_valid())
}

/// Without traces there is nothing to pass on.
#[cfg(not(feature = "otel"))]
pub(super) fn parent(_: Route) -> Option<HeaderValue> {
    None
}

#[cfg(all(test, feature = "otel"))]
mod tests {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn only_servers_of_the_operator_learn_the_trace() {
        let traces = SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("test"));
        let _traced = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        let _span = tracing::info_span!("call").entered();
        let passed_on = parent(Route::Allowed).unwrap();
        let parts: Vec<_> = passed_on.to_str().unwrap().split('-').map(str::len).collect();
        assert_eq!(parts, [2, 32, 16, 2], "{passed_on:?}");
        assert_eq!(parent(Route::Guarded), None);
    }

    #[test]
    fn outside_of_a_trace_nothing_is_passed_on() {
        assert_eq!(parent(Route::Allowed), None);
    }
}
