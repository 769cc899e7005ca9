//! Whether the process lives, and whether it can work.

use std::time::Duration;

use axum::{extract::State, http::StatusCode, response::Response, routing::MethodFilter};
use pmos_core::{Error, Pmos};
use serde_json::json;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{Problem, Routes, Shared, actions::written};

/// How long an answer is given again. It is found out by writing, which a flood of questions must not multiply.
const FRESH: Duration = Duration::from_secs(1);
/// What takes longer does not work.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether it could work when it was last asked.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    async fn of(&self, pmos: &Pmos) -> bool {
        let mut known = self.0.lock().await;
        match *known {
            Some((at, ready)) if at.elapsed() < FRESH => ready,
            _ => {
                let asked = timeout(PATIENCE, pmos.ready())
                    .await
                    .unwrap_or_else(|_| Err(Error::unavailable("wait for the store")));
                if let Err(error) = &asked {
                    tracing::warn!(error = error as &dyn std::error::Error, "the store cannot be used");
                }
                *known = Some((Instant::now(), asked.is_ok()));
                asked.is_ok()
            }
        }
    }
}

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
    if app.readiness.of(&app.pmos).await {
        return written(StatusCode::OK, &json!({"status": "ready"}));
    }
    Err(Error::unavailable("use the store").into())
}
