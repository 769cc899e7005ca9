//! The pages.

use axum::{body::Body, http::Request};

use crate::support::TestServer;

#[tokio::test]
async fn every_page_has_a_nonce_of_its_own() {
    let server = TestServer::open();
    let mut seen = Vec::new();
    for path in ["/", "/automations/flow_1", "/index.html", "/"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let page = std::str::from_utf8(&answer.body).unwrap();
        assert!(page.contains(&nonce) && !page.contains("__CSP_NONCE__"), "{path}");
        seen.push(nonce);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_a_page() {
    let server = TestServer::open();
    for path in ["/assets/gone.js", "/theme-gone.css", "/assets/../../Cargo.toml", "/favicon-gone.ico"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_built_file_is_kept_for_good_and_sent_small() {
    let server = TestServer::open();
    let page = server.get("/").await;
    let page = std::str::from_utf8(&page.body).unwrap();
    let script = page.split('"').find(|part| part.starts_with("/assets/")).expect("the page loads no built file");
    let request = Request::get(script).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let small = server.send(request).await;
    let whole = server.get(script).await;
    assert_eq!(whole.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(small.headers["content-encoding"], "gzip");
    assert!(small.body.len() < whole.body.len());
    let request = Request::get(script).header("if-none-match", &whole.headers["etag"]).body(Body::empty()).unwrap();
    assert_eq!(server.send(request).await.status, 304);
}
