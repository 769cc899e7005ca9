//! Invitations, seen by those who hold one.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
    routing::MethodFilter,
};

use super::{Problem, Routes, Shared, accounts::token, actions::written, arrival::Arrival, caller, me};

const PATH: &str = "/api/v1/invitations/{token}";

pub(super) fn routes(routes: &mut Routes) {
    routes.on("invitations.show", MethodFilter::GET, PATH, show);
    routes.on("invitations.accept", MethodFilter::POST, PATH, accept);
}

async fn show(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let token = token(&app, &mut parts).await?;
    written(StatusCode::OK, &app.pmos.invitation(&token).await?)
}

async fn accept(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let (_, person) = caller::person(&app, &parts).await?;
    let token = token(&app, &mut parts).await?;
    let arrival = Arrival::of(&parts)?;
    let key = arrival.request_info(&parts.headers)?.idempotency_key;
    app.pmos.join(&person, &token, key.as_ref(), &arrival.visit(&parts.headers)).await?;
    let (principal, _) = caller::person(&app, &parts).await?;
    me::shown(&app, &principal).await
}
