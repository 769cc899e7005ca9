//! The routes inside an application of a host.

use axum::{
    Router,
    body::Body,
    extract::Request as Incoming,
    http::{Method, Request},
    middleware::{self, Next},
};
use pmos_core::{Channel, Pmos, UserId};
use pmos_server::RouterConfig;
use serde_json::json;

use crate::support::TestServer;

/// Lets in who the header of the host names.
async fn vouch(pmos: Pmos, mut request: Incoming, next: Next) -> axum::response::Response {
    if let Some(user) = request.headers().get("x-user").and_then(|user| user.to_str().ok()) {
        let user: UserId = user.parse().unwrap();
        let principal = pmos.vouch(user, Channel::Rust).await.unwrap();
        request.extensions_mut().insert(principal);
    }
    next.run(request).await
}

#[tokio::test]
async fn a_person_that_the_host_vouches_for_needs_neither_cookie_nor_origin() {
    let mut server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (path, me) = (ada.at("/flows"), ada.get("/api/v1/me").await.json()["user"]["id"].as_str().unwrap().to_owned());
    let pmos = server.pmos.clone();
    server.router =
        server.router.clone().layer(middleware::from_fn(move |request, next| vouch(pmos.clone(), request, next)));
    let create = |user: Option<&str>| {
        let mut request = Request::builder().method(Method::POST).uri(&path);
        if let Some(user) = user {
            request = request.header("x-user", user);
        }
        request.body(Body::from(json!({"name": "Mine"}).to_string())).unwrap()
    };
    assert_eq!(server.send(create(Some(&me))).await.status, 201);
    assert_eq!(server.send(create(None)).await.status, 401);
}

#[tokio::test]
async fn below_a_path_cookies_and_problems_name_it() {
    let public = "https://app.example.com/automations";
    let mut server = TestServer::built(RouterConfig::default(), |builder| builder.public_url(public));
    server.router = Router::new().nest("/automations", server.router.clone());
    let sign_up = json!({"name": "ada", "email": "ada@example.com", "password": crate::support::PASSWORD});
    let request = Request::post("/automations/api/v1/auth/sign-up")
        .header("origin", "https://app.example.com")
        .header("x-pmos", "1")
        .body(Body::from(sign_up.to_string()))
        .unwrap();
    let signed_up = server.send(request).await;
    assert_eq!(signed_up.status, 201, "{:?}", signed_up.body);
    let cookie = signed_up.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Secure-pmos=") && cookie.contains("Path=/automations/;"), "{cookie}");
    let refused = server.get("/automations/api/v1/me").await;
    assert_eq!(refused.json()["type"], "/automations/docs/errors/unauthenticated");
}
