//! An external service that counts what it is sent.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::StatusCode,
    response::IntoResponse,
};
use tokio::{net::TcpListener, sync::watch};

/// One call as the service saw it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) body: String,
    pub(crate) authorization: String,
    pub(crate) once: String,
    pub(crate) traceparent: String,
}

struct Shelf {
    calls: Mutex<Vec<Call>>,
    count: watch::Sender<usize>,
    /// The call with this number fails once; the one with that is never answered.
    fails_at: usize,
    hangs_at: usize,
}

/// A service on this machine. It says all that it was sent again, as careless services do.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    shelf: Arc<Shelf>,
    count: watch::Receiver<usize>,
}

impl Service {
    pub(crate) async fn start(fails_at: usize, hangs_at: usize) -> Self {
        let (count, counted) = watch::channel(0);
        let shelf = Arc::new(Shelf { calls: Mutex::default(), count, fails_at, hangs_at });
        let routes = Router::new().fallback(take).with_state(shelf.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, shelf, count: counted }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shelf.calls.lock().unwrap().clone()
    }

    /// How often each body came.
    pub(crate) fn counts(&self) -> HashMap<String, Vec<Call>> {
        let mut counts: HashMap<String, Vec<Call>> = HashMap::new();
        for call in self.calls() {
            counts.entry(call.body.clone()).or_default().push(call);
        }
        counts
    }

    /// Waits until so many calls have come.
    pub(crate) async fn until(&mut self, count: usize) {
        self.count.wait_for(|seen| *seen >= count).await.unwrap();
    }
}

async fn take(State(shelf): State<Arc<Shelf>>, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let header = |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let call = Call {
        body: body.clone(),
        authorization: header("authorization"),
        once: header("idempotency-key"),
        traceparent: header("traceparent"),
    };
    let number = {
        let mut calls = shelf.calls.lock().unwrap();
        calls.push(call);
        calls.len()
    };
    shelf.count.send_replace(number);
    if number == shelf.hangs_at {
        std::future::pending::<()>().await;
    }
    let seen: serde_json::Map<_, _> =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().into())).collect();
    let status = if number == shelf.fails_at { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    let told = serde_json::json!({ "address": parts.uri.to_string(), "headers": seen, "got": body });
    let said_again = header("authorization");
    (status, [("content-type", "application/json".to_owned()), ("x-said-again", said_again)], told.to_string())
}
