//! Health, metrics and the description of the API.

use axum::{body::Body, http::Request};
use pmos_core::vault::Secret;
use pmos_server::RouterConfig;

use crate::support::TestServer;

#[tokio::test]
async fn a_stopping_server_is_alive_but_not_ready() {
    let server = TestServer::open();
    assert_eq!(server.get("/readyz").await.status, 200);
    server.stop.cancel();
    assert_eq!(server.get("/readyz").await.status, 503);
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn the_api_is_described_to_this_machine_to_people_and_to_operators_only() {
    let token = "a token of an operator";
    let server = TestServer::with(RouterConfig { metrics_token: Some(Secret::new(token)), ..RouterConfig::default() });
    let ada = server.sign_up("ada").await;
    for path in ["/api/openapi.json", "/api/docs"] {
        let request = || Request::get(path);
        assert_eq!(server.get(path).await.status, 401, "{path}");
        assert_eq!(ada.get(path).await.status, 200, "{path}");
        let here = server.send_from("127.0.0.1:5000", request().body(Body::empty()).unwrap()).await;
        assert_eq!(here.status, 200, "{path}");
        let proxied = request().header("x-forwarded-for", "203.0.113.7").body(Body::empty()).unwrap();
        assert_eq!(server.send_from("127.0.0.1:5000", proxied).await.status, 401, "{path}");
        let operator = request().header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
        assert_eq!(server.send(operator).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn metrics_are_missing_for_strangers() {
    let server = TestServer::open();
    assert_eq!(server.get("/metrics").await.status, 404);
}
