//! What every request and every answer passes: request id, timing, the form of errors, security headers.

use std::{
    panic::AssertUnwindSafe,
    sync::OnceLock,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use metrics::Histogram;
use pmos_core::{Error, Id, RequestId};

use super::{App, Problem, Shared, arrival::Arrival};

/// The longest path and query.
const LONGEST_URI: usize = 8 * 1024;
/// What nothing but a browser page of ours needs more than.
const CLOSED: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

pub(super) async fn pass(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id: RequestId = match app.pmos.clock().new_id() {
        Ok(id) => id,
        Err(error) => {
            let mut response = Problem::from(error).write(RequestId::from_uuid(uuid::Uuid::nil()));
            secure(&app, response.headers_mut());
            return response;
        }
    };
    let arrival = Arrival::new(id, request.extensions(), request.headers(), &app.proxies);
    request.extensions_mut().insert(arrival);
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let name = pattern.map_or("none", |pattern| app.name(request.method(), pattern.as_str()));
    let mut response = if request.uri().path_and_query().is_some_and(|uri| uri.as_str().len() > LONGEST_URI) {
        refuse(&Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long", "The address is longer than 8 KiB."), id, name)
    } else {
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(mut response) => match response.extensions_mut().remove::<Problem>() {
                Some(problem) => {
                    let allow = response.headers_mut().remove(header::ALLOW);
                    let mut response = refuse(&problem, id, name);
                    if let Some(allow) = allow {
                        response.headers_mut().insert(header::ALLOW, allow);
                    }
                    response
                }
                None => response,
            },
            Err(_) => refuse(&Error::internal("handle a request, a part of the program panicked").into(), id, name),
        }
    };
    let headers = response.headers_mut();
    secure(&app, headers);
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    app.hook_timer.record(name, response.status(), started.elapsed());
    response
}

fn refuse(problem: &Problem, id: RequestId, name: &'static str) -> Response {
    let (status, code) = (problem.status().as_u16(), problem.code());
    if status >= 500 {
        tracing::error!(request = %id, action = name, status, code, cause = %problem.cause(), "a request failed");
    } else {
        tracing::debug!(request = %id, action = name, status, code, "a request was refused");
    }
    if status == 502 {
        metrics::counter!("pmos_upstream_errors_total", "kind" => code).increment(1);
    }
    problem.write(id)
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
    if app.https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CLOSED);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Times requests by the name of their route. Webhooks come by the thousand, so their series is looked up once.
#[derive(Default)]
pub(super) struct HookTimer(OnceLock<Histogram>);

impl HookTimer {
    fn record(&self, name: &'static str, status: StatusCode, took: Duration) {
        if name == "hooks.deliver" && status == StatusCode::OK {
            self.0.get_or_init(|| series(name, status)).record(took);
        } else {
            series(name, status).record(took);
        }
    }
}

fn series(name: &'static str, status: StatusCode) -> Histogram {
    metrics::histogram!("pmos_request_duration_seconds", "action" => name, "status" => status.as_str().to_owned())
}
