//! From a request to the one who makes it.

use std::{fmt::Write as _, sync::Arc};

use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use cookie::Cookie;
use pmos_core::{
    ActAsId, Error, Presented, Principal, WorkspaceId,
    action::{Caller, RequestInfo},
    vault::Secret,
};

use super::{App, Problem};

/// The browser forgets a session after so long, the oldest one can get; the server ends it earlier when it is not used.
const OLDEST_S: u32 = 90 * 24 * 3_600;

/// What a request shows to say who makes it, as it came.
#[derive(Debug, Clone)]
pub(super) enum CallerToken {
    /// The host vouches for them.
    Vouched(Arc<Principal>),
    Session(Secret),
    Key(Secret),
}

impl CallerToken {
    /// The word of the host, else the key in `Authorization`, else the cookie. Who sends a key does not fall back to a
    /// cookie.
    pub(super) fn of(app: &App, parts: &Parts) -> Result<Self, Problem> {
        let headers = &parts.headers;
        if let Some(principal) = parts.extensions.get::<Arc<Principal>>() {
            return Ok(Self::Vouched(Arc::clone(principal)));
        }
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let key = value.to_str().ok().and_then(|value| value.split_once(' '));
            return match key {
                Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Self::Key(Secret::new(key.trim()))),
                _ => Err(Error::unauthenticated().into()),
            };
        }
        let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = texts.flat_map(Cookie::split_parse_encoded).filter_map(Result::ok);
        let ours = cookies.filter(|cookie| cookie.name() == app.site.cookie()).last();
        Ok(Self::Session(Secret::new(ours.ok_or_else(Error::unauthenticated)?.value())))
    }

    pub(super) async fn recognise(&self, app: &App) -> Result<Arc<Principal>, Problem> {
        let presented = match self {
            Self::Vouched(principal) => return Ok(Arc::clone(principal)),
            Self::Session(token) => Presented::Session(token),
            Self::Key(key) => Presented::Key(key),
        };
        Ok(app.pmos.authenticate(presented).await?)
    }
}

/// Who makes this request. A write with a cookie must come from one of our own pages.
pub(super) async fn principal(app: &App, parts: &Parts) -> Result<Arc<Principal>, Problem> {
    let token = CallerToken::of(app, parts)?;
    let principal = token.recognise(app).await?;
    if matches!(token, CallerToken::Session(_)) && !parts.method.is_safe() {
        app.site.check(&parts.headers, &parts.uri)?;
    }
    Ok(principal)
}

/// Lets a caller into a workspace. One that is foreign, missing or no id at all looks the same.
pub(super) async fn enter(
    app: &App,
    principal: &Arc<Principal>,
    workspace: &str,
    headers: &HeaderMap,
    info: RequestInfo,
) -> Result<Caller, Problem> {
    let workspace: WorkspaceId = workspace.parse().map_err(|_| Error::not_found())?;
    let Some(act_as) = headers.get("x-pmos-act-as") else {
        return Ok(app.pmos.enter(principal, workspace, info).await?);
    };
    let act_as = act_as.to_str().ok().and_then(|id| id.parse::<ActAsId>().ok()).ok_or_else(Error::not_found)?;
    Ok(app.pmos.enter_as(principal, workspace, act_as, info).await?)
}

/// The cookie that keeps a browser signed in, or with no token the one that ends it.
pub(super) fn cookie(app: &App, token: Option<&Secret>) -> Result<HeaderValue, Problem> {
    let (value, age) = token.map_or(("", 0), |token| (token.expose(), OLDEST_S));
    let (name, base) = (app.site.cookie(), &app.site.base);
    let mut text = format!("{name}={value}; Path={base}/; HttpOnly; SameSite=Lax; Max-Age={age}");
    if app.site.https {
        let _ = write!(text, "; Secure");
    }
    let mut header = HeaderValue::try_from(text).map_err(|cause| Error::internal("write a cookie").because(cause))?;
    header.set_sensitive(true);
    Ok(header)
}
