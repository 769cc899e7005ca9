//! What belongs to others looks like what is not there.

use axum::http::Method;
use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_foreign_workspace_a_missing_one_and_no_id_at_all_are_the_same() {
    let server = TestServer::open();
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    for path in ["/flows", "", "/events", "/runs", "/members"] {
        let answers = [ada.workspace.as_str(), "ws_00000000000000000000000000000000", "garbage"].map(|workspace| {
            let path = format!("/api/v1/workspaces/{workspace}{path}");
            let bob = &bob;
            async move { bob.get(&path).await }
        });
        let [foreign, missing, garbage] = answers;
        let (foreign, missing, garbage) = (foreign.await, missing.await, garbage.await);
        assert_eq!(foreign.status, 404, "{path}");
        assert_eq!(foreign.without_request_id(), missing.without_request_id(), "{path}");
        assert_eq!(foreign.without_request_id(), garbage.without_request_id(), "{path}");
    }
}

#[tokio::test]
async fn a_foreign_flow_is_missing_even_to_a_super_admin_until_they_say_why() {
    let server = TestServer::open();
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let (flow, _) = bob.webhook(&json!({"status": 200})).await;
    let path = bob.at(&format!("/flows/{flow}"));
    assert_eq!(ada.get(&path).await.status, 404);
    let reason = json!({"workspace": bob.workspace, "reason": "support call 17"});
    let act_as = ada.post("/api/v1/admin/act-as", &reason).await;
    assert_eq!(act_as.status, 201, "{:?}", act_as.body);
    let mut request = ada.request(Method::GET, &path, axum::body::Body::empty());
    request.headers_mut().insert("x-pmos-act-as", act_as.json()["id"].as_str().unwrap().parse().unwrap());
    assert_eq!(server.send(request).await.status, 200);
    let mut request = ada.request(Method::GET, &path, axum::body::Body::empty());
    request.headers_mut().insert("x-pmos-act-as", "act_00000000000000000000000000000000".parse().unwrap());
    assert_eq!(server.send(request).await.status, 404);
}

#[tokio::test]
async fn the_admin_routes_do_not_exist_for_others() {
    let server = TestServer::open();
    server.sign_up("ada").await;
    let bob = server.sign_up("bob").await;
    assert_eq!(
        bob.get("/api/v1/admin/workspaces").await.without_request_id(),
        bob.get("/api/v1/admin/nothing").await.without_request_id()
    );
}
