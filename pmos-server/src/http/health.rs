//! Whether the process lives, and whether it can work.

use axum::{extract::State, http::StatusCode, response::Response, routing::MethodFilter};
use pmos_core::Error;
use serde_json::json;

use super::{Problem, Routes, Shared, actions::written};

pub(super) fn routes(routes: &mut Routes) {
    routes.on("health.live", MethodFilter::GET, "/healthz", live);
    routes.on("health.ready", MethodFilter::GET, "/readyz", ready);
}

async fn live() -> Result<Response, Problem> {
    written(StatusCode::OK, &json!({"status": "ok"}))
}

async fn ready(State(app): State<Shared>) -> Result<Response, Problem> {
    if app.stopping.is_cancelled() {
        return Err(Error::unavailable("take work while the server stops").into());
    }
    app.pmos.ready().await?;
    written(StatusCode::OK, &json!({"status": "ready"}))
}
