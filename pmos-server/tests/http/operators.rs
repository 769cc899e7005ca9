//! Health, metrics and the description of the API.

use axum::{body::Body, http::Request};
use pmos_core::vault::Secret;
use pmos_server::RouterConfig;

use crate::support::House;

#[tokio::test]
async fn a_stopping_server_is_alive_but_not_ready() {
    let house = House::open();
    assert_eq!(house.get("/readyz").await.status, 200);
    house.stop.cancel();
    assert_eq!(house.get("/readyz").await.status, 503);
    assert_eq!(house.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn the_api_is_described_to_this_machine_to_people_and_to_operators_only() {
    let token = "a token of an operator";
    let house = House::with(RouterConfig { metrics_token: Some(Secret::new(token)), ..RouterConfig::default() });
    let ada = house.sign_up("ada").await;
    for path in ["/api/openapi.json", "/api/docs"] {
        let request = || Request::get(path);
        assert_eq!(house.get(path).await.status, 401, "{path}");
        assert_eq!(ada.get(path).await.status, 200, "{path}");
        let here = house.send_from("127.0.0.1:5000", request().body(Body::empty()).unwrap()).await;
        assert_eq!(here.status, 200, "{path}");
        let proxied = request().header("x-forwarded-for", "203.0.113.7").body(Body::empty()).unwrap();
        assert_eq!(house.send_from("127.0.0.1:5000", proxied).await.status, 401, "{path}");
        let operator = request().header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
        assert_eq!(house.send(operator).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn metrics_are_missing_for_strangers() {
    let house = House::open();
    assert_eq!(house.get("/metrics").await.status, 404);
}
