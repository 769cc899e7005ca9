//! Metrics for a collector on this machine, or one that has the token.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::Response,
    routing::MethodFilter,
};
use pmos_core::Error;
use subtle::ConstantTimeEq;

use super::{App, Problem, Routes, Shared, arrival::Arrival};

pub(super) fn routes(routes: &mut Routes) {
    routes.on("metrics.show", MethodFilter::GET, "/metrics", show);
}

async fn show(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    if !is_operator(&app, &parts)? {
        return Err(Error::not_found().into());
    }
    let metrics = app.metrics.as_ref().ok_or_else(Error::not_found)?;
    let mut response = Response::new(Body::from(metrics.render()));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

/// Whether this machine itself asks, or one who has the operator's token.
pub(super) fn is_operator(app: &App, parts: &Parts) -> Result<bool, Problem> {
    Ok(Arrival::of(parts)?.local || has_token(app, &parts.headers))
}

fn has_token(app: &App, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    match (&app.metrics_token, given) {
        (Some(token), Some(given)) => given.ct_eq(token.expose().as_bytes()).into(),
        _ => false,
    }
}
