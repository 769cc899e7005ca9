//! What every request and every answer passes: request id, timing, the form of errors, security headers.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request},
    handler::Handler,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures::{FutureExt, future::BoxFuture};
use metrics::Histogram;
use parking_lot::RwLock;
use pmos_core::{Error, Id, RequestId};
use tracing::{Instrument as _, Span, field};

use super::{App, Problem, Shared, arrival::Arrival};
use crate::telemetry;

/// The longest path and query.
const LONGEST_URI: usize = 8 * 1024;
/// The most headers, and the most bytes of all of them.
const MOST_HEADERS: usize = 64;
const LARGEST_HEADERS: usize = 16 * 1024;
/// What nothing but a browser page of ours needs more than.
const CLOSED: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

/// A handler behind the edge, with the name of its route for metrics and logs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge<H> {
    pub(super) name: &'static str,
    pub(super) handler: H,
}

impl<T, H: Handler<T, Shared>> Handler<T, Shared> for Edge<H> {
    type Future = BoxFuture<'static, Response>;

    fn call(self, request: Request, app: Shared) -> Self::Future {
        Box::pin(async move {
            let handle = |request| self.handler.call(request, app.clone());
            pass(&app, self.name, request, handle).await
        })
    }
}

async fn pass<F: Future<Output = Response>>(
    app: &App,
    name: &'static str,
    mut request: Request,
    handle: impl FnOnce(Request) -> F,
) -> Response {
    let started = Instant::now();
    let id: RequestId = match app.pmos.clock().new_id() {
        Ok(id) => id,
        Err(error) => {
            let mut response = Problem::from(error).write(RequestId::from_uuid(uuid::Uuid::nil()), &app.site.base);
            secure(app, response.headers_mut());
            return response;
        }
    };
    let arrival = Arrival::new(id, request.extensions(), request.headers(), &app.proxies);
    request.extensions_mut().insert(arrival);
    let span = span(id, name, &request);
    telemetry::take_up(&span, request.headers());
    let mut response = answer(app, id, name, request, handle).instrument(span.clone()).await;
    let headers = response.headers_mut();
    secure(app, headers);
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    app.timers.record(name, status, started.elapsed());
    response
}

/// A request as logs and traces see it. Its path is the pattern of the route: a path may hold a secret.
fn span(id: RequestId, name: &'static str, request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let method = match *request.method() {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            request.method().as_str()
        }
        // Names of traces are a closed set.
        _ => "_OTHER",
    };
    tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.name = format_args!("{method} {}", route.unwrap_or_default()),
        otel.status_code = field::Empty,
        request = %id,
        action = name,
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
    )
}

async fn answer<F: Future<Output = Response>>(
    app: &App,
    id: RequestId,
    name: &'static str,
    request: Request,
    handle: impl FnOnce(Request) -> F,
) -> Response {
    if request.uri().path_and_query().is_some_and(|uri| uri.as_str().len() > LONGEST_URI) {
        return refuse(
            &Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long", "The address is longer than 8 KiB."),
            app,
            id,
            name,
        );
    }
    let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    if request.headers().len() > MOST_HEADERS || request.headers().iter().map(size).sum::<usize>() > LARGEST_HEADERS {
        let detail = "There are more than 64 headers, or they have more than 16 KiB. Send fewer.";
        return refuse(
            &Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", detail),
            app,
            id,
            name,
        );
    }
    match AssertUnwindSafe(handle(request)).catch_unwind().await {
        Ok(mut response) => match response.extensions_mut().remove::<Problem>() {
            Some(problem) => {
                let allow = response.headers_mut().remove(header::ALLOW);
                let mut response = refuse(&problem, app, id, name);
                if let Some(allow) = allow {
                    response.headers_mut().insert(header::ALLOW, allow);
                }
                response
            }
            None => response,
        },
        Err(_) => refuse(&Error::internal("handle a request, a part of the program panicked").into(), app, id, name),
    }
}

fn refuse(problem: &Problem, app: &App, id: RequestId, name: &'static str) -> Response {
    let (status, code) = (problem.status().as_u16(), problem.code());
    if status >= 500 {
        tracing::error!(request = %id, action = name, status, code, cause = %problem.cause(), "a request failed");
    } else {
        tracing::debug!(request = %id, action = name, status, code, "a request was refused");
    }
    if status == 502 {
        metrics::counter!("pmos_upstream_errors_total", "kind" => code).increment(1);
    }
    problem.write(id, &app.site.base)
}

/// A route that exists, called in another way. What may be done instead stands in `Allow`.
pub(super) async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not take this method; see Allow.",
    )
}

fn secure(app: &App, headers: &mut HeaderMap) {
    const FIXED: [(HeaderName, HeaderValue); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ),
    ];
    headers.reserve(10);
    for (name, value) in FIXED {
        headers.insert(name, value);
    }
    if app.site.https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CLOSED);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Times requests by the name of their route. A series is looked up by its labels once and kept: that is dearer than many
/// a request.
#[derive(Default)]
pub(super) struct Timers(RwLock<HashMap<(&'static str, StatusCode), Histogram>>);

impl Timers {
    fn record(&self, name: &'static str, status: StatusCode, took: Duration) {
        if let Some(known) = self.0.read().get(&(name, status)) {
            return known.record(took);
        }
        self.0.write().entry((name, status)).or_insert_with(|| series(name, status)).record(took);
    }
}

fn series(name: &'static str, status: StatusCode) -> Histogram {
    metrics::histogram!("pmos_request_duration_seconds", "action" => name, "status" => status.as_str().to_owned())
}
