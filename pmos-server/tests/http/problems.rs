//! How refusals look.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use pmos_core::{
    Result,
    action::{Action, ActionSpec, Context, Method as Verb, Table},
};

use crate::support::TestServer;

/// Breaks.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Break {}

#[async_trait::async_trait]
impl Action for Break {
    const SPEC: ActionSpec = ActionSpec::read("host.break", Verb::Get, "/break");
    type Output = ();
    async fn run(self, _: &mut Context<'_>) -> Result<()> {
        panic!("the secret reason")
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let server =
        TestServer::built(pmos_server::RouterConfig::default(), |builder| builder.actions(Table::with::<Break>));
    let ada = server.sign_up("ada").await;
    let answer = ada.get(&ada.at("/break")).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"));
    assert!(!answer.json().to_string().contains("secret"));
    assert_eq!(ada.get("/api/v1/me").await.status, 200, "it took others with it");
}

#[tokio::test]
async fn a_refusal_names_the_field_and_the_request() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let answer = ada.post(&ada.at("/flows"), &json!({"name": "Mine", "colour": "red"})).await;
    assert_eq!(answer.status, 422);
    let body = answer.json();
    assert_eq!(body["status"], 422);
    assert_eq!(body["code"], "invalid_input");
    assert_eq!(body["type"], "/docs/errors/invalid_input");
    assert_eq!(body["errors"][0]["field"], "colour");
    assert_eq!(body["request_id"], answer.headers["x-request-id"].to_str().unwrap());
    for key in ["title", "detail"] {
        assert!(body[key].as_str().is_some_and(|text| !text.is_empty()), "{key}");
    }
}

#[tokio::test]
async fn the_request_id_is_ours_whatever_the_caller_sends() {
    let server = TestServer::open();
    let request = Request::get("/healthz").header("x-request-id", "mine").body(Body::empty()).unwrap();
    let answer = server.send(request).await;
    assert!(answer.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
}

#[tokio::test]
async fn an_unknown_address_of_the_api_is_a_problem_and_not_a_page() {
    let server = TestServer::open();
    for path in ["/api", "/api/v1/nothing", "/api/v1/workspaces", "/hooks", "/hooks/a/b", "/assets/gone.js"] {
        let answer = server.get(path).await;
        let expected = if path == "/api/v1/workspaces" { 401 } else { 404 };
        assert_eq!(answer.status, expected, "{path}");
        answer.code();
    }
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let server = TestServer::open();
    for (method, path, allowed) in [
        (Method::DELETE, "/api/v1/bootstrap", "GET"),
        (Method::PUT, "/api/v1/me", "PATCH"),
        (Method::POST, "/dashboard", "GET"),
    ] {
        let answer = server.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "method_not_allowed"), "{path}");
        assert!(answer.headers["allow"].to_str().unwrap().contains(allowed), "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_malformed() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    for body in [&b"{"[..], b"[]", b"\xc3\x28", b"{\"name\":\"\xff\"}", b"nope"] {
        for path in [ada.at("/flows"), "/api/v1/me/password".to_owned()] {
            let answer = server.send(ada.request(Method::POST, &path, Body::from(body))).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "malformed"), "{path} {body:?}");
        }
    }
    let answer = ada.get(&ada.at("/flows/%ff")).await;
    assert_eq!(answer.status, 400);
    answer.code();
}

#[tokio::test]
async fn no_address_and_no_body_makes_the_server_fail() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let values = ["", "%00", "%ff", "..%2f..%2f", "flow_", "{}", "' or 1=1 --", "\u{202e}"];
    let bodies = ["", "{}", "[]", "null", "{\"limit\":0}", "{\"name\":null}", "\u{0}", "{\"name\":1e999}"];
    for entry in server.pmos.table().iter() {
        for (value, body) in values.iter().zip(bodies) {
            let value = value.replace(' ', "%20").replace(['{', '}', '"', '\u{202e}'], "%7b");
            let path = entry.spec.full_path().replacen("{w}", &ada.workspace, 1);
            let path = path.split('/').map(|part| if part.starts_with('{') { value.as_str() } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            let method: Method = entry.spec.method.as_str().parse().unwrap();
            // These would end the test's own session or workspace.
            if matches!(entry.spec.name, "members.leave" | "workspace.delete") {
                continue;
            }
            let answer = server.send(ada.request(method, &path, Body::from(body))).await;
            assert!(answer.status.as_u16() < 500, "{} {path} {body}: {:?}", entry.spec.name, answer.body);
            if answer.status.is_client_error() {
                answer.code();
            }
        }
    }
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_page() {
    let server = TestServer::open();
    let problem = server.get("/api/v1/me").await.json();
    let page = server.get(problem["type"].as_str().unwrap()).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/plain; charset=utf-8");
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(text.starts_with("# `unauthenticated`") && text.contains("**What to do:**"), "{text}");
    for code in ["no_such_code", "..%2FREADME", "%2Fetc%2Fpasswd"] {
        let missing = server.get(&format!("/docs/errors/{code}")).await;
        assert_eq!((missing.status.as_u16(), missing.code().as_str()), (404, "not_found"), "{code}");
    }
}
