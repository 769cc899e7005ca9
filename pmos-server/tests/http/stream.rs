//! The event stream.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::Method,
};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::support::{Browser, TestServer};

struct Stream {
    frames: BodyDataStream,
    text: String,
}

impl Stream {
    async fn open(browser: &Browser<'_>, path: &str, after: Option<u64>) -> Self {
        let mut request = browser.request(Method::GET, path, Body::empty());
        if let Some(after) = after {
            request.headers_mut().insert("last-event-id", after.into());
        }
        let response = browser.server.respond("203.0.113.7:5000", request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { frames: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event as (id, type, data); none at the end of the stream.
    async fn next(&mut self) -> Option<(Option<u64>, String, Value)> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
                };
                let found = field("data:").map(|data| {
                    let id = field("id:").map(|id| id.parse().unwrap());
                    (id, field("event:").unwrap_or_default(), serde_json::from_str(&data).unwrap())
                });
                self.text = String::from(rest);
                if found.is_some() {
                    return found;
                }
            }
            let frame = tokio::time::timeout(Duration::from_secs(5), self.frames.next()).await.expect("nothing came");
            self.text.push_str(std::str::from_utf8(&frame?.unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_watcher_who_comes_back_misses_nothing_and_sees_nothing_twice() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let path = ada.at("/events");
    let mut live = Stream::open(&ada, &path, None).await;
    ada.webhook(&json!({"status": 200})).await;
    let (first, kind, data) = live.next().await.unwrap();
    assert_eq!((kind.as_str(), data["type"].as_str().unwrap()), ("flow.created", "flow.created"));
    drop(live);
    ada.webhook(&json!({"status": 200})).await;
    let mut again = Stream::open(&ada, &path, first).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (id, kind, _) = again.next().await.unwrap();
        seen.push((id.unwrap(), kind));
    }
    let first = first.unwrap();
    let expected = [(1, "flow.published"), (2, "flow.created"), (3, "flow.published")];
    assert_eq!(seen, expected.map(|(after, kind)| (first + after, kind.to_owned())));
}

#[tokio::test]
async fn who_is_removed_sees_no_further_event() {
    let server = TestServer::open();
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let invited =
        ada.post(&ada.at("/invitations"), &json!({"email": "bob@example.com", "role": "viewer"})).await.json();
    let token = invited["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(bob.post(&format!("/api/v1/invitations/{token}"), &json!({})).await.status, 200);
    let mut stream = Stream::open(&bob, &ada.at("/events"), None).await;
    let user = bob.get("/api/v1/me").await.json()["user"]["id"].as_str().unwrap().to_owned();
    let removed = ada.send(Method::DELETE, &ada.at(&format!("/members/{user}")), &json!({})).await;
    assert_eq!(removed.status, 204, "{:?}", removed.body);
    ada.webhook(&json!({"status": 200})).await;
    while let Some((_, kind, _)) = stream.next().await {
        assert_eq!(kind, "member.changed", "an event after the removal");
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let mut stream = Stream::open(&ada, &ada.at("/events"), None).await;
    assert_eq!(ada.post("/api/v1/auth/sign-out", &json!({})).await.status, 204);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_stopping_server_ends_its_streams_and_says_when_to_come_back() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let mut stream = Stream::open(&ada, &ada.at("/events"), None).await;
    server.stop.cancel();
    let frame = stream.frames.next().await.unwrap().unwrap();
    assert!(std::str::from_utf8(&frame).unwrap().contains("retry: 1000"));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_caller_holds_at_most_twenty_streams() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let path = ada.at("/events");
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Stream::open(&ada, &path, None).await);
    }
    let refused = ada.get(&path).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many_streams"));
    assert!(refused.headers.contains_key("retry-after"));
    open.pop();
    Stream::open(&ada, &path, None).await;
}

#[tokio::test]
async fn a_wish_that_cannot_be_read_is_refused_by_name() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    for (query, field) in [("?run=flow_1", "run"), ("?flow=x", "flow"), ("?colour=red", "colour")] {
        let answer = ada.get(&format!("{}{query}", ada.at("/events"))).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
}
