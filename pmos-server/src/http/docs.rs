//! The description of the API, for programs and for people. Not for strangers from beyond this machine.

use std::fmt::Write as _;

use super::{
    App, Problem, Routes, Shared,
    actions::{path, written},
    caller,
    metrics::is_operator,
    openapi, ui,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
    routing::MethodFilter,
};
use pmos_core::Error;

pub(super) fn routes(routes: &mut Routes) {
    routes.on("docs.openapi", MethodFilter::GET, "/api/openapi.json", document);
    routes.on("docs.page", MethodFilter::GET, "/api/docs", page);
    routes.on("docs.error", MethodFilter::GET, "/docs/errors/{code}", error);
}

async fn document(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    admit(&app, &request.into_parts().0).await?;
    written(StatusCode::OK, &openapi::document(app.pmos.table()))
}

async fn admit(app: &App, parts: &Parts) -> Result<(), Problem> {
    if !is_operator(app, parts)? {
        caller::principal(app, parts).await?;
    }
    Ok(())
}

/// What the `type` of a problem leads to: a page per error code.
#[derive(rust_embed::RustEmbed)]
#[folder = "../docs/errors"]
struct Errors;

/// The page as it is written, which reads well as plain text. Strangers meet errors too, so anybody may read it.
async fn error(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let mut parts = request.into_parts().0;
    let parameters = path(&app, &mut parts).await?;
    let (_, code) = parameters.iter().next().ok_or_else(Error::not_found)?;
    let page = Errors::get(&format!("{code}.md")).ok_or_else(Error::not_found)?;
    let mut response = Response::new(Body::from(page.data));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(response)
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem;border-bottom:1px solid #8884}\
code{font:14px ui-monospace,monospace}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}";

/// Every operation in one table.
async fn page(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    admit(&app, &request.into_parts().0).await?;
    let nonce = ui::nonce(&app)?;
    let mut page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>PMOS API</title><style nonce=\"{nonce}\">{STYLE}</style>\
         <h1>PMOS API</h1><p>The full description with all schemas is <a href=\"/api/openapi.json\">openapi.json</a>. \
         Programs use an API key: <code>Authorization: Bearer pmos_…</code></p>\
         <table><tr><th>Operation<th>Route<th>What it does"
    );
    for (path, methods) in openapi::document(app.pmos.table())["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let text = |key: &str| escape(operation[key].as_str().unwrap_or_default());
            // Writing into a text cannot fail.
            let _ = write!(
                page,
                "<tr><td><code>{}</code><td><code>{} {}</code><td>{}",
                text("operationId"),
                method.to_uppercase(),
                escape(path),
                text("summary")
            );
        }
    }
    page.push_str("</table></html>");
    let mut response = Html(page).into_response();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
