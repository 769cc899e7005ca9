//! Who may write with a person's cookie.

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request},
};
use serde_json::json;

use crate::support::{ORIGIN, PASSWORD, TestServer};

#[tokio::test]
async fn a_write_with_a_cookie_needs_our_own_page() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    for (origin, header) in
        [(None, Some("1")), (Some(ORIGIN), None), (Some("https://evil.example"), Some("1")), (Some("null"), Some("1"))]
    {
        let mut request = ada.request(Method::POST, &ada.at("/flows"), Body::from(r#"{"name":"Mine"}"#));
        let headers = request.headers_mut();
        headers.remove("origin");
        headers.remove("x-pmos");
        if let Some(origin) = origin {
            headers.insert("origin", HeaderValue::from_static(origin));
        }
        if let Some(header) = header {
            headers.insert("x-pmos", HeaderValue::from_static(header));
        }
        let answer = server.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "foreign_origin"), "{origin:?} {header:?}");
    }
    assert_eq!(ada.get(&ada.at("/flows")).await.json()["items"], json!([]));
    assert_eq!(ada.post(&ada.at("/flows"), &json!({"name": "Mine"})).await.status, 201);
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_anybody_in() {
    let server = TestServer::open();
    server.sign_up("ada").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    let from = |origin: &'static str| {
        Request::post("/api/v1/auth/sign-in")
            .header("origin", origin)
            .header("x-pmos", "1")
            .body(Body::from(body.clone()))
            .unwrap()
    };
    let refused = server.send(from("https://evil.example")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "foreign_origin"));
    assert_eq!(server.send(from(ORIGIN)).await.status, 200);
}

#[tokio::test]
async fn a_key_needs_no_origin_and_beats_a_cookie() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let made = ada.post(&ada.at("/api-keys"), &json!({"name": "CI", "scopes": ["flows.*"]})).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let key = made.json()["secret"].as_str().unwrap().to_owned();
    let request = |key: &str, cookie: bool| {
        let request = Request::post(ada.at("/flows")).header("authorization", format!("Bearer {key}"));
        let request = if cookie { request.header("cookie", &ada.cookie) } else { request };
        request.body(Body::from(r#"{"name":"By key"}"#)).unwrap()
    };
    assert_eq!(server.send(request(&key, false)).await.status, 201);
    assert_eq!(server.send(request("pmos_wrong", true)).await.status, 401, "it fell back to the cookie");
    let account =
        Request::delete("/api/v1/me").header("authorization", format!("Bearer {key}")).body(Body::empty()).unwrap();
    assert_eq!(server.send(account).await.status, 403, "a key deleted an account");
}
