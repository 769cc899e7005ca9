//! What goes out: the answers of automations, and what they hand on.

use std::net::SocketAddr;

use axum::{Router, http::header, response::IntoResponse, routing::get};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::TestServer;

/// A service that serves these routes.
async fn service(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// What stands on the wire until the server closes.
async fn raw(server: &TestServer, request: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serving.abort();
    answer.to_ascii_lowercase()
}

#[rstest]
#[case::no_content(204, None)]
#[case::not_modified(304, None)]
// Without a length a client would wait for the end of the connection.
#[case::reset_content(205, Some("content-length: 0\r\n"))]
#[tokio::test]
async fn an_answer_that_has_no_body_sends_none(#[case] status: u16, #[case] length: Option<&str>) {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"status": status, "body": {"secret": "of the next"}})).await;
    let answer = raw(&server, format!("POST {hook} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("http/1.1 {status} ")), "{answer}");
    assert_eq!(body, "");
    assert!(!head.contains("\r\ncontent-type:") && !head.contains("transfer-encoding"), "{head}");
    match length {
        Some(length) => assert!(format!("{head}\r\n").contains(length), "{head}"),
        None => assert!(!head.contains("\r\ncontent-length:"), "{head}"),
    }
}

#[rstest]
#[case::html("text/html", "text/html; charset=utf-8")]
#[case::plain("text/plain", "text/plain; charset=utf-8")]
#[case::csv("text/csv; header=present", "text/csv; header=present; charset=utf-8")]
#[case::said("text/html; charset=utf-8", "text/html; charset=utf-8")]
#[tokio::test]
async fn text_says_its_charset(#[case] chosen: &str, #[case] sent: &str) {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"headers": {"content-type": chosen}, "body": "grüße"})).await;
    let answer = server.post(&hook, &json!({})).await;
    assert_eq!((answer.headers["content-type"].to_str().unwrap(), &answer.body[..]), (sent, "grüße".as_bytes()));
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\xff";

/// The answer of an automation that responds like this to what a service gave.
async fn handed_on(router: Router, fetch: Value, respond: &Value) -> crate::support::Answer {
    let address = service(router).await;
    let server = TestServer::reaching(address);
    let ada = server.sign_up("ada").await;
    let mut fetch = fetch;
    fetch["url"] = format!("http://{address}/").into();
    let (_, hook) = ada.hook(&json!({}), &[("http", &fetch), ("respond", respond)]).await;
    server.post(&hook, &json!({})).await
}

#[rstest]
#[case::labelled(json!({"headers": {"content-type": "image/png"}, "body": "{{ steps.http.body }}"}))]
#[case::by_itself(json!({"body": "{{ steps.http.body }}"}))]
#[tokio::test]
async fn an_image_handed_on_is_the_same_bytes(#[case] respond: Value) {
    let router = Router::new().route("/", get(async || ([(header::CONTENT_TYPE, "image/png")], PNG)));
    let answer = handed_on(router, json!({}), &respond).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!((&answer.headers["content-type"], &answer.body[..]), (&"image/png".parse().unwrap(), PNG));
}

#[tokio::test]
async fn an_uploaded_file_can_be_answered() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"body": "{{ trigger.body }}"})).await;
    let request = axum::http::Request::post(&hook).header("content-type", "application/pdf");
    let answer = server.send(request.body(axum::body::Body::from(PNG)).unwrap()).await;
    assert_eq!((&answer.headers["content-type"], &answer.body[..]), (&"application/pdf".parse().unwrap(), PNG));
}

#[tokio::test]
async fn text_does_not_go_out_as_an_image() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"headers": {"content-type": "image/png"}, "body": "iVBORw=="})).await;
    let answer = server.post(&hook, &json!({})).await;
    assert_eq!(answer.status, 422, "{:?}", answer.body);
    let runs = ada.get(&ada.at("/runs")).await.json();
    assert!(runs["items"][0]["error"].as_str().unwrap().contains("image/png"), "{runs}");
}

#[tokio::test]
async fn what_a_service_answers_packed_reaches_the_automation_unpacked() {
    let packed = async || {
        let bytes = flate2::read::GzEncoder::new(&b"{\"ok\":true}"[..], flate2::Compression::default());
        let bytes = std::io::Read::bytes(bytes).collect::<Result<Vec<u8>, _>>().unwrap();
        ([(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "gzip")], bytes).into_response()
    };
    let router = Router::new().route("/", get(packed));
    let answer = handed_on(router, json!({}), &json!({"body": "{{ steps.http.body.ok }}"})).await;
    assert_eq!(answer.json(), json!(true));
}
