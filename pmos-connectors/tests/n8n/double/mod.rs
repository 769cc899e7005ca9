//! A server that behaves like n8n where the host looks, traps included. It refuses whatever the host has not written
//! down as what it may call.
//!
//! Nothing in it waits: what takes n8n a moment takes the double a number of questions.

mod internal;
mod public;
mod push;
mod state;
mod types;
mod webhooks;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, ws::WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use parking_lot::{Mutex, MutexGuard};
use pmos_connectors::n8n::ENDPOINTS;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

pub(crate) use state::{Dying, Socket, State, Traps};

use super::server::Server;

pub(crate) const OWNER: (&str, &str) = ("owner@example.test", "Owner-Passw0rd1");

/// The double; it goes away when it is dropped. It has threads of its own, so that it can die in the middle of a call.
pub(crate) struct Double {
    pub(crate) server: Server,
    state: Arc<Mutex<State>>,
    address: SocketAddr,
    process: Mutex<Option<Runtime>>,
}

/// One request, taken apart.
pub(super) struct DoubleRequest {
    pub(super) method: String,
    pub(super) parts: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    /// To go on without HTTP, if that is what is wanted.
    pub(super) upgrade: Mutex<Option<WebSocketUpgrade>>,
}

impl DoubleRequest {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_default().to_owned()
    }
}

impl Double {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let base_url = format!("http://{address}");
        let state = Arc::new(Mutex::new(State::new(&base_url)));
        let process = Mutex::new(Some(run(listener, state.clone())));
        let server = Server { base_url, email: OWNER.0.to_owned(), password: OWNER.1.to_owned() };
        Self { server, state, address, process }
    }

    /// Ends it at once, whatever it is at; what it has kept stays.
    pub(crate) fn kill(&self) {
        if let Some(process) = self.process.lock().take() {
            // A runtime waits for its threads, which a test must not do in its own.
            thread::spawn(move || drop(process)).join().unwrap();
        }
        self.state().dying = None;
    }

    /// Starts it again at the same address.
    pub(crate) fn restart(&self) {
        *self.process.lock() = Some(run(TcpListener::bind(self.address).unwrap(), self.state.clone()));
    }

    /// What is in it.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(crate) fn set(&self, traps: Traps) {
        self.state().traps = traps;
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(listener: TcpListener, state: Arc<Mutex<State>>) -> Runtime {
    let process = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    listener.set_nonblocking(true).unwrap();
    process.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let router = Router::new().fallback(move |request: Request| serve(state.clone(), request));
        axum::serve(listener, router).await.unwrap();
    });
    process
}

async fn serve(state: Arc<Mutex<State>>, request: Request<Body>) -> Response {
    let (mut head, body) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut head, &()).await.ok();
    let body = to_bytes(body, 16 * 1024 * 1024).await.unwrap();
    let query = head.uri.query().unwrap_or_default();
    let request = DoubleRequest {
        method: head.method.to_string(),
        parts: head.uri.path().split('/').skip(1).map(str::to_owned).collect(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: head.headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
        upgrade: Mutex::new(upgrade),
    };
    if let Some(response) = answered(&mut state.lock(), &request, head.uri.path()) {
        return response;
    }
    std::future::pending().await
}

/// None when it dies or hangs before it answers.
fn answered(state: &mut State, request: &DoubleRequest, path: &str) -> Option<Response> {
    state.drop_in();
    match state.dying.as_mut() {
        Some(dying) if dying.after == 0 => {
            if dying.works {
                dying.works = false;
                dispatch(state, request, path);
            }
            state.death.notify_one();
            return None;
        }
        Some(dying) => dying.after -= 1,
        None => {}
    }
    let response = dispatch(state, request, path);
    (path != "/rest/push" || state.traps.socket != Socket::Hangs).then_some(response)
}

fn dispatch(state: &mut State, request: &DoubleRequest, path: &str) -> Response {
    state.request.push(format!("{} {path}", request.method));
    if !is_listed(request) {
        state.unlisted.push(format!("{} {path}", request.method));
        return refuse(StatusCode::IM_A_TEAPOT, "not on the list");
    }
    let parts: Vec<&str> = request.parts.iter().map(String::as_str).collect();
    if state.traps.starting > 0 {
        state.traps.starting -= 1;
        return match parts[..] {
            ["healthz", "readiness"] => answer(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "error"})),
            _ => page(StatusCode::OK, "n8n is starting up. Please wait"),
        };
    }
    match parts[..] {
        ["healthz", "readiness"] => answer(StatusCode::OK, &json!({"status": "ok"})),
        ["api", "v1", ..] => public::serve(state, request, &parts[2..]),
        ["rest", ..] => internal::serve(state, request, &parts[1..]),
        ["types", list] => internal::types(state, request, list),
        ["mcp-server", "http"] => internal::mcp(state, request),
        ["webhook", ..] => webhooks::serve(state, request, &parts[1..].join("/")),
        _ => page(StatusCode::NOT_FOUND, "Cannot do that"),
    }
}

fn is_listed(request: &DoubleRequest) -> bool {
    ENDPOINTS.iter().any(|endpoint| {
        let known: Vec<&str> = endpoint.path().split('/').skip(1).collect();
        let open = known.last() == Some(&"{*}");
        endpoint.method().as_str() == request.method
            && (known.len() == request.parts.len() || open && known.len() <= request.parts.len())
            && known.iter().zip(&request.parts).all(|(known, part)| *known == part || known.starts_with('{'))
    })
}

pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

pub(super) fn ok(body: &Value) -> Response {
    answer(StatusCode::OK, body)
}

pub(super) fn refuse(status: StatusCode, message: &str) -> Response {
    answer(status, &json!({"message": message}))
}

pub(super) fn page(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], format!("<html>{text}</html>")).into_response()
}
