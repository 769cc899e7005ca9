//! The product over HTTP, without a socket: requests go straight into the server's own router.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, header},
};
use futures::StreamExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pmos::core::{
    Pmos, WorkspaceId,
    action::{Entry, Method, Reach},
};
use pmos_server::RouterConfig;
use serde_json::{Map, Value};
use tower::ServiceExt;

/// The host that requests name; a bare address is its own origin.
const HOST: &str = "127.0.0.1:8420";

/// The server's routes over an instance.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) pmos: Pmos,
    router: Router,
}

/// What a request shows of its sender.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    Nothing,
    /// A browser with this session, on a page of ours.
    Browser(String),
    /// A browser on a foreign page.
    ForeignPage(String),
    Key(String),
    /// A super admin's browser, with what opens a foreign workspace.
    ActingAs(String, String),
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|fault| panic!("{fault}: {} {}", self.status, self.text()))
    }

    /// The stable code of a refusal.
    pub(crate) fn code(&self) -> Option<String> {
        let problem: Value = serde_json::from_slice(&self.body).ok()?;
        Some(problem["code"].as_str()?.to_owned())
    }

    /// All of it but the request's own id.
    pub(crate) fn without_id(mut self) -> Self {
        if let Some(id) = self.headers.remove("x-request-id") {
            self.body = self.text().replace(id.to_str().unwrap(), "req_").into();
        }
        self
    }

    /// Every byte, as one text.
    pub(crate) fn everything(&self) -> String {
        format!("{} {:?} {}", self.status, self.headers, self.text())
    }
}

impl Credential {
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        let mut put = |name: &'static str, value: String| headers.insert(name, value.parse().unwrap());
        match self {
            Self::Nothing => {}
            Self::Key(secret) => {
                put("authorization", format!("Bearer {secret}"));
            }
            Self::ForeignPage(token) => {
                put("cookie", format!("pmos={token}"));
                put("origin", "http://evil.example".to_owned());
            }
            Self::Browser(token) | Self::ActingAs(token, _) => {
                put("cookie", format!("pmos={token}"));
                put("origin", format!("http://{HOST}"));
                put("x-pmos", "1".to_owned());
            }
        }
        if let Self::ActingAs(_, act_as) = self {
            put("x-pmos-act-as", act_as.clone());
        }
    }
}

impl Web {
    pub(crate) fn new(pmos: Pmos) -> Self {
        Self::with(pmos, RouterConfig::default())
    }

    pub(crate) fn with(pmos: Pmos, config: RouterConfig) -> Self {
        Self { router: pmos_server::router(pmos.clone(), config), pmos }
    }

    /// Sends a request as it is, from this machine.
    pub(crate) async fn begin(&self, mut request: Request<Body>) -> axum::response::Response {
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.headers_mut().entry(header::HOST).or_insert(HOST.parse().unwrap());
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.begin(request).await.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Calls a route with a JSON body; `null` sends none.
    pub(crate) async fn call(&self, who: &Credential, method: &str, path: &str, body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        who.apply(request.headers_mut());
        if !body.is_null() {
            request.headers_mut().insert("content-type", "application/json".parse().unwrap());
            *request.body_mut() = Body::from(body.to_string());
        }
        self.send(request).await
    }

    /// Calls an action by its route, the way the web UI does.
    pub(crate) async fn act(&self, who: &Credential, entry: &Entry, workspace: WorkspaceId, input: &Value) -> Answer {
        let (path, body) = route(entry, workspace, input);
        self.call(who, entry.spec.method.as_str(), &path, &body).await
    }
}

impl Web {
    /// Calls an action with a name of the caller's own for the request.
    pub(crate) async fn act_once(
        &self,
        who: &Credential,
        entry: &Entry,
        workspace: WorkspaceId,
        input: &Value,
        key: &str,
    ) -> Answer {
        let (path, body) = route(entry, workspace, input);
        let mut request =
            Request::builder().method(entry.spec.method.as_str()).uri(path).header("idempotency-key", key);
        who.apply(request.headers_mut().unwrap());
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

/// An open event stream.
pub(crate) struct Watch {
    frames: axum::body::BodyDataStream,
    seen: String,
}

impl Web {
    /// Opens the event stream of a workspace, from its beginning.
    pub(crate) async fn watch(&self, who: &Credential, workspace: WorkspaceId, query: &str) -> Watch {
        let uri = format!("/api/v1/workspaces/{workspace}/events{query}");
        let mut request = Request::builder().uri(uri).header("last-event-id", "0").body(Body::empty()).unwrap();
        who.apply(request.headers_mut());
        let response = self.begin(request).await;
        assert_eq!(response.status(), 200);
        Watch { frames: response.into_body().into_data_stream(), seen: String::new() }
    }
}

impl Watch {
    /// All that was seen once `wanted` was.
    pub(crate) async fn until(&mut self, wanted: &str) -> &str {
        // Tenancies at remote engines are visited every ten seconds.
        let found = tokio::time::timeout(Duration::from_secs(30), async {
            while !self.seen.contains(wanted) {
                let Some(frame) = self.frames.next().await else { return false };
                self.seen.push_str(std::str::from_utf8(&frame.unwrap()).unwrap());
            }
            true
        });
        assert_eq!(found.await, Ok(true), "{wanted} did not come, but: {}", self.seen);
        &self.seen
    }

    /// Whether the stream ends within two seconds.
    pub(crate) async fn ends(mut self) -> bool {
        let end = async { while self.frames.next().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(2), end).await.is_ok()
    }
}

/// The path with its query, and the body, that carry an input.
pub(crate) fn route(entry: &Entry, workspace: WorkspaceId, input: &Value) -> (String, Value) {
    let mut fields = input.as_object().cloned().unwrap_or_default();
    let mut path = entry.spec.full_path();
    if entry.spec.reach == Reach::Workspace {
        path = path.replace("{w}", &workspace.to_string());
    }
    fields.retain(|name, value| {
        let parameter = format!("{{{name}}}");
        let in_path = path.contains(&parameter);
        if in_path {
            path = path.replace(&parameter, &encoded(value));
        }
        !in_path
    });
    if entry.spec.method != Method::Get {
        return (path, Value::Object(fields));
    }
    let query: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    (format!("{path}{mark}{}", query.join("&")), Value::Null)
}

fn encoded(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
}

/// An input with one field changed.
pub(crate) fn with(input: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut fields: Map<String, Value> = input.as_object().cloned().unwrap_or_default();
    fields.insert(field.to_owned(), value.into());
    Value::Object(fields)
}
