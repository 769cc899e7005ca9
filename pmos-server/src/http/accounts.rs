//! Coming in and going out.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header, request::Parts},
    response::Response,
    routing::MethodFilter,
};
use pmos_core::{
    Email, Error,
    action::RequestInfo,
    identity::{SignIn, SignUp, SignUpPolicy, SignedIn},
    vault::Secret,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    App, Problem, Routes, Shared,
    actions::{accounts, empty, path, written},
    arrival::Arrival,
    body,
    caller::{self, CallerToken},
};

pub(super) fn routes(routes: &mut Routes) {
    routes.on("bootstrap.get", MethodFilter::GET, "/api/v1/bootstrap", bootstrap);
    routes.on("auth.sign_up", MethodFilter::POST, "/api/v1/auth/sign-up", sign_up);
    routes.on("auth.sign_in", MethodFilter::POST, "/api/v1/auth/sign-in", sign_in);
    routes.on("auth.sign_out", MethodFilter::POST, "/api/v1/auth/sign-out", sign_out);
    routes.on("auth.offer_reset", MethodFilter::POST, "/api/v1/auth/reset", offer_reset);
    routes.on("auth.reset", MethodFilter::POST, "/api/v1/auth/reset/{token}", reset);
}

/// What a stranger has to know to make an account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Bootstrap {
    /// Whether strangers may.
    sign_up: SignUpPolicy,
    /// Whether there is no account yet.
    first: bool,
    /// Whether the first account needs the code that the server printed at its start.
    setup_code_required: bool,
}

async fn bootstrap(State(app): State<Shared>) -> Result<Response, Problem> {
    let accounts = accounts(&app)?;
    let first = accounts.is_empty().await?;
    let setup_code_required = first && accounts.needs_setup_code();
    written(StatusCode::OK, &Bootstrap { sign_up: accounts.policy(), first, setup_code_required })
}

async fn sign_up(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    app.site.check_stranger(&parts.headers, &parts.uri)?;
    let input: SignUp = body::json(&parts.headers, body).await?;
    let info = Arrival::of(&parts)?.request_info(&parts.headers)?;
    let signed_in = app.pmos.sign_up(input, &info).await?;
    end_former(&app, &parts, &info).await?;
    welcome(&app, StatusCode::CREATED, &signed_in).await
}

async fn sign_in(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    app.site.check_stranger(&parts.headers, &parts.uri)?;
    let input: SignIn = body::json(&parts.headers, body).await?;
    let info = Arrival::of(&parts)?.request_info(&parts.headers)?;
    let signed_in = accounts(&app)?.sign_in(input, &info).await?;
    end_former(&app, &parts, &info).await?;
    welcome(&app, StatusCode::OK, &signed_in).await
}

/// Ends the session that the browser held so far: its cookie is about to be replaced.
async fn end_former(app: &App, parts: &Parts, info: &RequestInfo) -> Result<(), Problem> {
    if let Ok(CallerToken::Session(token)) = CallerToken::of(app, parts) {
        accounts(app)?.sign_out(&token, info).await?;
    }
    Ok(())
}

/// Who came in and where they belong, with the cookie that lets them in again.
pub(super) async fn welcome(app: &App, status: StatusCode, signed_in: &SignedIn) -> Result<Response, Problem> {
    let mut response = written(status, &app.pmos.me(&signed_in.person).await?)?;
    response.headers_mut().insert(header::SET_COOKIE, caller::cookie(app, Some(&signed_in.token))?);
    Ok(response)
}

async fn sign_out(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let CallerToken::Session(token) = CallerToken::of(&app, &parts)? else {
        return Err(Error::forbidden("An API key is not signed in; revoke it instead.").into());
    };
    app.site.check(&parts.headers, &parts.uri)?;
    accounts(&app)?.sign_out(&token, &Arrival::of(&parts)?.request_info(&parts.headers)?).await?;
    let mut response = empty();
    response.headers_mut().insert(header::SET_COOKIE, caller::cookie(&app, None)?);
    Ok(response)
}

/// Whose password is lost.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferReset {
    /// The address of the account.
    #[expect(dead_code, reason = "checked for its form; without mail there is no way to send a link")]
    email: Email,
}

/// The answer is the same for everybody, so that it does not tell which addresses have an account. Links come from the
/// operator's command line as long as there is no mail.
async fn offer_reset(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    app.site.check_stranger(&parts.headers, &parts.uri)?;
    let _: OfferReset = body::json(&parts.headers, body).await?;
    let note = "When there is a way to reach you, a link is on its way. Otherwise ask your operator for one.";
    written(StatusCode::ACCEPTED, &serde_json::json!({ "detail": note }))
}

/// The new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// At least 12 characters.
    password: Secret,
}

async fn reset(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    app.site.check_stranger(&parts.headers, &parts.uri)?;
    let token = token(&app, &mut parts).await?;
    let input: Reset = body::json(&parts.headers, body).await?;
    accounts(&app)?.reset(&token, input.password, &Arrival::of(&parts)?.request_info(&parts.headers)?).await?;
    Ok(empty())
}

/// The secret in the path of a link.
pub(super) async fn token(app: &Shared, parts: &mut Parts) -> Result<Secret, Problem> {
    let parameters = path(app, parts).await?;
    let token = parameters.iter().find(|(name, _)| *name == "token").map(|(_, token)| Secret::new(token));
    Ok(token.ok_or_else(Error::not_found)?)
}
