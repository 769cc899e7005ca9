//! The action table as routes.

use axum::{
    body::Body,
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::MethodFilter,
};
use pmos_core::{
    Error, Kind,
    action::{Called, Entry, Method, Permission, Reach, SessionChange, Success, Table},
};

use super::{App, Problem, Routes, Shared, arrival::Arrival, body, caller, problem::rate_headers};

pub(super) fn routes(routes: &mut Routes, table: &Table) {
    for entry in table.iter() {
        let name = entry.spec.name;
        let handler = move |State(app): State<Shared>, request: Request| async move { call(&app, name, request).await };
        routes.on(name, filter(entry.spec.method), &entry.spec.full_path(), handler);
    }
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

async fn call(app: &Shared, name: &'static str, request: Request) -> Result<Response, Problem> {
    let entry = app.pmos.table().get(name).ok_or_else(Error::not_found)?;
    let (mut parts, body) = request.into_parts();
    let arrival = Arrival::of(&parts)?;
    let principal = match entry.spec.permission {
        Permission::Anyone => None,
        _ => Some(caller::principal(app, &parts).await?),
    };
    let parameters = path(app, &mut parts).await?;
    let mut fields: Vec<(&str, &str)> = parameters.iter().collect();
    let info = arrival.request_info(&parts.headers)?;
    let caller = match (principal, entry.spec.reach) {
        (None, _) => app.pmos.stranger(info),
        (Some(principal), Reach::Workspace) => {
            let at = fields.iter().position(|(name, _)| *name == "w").ok_or_else(Error::not_found)?;
            let (_, workspace) = fields.remove(at);
            caller::enter(app, &principal, workspace, &parts.headers, info).await?
        }
        (Some(principal), Reach::Person | Reach::Instance) => app.pmos.welcome(&principal, info),
    };
    // Who may not, need not send a body.
    caller.permit(&entry.spec).await?;
    let body = body::text(&parts.headers, body).await?;
    let input = entry.merge(&fields, parts.uri.query(), &body)?;
    let mut response = match caller.call(name, input).await {
        Ok(Called::Done(output)) => answer(entry, output.get()),
        Ok(Called::Parked(approval)) => json(StatusCode::ACCEPTED, format!(r#"{{"approval":"{approval}"}}"#)),
        Err(error) => return Err(Problem::from(error).with_rate(caller.rate())),
    };
    if let Some(change) = caller.session_change() {
        let token = match change {
            SessionChange::Renewed(token) => Some(token),
            SessionChange::Ended => None,
        };
        response.headers_mut().insert(header::SET_COOKIE, caller::cookie(app, token)?);
    }
    if let Some(rate) = caller.rate() {
        rate_headers(response.headers_mut(), rate);
    }
    Ok(response)
}

/// The parameters of the path, decoded.
pub(super) async fn path(app: &Shared, parts: &mut axum::http::request::Parts) -> Result<RawPathParams, Problem> {
    RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| Error::new(Kind::Malformed, "malformed", "The address is not UTF-8.").into())
}

fn answer(entry: &Entry, output: &str) -> Response {
    match entry.spec.success {
        Success::Ok => json(StatusCode::OK, output.to_owned()),
        Success::Created => json(StatusCode::CREATED, output.to_owned()),
        Success::Empty => empty(),
    }
}

/// A JSON answer.
pub(super) fn json(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// 204.
pub(super) fn empty() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// A JSON answer of a route that is not an action.
pub(super) fn written(status: StatusCode, value: &impl serde::Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_vec(value).map_err(|cause| Error::internal("write an answer").because(cause))?;
    Ok(json(status, text))
}

/// Our own accounts, unless the host brought its own people.
pub(super) fn accounts(app: &App) -> Result<&pmos_core::identity::Accounts, Problem> {
    Ok(app.pmos.accounts().ok_or_else(|| Error::unsupported("accounts of PMOS itself"))?)
}
