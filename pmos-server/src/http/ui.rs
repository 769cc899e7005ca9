//! The web UI: built files, embedded into the program.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use pmos_core::Error;

use super::{App, Problem, Shared};

/// What the build leaves where the nonce of each answer goes.
const PLACE: &str = "__CSP_NONCE__";

#[cfg(feature = "ui")]
#[derive(rust_embed::RustEmbed)]
#[folder = "ui/dist"]
struct Files;

/// A built file and its type.
struct File {
    bytes: std::borrow::Cow<'static, [u8]>,
    kind: String,
    tag: String,
}

#[cfg(feature = "ui")]
fn file(path: &str) -> Option<File> {
    let file = Files::get(path)?;
    let tag = format!("W/\"{}\"", BASE64_STANDARD.encode(&file.metadata.sha256_hash()[..16]));
    Some(File { kind: kind(path).to_owned(), tag, bytes: file.data })
}

#[cfg(not(feature = "ui"))]
fn file(_path: &str) -> Option<File> {
    None
}

#[cfg(feature = "ui")]
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whatever is no route: a file of the UI, or its page for any other address, which then shows the right screen.
pub(super) async fn fallback(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path();
    let of_programs = ["/api", "/hooks"]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if of_programs {
        return Err(Error::not_found().into());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let message = "This address only shows something; it does not take this method.";
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
        let mut response = axum::response::IntoResponse::into_response(problem);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Ok(response);
    }
    let name = path.trim_start_matches('/');
    match file(name) {
        Some(file) if name != "index.html" => asset(&request, name, file),
        // A file that is not there must not look like a page.
        None if name.rsplit('/').next().is_some_and(|last| last.contains('.')) => Err(Error::not_found().into()),
        _ => page(&app),
    }
}

fn asset(request: &Request, name: &str, file: File) -> Result<Response, Problem> {
    let tag = header_value(&file.tag)?;
    let known = request.headers().get(header::IF_NONE_MATCH) == Some(&tag);
    let mut response = Response::new(if known { Body::empty() } else { Body::from(file.bytes) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    // The build puts the hash of a file into its name there, so it never changes.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_TYPE, header_value(&file.kind)?);
    headers.insert(header::ETAG, tag);
    Ok(response)
}

/// The page, with a nonce that no other answer has.
fn page(app: &App) -> Result<Response, Problem> {
    let index = file("index.html").ok_or_else(Error::not_found)?;
    let nonce = nonce(app)?;
    let text = String::from_utf8_lossy(&index.bytes).replace(PLACE, &nonce);
    let mut response = Response::new(Body::from(text));
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, header_value(&policy)?);
    response.headers_mut().insert(header::CONTENT_TYPE, header_value(&index.kind)?);
    Ok(response)
}

/// 16 fresh random bytes.
pub(super) fn nonce(app: &App) -> Result<String, Problem> {
    let mut bytes = [0; 16];
    app.pmos.clock().random(&mut bytes)?;
    Ok(BASE64_STANDARD.encode(bytes))
}

fn header_value(text: &str) -> Result<HeaderValue, Problem> {
    Ok(HeaderValue::try_from(text).map_err(|cause| Error::internal("write a header").because(cause))?)
}
