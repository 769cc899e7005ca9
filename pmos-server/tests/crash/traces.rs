//! A collector of OpenTelemetry beside the real program.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value,
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    person::{Answer, Person, client, step, webhook},
    program::Program,
    service::Service,
};

const TOKEN: &str = "canary-token-of-a-service";
const COLLECTOR_KEY: &str = "canary-key-of-a-collector";
/// The trace and the span that the caller of the webhook is in.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

impl Collector {
    /// Its address, once it listens.
    async fn start(&self) -> String {
        let kept = self.clone();
        let take = |headers: HeaderMap, body: Bytes| async move { kept.0.lock().unwrap().push((headers, body)) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        format!("http://{address}")
    }

    fn spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        for (headers, body) in self.0.lock().unwrap().iter() {
            assert_eq!(headers["x-key"], COLLECTOR_KEY);
            let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
            let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
            spans.extend(scopes.flat_map(|scope| scope.spans));
        }
        spans
    }
}

fn attribute(span: &Span, name: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{} has {name} {other:?}: {:?}", span.name, span.attributes),
    }
}

// The collector takes the last spans while the test waits for the program to end.
#[tokio::test(flavor = "multi_thread")]
async fn a_called_webhook_is_one_trace_from_its_caller_to_the_service_it_calls() {
    let data = tempfile::tempdir().unwrap();
    let (service, collector) = (Service::start(usize::MAX, usize::MAX).await, Collector::default());
    let (host, endpoint) = (service.address.to_string(), collector.start().await);
    let headers = format!("x-key={COLLECTOR_KEY}");
    let settings = [("PMOS_ALLOW_HOSTS", &*host), ("PMOS_OTLP_ENDPOINT", &endpoint), ("PMOS_OTLP_HEADERS", &headers)];
    let program = Program::start(data.path(), &settings);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let shop = json!({ "name": "Shop", "kind": "bearer", "secret": { "token": TOKEN }, "hosts": [host] });
    let shop = ada.act("POST", "connections", shop).await;
    let mut call = step("call", "http", json!({ "method": "POST", "url": format!("http://{host}/orders?id=42") }));
    call["connection"] = shop["id"].clone();
    let graph = json!({ "steps": [webhook(), call], "edges": [{ "from": "trigger", "port": "next", "to": "call" }] });
    let (_, hook) = ada.publish("Orders", &graph).await;
    let request =
        client().post(format!("{}{hook}", program.url)).header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    let answered = Answer::of(request.json(&json!({ "order": 7 })).send().await.unwrap()).await.unwrap();
    let log = String::from_utf8(program.stop()).unwrap();

    let all = collector.spans();
    let spans: Vec<_> = all.iter().filter(|span| hex::encode(&span.trace_id) == TRACE).collect();
    let one = |name: &str| -> &Span {
        let named: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
        assert_eq!(named.len(), 1, "{name} in {names:?}; {log}");
        named[0]
    };
    let (request, run, step, outward) = (one("POST /hooks/{token}"), one("run"), one("step"), one("POST"));
    assert_eq!(hex::encode(&request.parent_span_id), PARENT);
    assert_eq!(run.parent_span_id, request.span_id);
    assert_eq!(step.parent_span_id, run.span_id);
    assert_eq!(outward.parent_span_id, step.span_id);
    assert_eq!((request.kind(), outward.kind()), (SpanKind::Server, SpanKind::Client));
    assert!(spans.iter().any(|span| span.name == "append to the journal of a run"));
    let id = answered.json()["run"].as_str().unwrap().to_owned();
    for (span, name, value) in [
        (request, "http.request.method", "POST"),
        (request, "http.route", "/hooks/{token}"),
        (request, "http.response.status_code", "202"),
        (run, "run", &id),
        (run, "workspace", &ada.workspace),
        (run, "status", "succeeded"),
        (step, "step", "call"),
        (outward, "http.request.method", "POST"),
        (outward, "server.address", "127.0.0.1"),
        (outward, "server.port", &service.address.port().to_string()),
        (outward, "http.response.status_code", "200"),
    ] {
        assert_eq!(attribute(span, name), value, "{name} of {}", span.name);
    }
    // The service is the operator's own, so it learns of which trace it is a part.
    assert_eq!(service.calls()[0].traceparent, format!("00-{TRACE}-{}-01", hex::encode(&outward.span_id)));

    let exported = format!("{all:?}");
    let token = hook.strip_prefix("/hooks/").unwrap();
    for secret in [TOKEN, token, "id=42", &ada.token, COLLECTOR_KEY] {
        assert!(!exported.contains(secret), "{secret} is exported");
        assert!(!log.contains(secret), "{secret} is logged");
    }
}

#[tokio::test]
async fn a_server_whose_collector_is_away_serves_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let program = Program::start(data.path(), &[("PMOS_OTLP_ENDPOINT", &endpoint)]);
    let ada = Person::sign_up(&program.url, "Ada").await;
    assert!(ada.get("flows").await["items"].is_array());
    let log = String::from_utf8(program.stop()).unwrap();
    assert!(log.contains("OTLP export exhausted retries"), "{log}");
}
