//! Webhooks as their callers know them: other methods, browsers, headers without end.

use axum::{
    body::Body,
    http::{Method, Request},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestServer};

fn call(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).unwrap()
}

async fn runs(ada: &Browser<'_>) -> usize {
    ada.get(&ada.at("/runs")).await.json()["items"].as_array().unwrap().len()
}

/// What one call of a webhook with this trigger gets, and whether it began a run.
async fn asked(trigger: Value, method: &str, headers: &[(&str, &str)]) -> (Answer, bool) {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let respond = json!({"body": {"method": "{{ trigger.method }}"}});
    let (_, hook) = ada.hook(&trigger, &[("respond", &respond)]).await;
    let answer = server.send(call(method, &hook, headers)).await;
    let ran = runs(&ada).await > 0;
    (answer, ran)
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(|value| value.to_str().unwrap())
}

#[rstest]
#[case::any(json!({}), 200)]
#[case::get(json!({"methods": ["GET"]}), 200)]
#[case::post(json!({"methods": ["POST", "PUT"]}), 200)]
#[case::neither(json!({"methods": ["PUT"]}), 405)]
#[tokio::test]
async fn head_is_answered_without_a_run_where_get_or_post_is_taken(#[case] trigger: Value, #[case] status: u16) {
    let (answer, ran) = asked(trigger, "HEAD", &[]).await;
    assert_eq!((answer.status.as_u16(), ran), (status, false));
}

#[rstest]
#[case::head("HEAD")]
#[case::options("OPTIONS")]
#[tokio::test]
async fn a_flow_that_names_head_or_options_runs_for_it(#[case] method: &str) {
    let preflight = [("origin", "https://a.example"), ("access-control-request-method", "POST")];
    let (answer, ran) = asked(json!({"methods": ["POST", method]}), method, &preflight).await;
    assert_eq!((answer.status.as_u16(), ran), (200, true));
}

#[rstest]
#[case::one(json!({"methods": ["POST"]}), "GET", "HEAD, OPTIONS, POST")]
#[case::two(json!({"methods": ["PUT", "DELETE"]}), "POST", "DELETE, OPTIONS, PUT")]
#[case::named(json!({"methods": ["OPTIONS"]}), "GET", "OPTIONS")]
#[case::trace(json!({}), "TRACE", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")]
#[tokio::test]
async fn another_method_than_those_taken_is_405_with_allow(
    #[case] trigger: Value,
    #[case] method: &str,
    #[case] allow: &str,
) {
    let (answer, ran) = asked(trigger, method, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str(), ran), (405, "method_not_allowed", false));
    assert_eq!(header(&answer, "allow"), Some(allow));
}

#[tokio::test]
async fn an_address_that_is_none_is_not_found_by_any_method() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (flow, hook) = ada.hook(&json!({"methods": ["POST"], "origins": ["*"]}), &[]).await;
    assert_eq!(ada.post(&ada.at(&format!("/flows/{flow}/disable")), &json!({})).await.status, 200);
    for path in [hook.as_str(), "/hooks/00000000000000000000000000000000"] {
        let mut answers = Vec::new();
        for method in ["GET", "POST", "HEAD", "OPTIONS", "PUT", "TRACE"] {
            let answer = server.send(call(method, path, &[("origin", "https://a.example")])).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert!(!answer.headers.contains_key("allow") && !answer.headers.contains_key("vary"), "{method} {path}");
            // An answer to HEAD has no body.
            if method != "HEAD" {
                answers.push(answer.without_request_id());
            }
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "methods tell something of {path}");
    }
}

#[rstest]
#[case::listed(json!(["https://a.example", "https://b.example:8443"]), "https://b.example:8443", Some("https://b.example:8443"))]
#[case::any(json!(["*"]), "https://a.example", Some("*"))]
#[case::other(json!(["https://a.example"]), "https://evil.example", None)]
#[case::longer(json!(["https://a.example"]), "https://a.example.evil", None)]
#[case::plain(json!(["https://a.example"]), "http://a.example", None)]
#[case::none(json!([]), "https://a.example", None)]
#[tokio::test]
async fn a_browser_is_told_whether_a_page_may_call(
    #[case] origins: Value,
    #[case] origin: &str,
    #[case] open: Option<&str>,
) {
    let preflight = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type, x-own"),
    ];
    let trigger = json!({"methods": ["POST", "PUT"], "origins": origins});
    let (answer, ran) = asked(trigger.clone(), "OPTIONS", &preflight).await;
    assert_eq!((answer.status.as_u16(), ran), (204, false));
    assert_eq!(header(&answer, "access-control-allow-origin"), open);
    let methods = open.map(|_| "POST, PUT");
    assert_eq!(header(&answer, "access-control-allow-methods"), methods);
    assert_eq!(header(&answer, "access-control-allow-headers"), open.map(|_| "content-type, x-own"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), None);
    let (answer, ran) = asked(trigger, "POST", &[("origin", origin)]).await;
    assert_eq!((answer.status.as_u16(), ran), (200, true), "programs may call whatever they say");
    assert_eq!(header(&answer, "access-control-allow-origin"), open);
}

#[tokio::test]
async fn an_origin_that_is_none_keeps_a_flow_from_going_live() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    for origin in ["https://a.example/path", "a.example", "null", "ftp://a.example", "https://u:p@a.example", ""] {
        let trigger = json!({"id": "t", "kind": "trigger", "name": "T", "piece": "core", "operation": "webhook", "settings": {"origins": [origin]}});
        let made = ada.post(&ada.at("/flows"), &json!({"name": "X", "graph": {"steps": [trigger], "edges": []}})).await;
        let flow = made.json()["id"].as_str().unwrap().to_owned();
        let answer = ada.post(&ada.at(&format!("/flows/{flow}/publish")), &json!({})).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["issues"][0]["field"].clone()),
            (422, json!("origins[0]")),
            "{origin}"
        );
    }
}

#[tokio::test]
async fn sixty_four_headers_are_taken() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({})).await;
    let headers: Vec<_> = (0..63).map(|n| (format!("x-{n}"), "1")).collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(server.send(call(Method::GET.as_str(), &hook, &headers)).await.status, 200);
}
