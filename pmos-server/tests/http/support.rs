//! An instance in memory, and people who use it.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode},
};
use pmos_connectors::{
    embedded::{EmbeddedConfig, EmbeddedEngine},
    outbound::{AllowedHosts, Outbound},
};
use pmos_core::{Builder, Pmos};
use pmos_server::{RouterConfig, router};
use pmos_storage::MemoryStore;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const HOST: &str = "127.0.0.1:8420";
pub(crate) const ORIGIN: &str = "http://127.0.0.1:8420";

pub(crate) struct TestServer {
    pub(crate) pmos: Pmos,
    pub(crate) router: Router,
    pub(crate) stop: CancellationToken,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{:?}", self.body);
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// The body without the one thing that differs between two equal refusals.
    pub(crate) fn without_request_id(&self) -> Value {
        let mut body = self.json();
        body.as_object_mut().unwrap().remove("request_id").unwrap();
        body
    }

    pub(crate) fn cookie(&self) -> Option<String> {
        let cookie = self.headers.get("set-cookie")?.to_str().unwrap();
        Some(cookie.split(';').next().unwrap().to_owned())
    }
}

impl TestServer {
    pub(crate) fn open() -> Self {
        Self::with(RouterConfig::default())
    }

    pub(crate) fn with(config: RouterConfig) -> Self {
        Self::built(config, |builder| builder)
    }

    pub(crate) fn built(config: RouterConfig, change: impl FnOnce(Builder) -> Builder) -> Self {
        Self::made(config, AllowedHosts::default(), change)
    }

    /// One whose automations may call this inside address.
    pub(crate) fn reaching(address: SocketAddr) -> Self {
        Self::made(RouterConfig::default(), address.to_string().parse().unwrap(), |builder| builder)
    }

    fn made(config: RouterConfig, allowed: AllowedHosts, change: impl FnOnce(Builder) -> Builder) -> Self {
        let outbound = Outbound::builder().allow(allowed).build().unwrap();
        let builder = Pmos::builder(Arc::new(MemoryStore::new()))
            .engine(Arc::new(EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound))))
            .master_key([7; 32])
            .public_url(ORIGIN);
        let pmos = change(builder).build().unwrap();
        for job in pmos.background().unwrap() {
            tokio::spawn(job);
        }
        let stop = config.stopping.clone();
        Self { router: router(pmos.clone(), config), pmos, stop }
    }

    /// Sends a request from the address of a stranger somewhere.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("203.0.113.7:5000", request).await
    }

    pub(crate) async fn send_from(&self, peer: &str, request: Request<Body>) -> Answer {
        let response = self.respond(peer, request).await;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn respond(&self, peer: &str, mut request: Request<Body>) -> axum::response::Response {
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        request.headers_mut().entry("host").or_insert(HOST.parse().unwrap());
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Request::post(path).body(Body::from(body.to_string())).unwrap()).await
    }

    /// Makes an account and returns its browser.
    pub(crate) async fn sign_up(&self, name: &str) -> Browser<'_> {
        let input = json!({"name": name, "email": format!("{name}@example.com"), "password": PASSWORD});
        let answer = self.post("/api/v1/auth/sign-up", &input).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        let workspace = answer.json()["workspaces"][0]["id"].as_str().unwrap().to_owned();
        Browser { server: self, cookie: answer.cookie().unwrap(), workspace }
    }
}

/// A person who is signed in, using our own pages.
pub(crate) struct Browser<'a> {
    pub(crate) server: &'a TestServer,
    pub(crate) cookie: String,
    pub(crate) workspace: String,
}

impl Browser<'_> {
    pub(crate) fn request(&self, method: Method, path: &str, body: Body) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", &self.cookie)
            .header("origin", ORIGIN)
            .header("x-pmos", "1")
            .body(body)
            .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.server.send(self.request(Method::GET, path, Body::empty())).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.server.send(self.request(method, path, Body::from(body.to_string()))).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    /// The address of something in the own workspace.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("/api/v1/workspaces/{}{path}", self.workspace)
    }

    /// Makes and publishes a flow that answers a webhook with `respond`; returns its id and the path of its webhook.
    pub(crate) async fn webhook(&self, respond: &Value) -> (String, String) {
        self.hook(&json!({}), &[("respond", respond)]).await
    }

    /// Makes and publishes a flow with this webhook and steps in a row, each with the id of its operation.
    pub(crate) async fn hook(&self, trigger: &Value, steps: &[(&str, &Value)]) -> (String, String) {
        let trigger = json!({"id": "trigger", "kind": "trigger", "name": "Call", "piece": "core", "operation": "webhook", "settings": trigger});
        let step = |(operation, settings): &(&str, &Value)| json!({"id": operation, "kind": "action", "name": operation, "piece": "core", "operation": operation, "settings": settings});
        let steps: Vec<_> = std::iter::once(trigger).chain(steps.iter().map(step)).collect();
        let edge = |pair: &[Value]| json!({"from": pair[0]["id"], "port": "next", "to": pair[1]["id"]});
        let edges: Vec<_> = steps.windows(2).map(edge).collect();
        let graph = json!({"steps": steps, "edges": edges});
        let made = self.post(&self.at("/flows"), &json!({"name": "Webhook", "graph": graph})).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        let flow = made.json()["id"].as_str().unwrap().to_owned();
        let live = self.post(&self.at(&format!("/flows/{flow}/publish")), &json!({})).await;
        assert_eq!(live.status, 200, "{:?}", live.body);
        let hook = live.json()["hook_url"].as_str().unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
        (flow, hook)
    }
}
