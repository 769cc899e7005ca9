//! What every answer carries.

use axum::{
    body::Body,
    http::{Method, Request},
};

use crate::support::{Answer, TestServer};

fn assert_secure(answer: &Answer, what: &str) {
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    for loose in ["unsafe", "*", "http:"] {
        assert!(!policy.contains(loose), "{what}: {policy}");
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.headers[name], value, "{what}");
    }
    assert!(answer.headers.contains_key("permissions-policy"), "{what}");
    assert!(answer.headers.contains_key("x-request-id"), "{what}");
    assert!(!answer.headers.contains_key("server"), "{what}");
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "{what}");
}

#[tokio::test]
async fn every_route_answers_with_every_security_header() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let document = pmos_server::document(server.pmos.table());
    let mut routes: Vec<(Method, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.push((method.to_uppercase().parse().unwrap(), path.replace("{w}", &ada.workspace)));
        }
    }
    assert!(routes.len() > 30);
    for path in [
        "/",
        "/dashboard",
        "/nothing.js",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/docs",
        "/api/openapi.json",
        "/hooks/00",
        "/api/gone",
    ] {
        routes.push((Method::GET, path.to_owned()));
        routes.push((Method::POST, path.to_owned()));
    }
    for (method, path) in routes {
        let what = format!("{method} {path}");
        let path = path.replace(['{', '}'], "");
        // Without a sign-in: every route answers at once, and the open ones do too.
        let request = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
        let answer = server.send(request).await;
        assert_secure(&answer, &what);
        if path.starts_with("/api") {
            assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
        }
    }
    assert_secure(&ada.get(&ada.at("/flows")).await, "an answer with content");
}
