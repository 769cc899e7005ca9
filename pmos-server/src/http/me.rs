//! One's own account.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header, request::Parts},
    response::Response,
    routing::MethodFilter,
};
use pmos_core::{
    Error, PageRequest, Principal, SessionId, UserId, Way,
    identity::{ChangePassword, EditMe, Me},
    vault::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    App, Problem, Routes, Shared,
    accounts::welcome,
    actions::{accounts, empty, path, written},
    arrival::Arrival,
    body, caller,
};

pub(super) fn routes(routes: &mut Routes) {
    routes.on("me.get", MethodFilter::GET, "/api/v1/me", get);
    routes.on("me.edit", MethodFilter::PATCH, "/api/v1/me", edit);
    routes.on("me.delete", MethodFilter::DELETE, "/api/v1/me", delete);
    routes.on("me.password", MethodFilter::POST, "/api/v1/me/password", change_password);
    routes.on("me.step_up", MethodFilter::POST, "/api/v1/me/step-up", step_up);
    routes.on("me.sessions", MethodFilter::GET, "/api/v1/me/sessions", sessions);
    routes.on("me.end_session", MethodFilter::DELETE, "/api/v1/me/sessions/{id}", end_session);
}

async fn get(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let principal = caller::principal(&app, &parts).await?;
    shown(&app, &principal).await
}

pub(super) async fn shown(app: &App, principal: &Principal) -> Result<Response, Problem> {
    let me = Me { user: principal.person.clone(), workspaces: app.pmos.workspaces_of(principal).await? };
    written(StatusCode::OK, &me)
}

async fn edit(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let (_, person) = caller::person(&app, &parts).await?;
    let change: EditMe = body::json(body).await?;
    accounts(&app)?.edit(person.id, change, &Arrival::of(&parts)?.visit(&parts.headers)).await?;
    app.pmos.rights_changed();
    let (principal, _) = caller::person(&app, &parts).await?;
    shown(&app, &principal).await
}

/// The password, given once more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    /// The password of the account.
    password: Secret,
}

async fn delete(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let (principal, _) = caller::person(&app, &parts).await?;
    let Password { password } = body::json(body).await?;
    app.pmos.remove_account(&principal, password, &Arrival::of(&parts)?.visit(&parts.headers)).await?;
    let mut response = empty();
    response.headers_mut().insert(header::SET_COOKIE, caller::cookie(&app, None)?);
    Ok(response)
}

async fn change_password(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let (_, person) = caller::person(&app, &parts).await?;
    let input: ChangePassword = body::json(body).await?;
    let visit = Arrival::of(&parts)?.visit(&parts.headers);
    let signed_in = accounts(&app)?.change_password(&person, input, &visit).await?;
    app.pmos.rights_changed();
    welcome(&app, StatusCode::OK, &signed_in).await
}

async fn step_up(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let (principal, person) = caller::person(&app, &parts).await?;
    let Some(session) = session(&principal) else {
        return Err(Error::unsupported("giving the password again with a foreign sign-in").into());
    };
    let Password { password } = body::json(body).await?;
    let visit = Arrival::of(&parts)?.visit(&parts.headers);
    let token = accounts(&app)?.step_up(&person.email, session, password, &visit).await?;
    app.pmos.rights_changed();
    let mut response = empty();
    response.headers_mut().insert(header::SET_COOKIE, caller::cookie(&app, Some(&token))?);
    Ok(response)
}

fn session(principal: &Principal) -> Option<SessionId> {
    match principal.way {
        Way::Session(session) => session,
        Way::Key { .. } | Way::Vouched => None,
    }
}

async fn sessions(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let (principal, person) = caller::person(&app, &parts).await?;
    let page = page(&parts, person.id)?;
    written(StatusCode::OK, &accounts(&app)?.sessions(person.id, session(&principal), &page).await?)
}

fn page(parts: &Parts, owner: UserId) -> Result<PageRequest, Problem> {
    let query = parts.uri.query().unwrap_or_default();
    let (mut limit, mut cursor) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "limit" => limit = Some(value.parse().map_err(|_| Error::invalid("limit", "expected a whole number"))?),
            "cursor" => cursor = Some(value),
            other => return Err(Error::invalid(other, "is not a field of this request").into()),
        }
    }
    Ok(PageRequest::parse(limit, cursor.as_deref(), owner)?)
}

async fn end_session(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let (_, person) = caller::person(&app, &parts).await?;
    let parameters = path(&app, &mut parts).await?;
    let id = parameters.iter().next().and_then(|(_, id)| id.parse().ok()).ok_or_else(Error::not_found)?;
    accounts(&app)?.end_session(person.id, id, &Arrival::of(&parts)?.visit(&parts.headers)).await?;
    app.pmos.rights_changed();
    Ok(empty())
}
