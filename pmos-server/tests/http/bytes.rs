//! What comes in is read as it says it is: its charset, its packing, its byte order mark.

use std::io::Write;

use axum::{
    body::Body,
    http::{Method, Request},
};
use flate2::{Compression, write::GzEncoder};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

fn request(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Request<Body> {
    let request = Request::builder().method(Method::POST).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(body.to_vec())).unwrap()
}

/// What an automation sees of a body that is sent to its webhook.
async fn seen(headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let (_, hook) = ada.webhook(&json!({"body": {"v": "{{ trigger.body }}"}})).await;
    server.send(request(&hook, headers, body)).await
}

const FIELD: &[u8] =
    b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ncaf\xe9\r\n--x--\r\n";

#[rstest]
#[case::text("text/plain; charset=iso-8859-1", b"caf\xe9", json!("café"))]
#[case::xml("application/xml; charset=iso-8859-1", b"<a>caf\xe9</a>", json!("<a>café</a>"))]
#[case::form("application/x-www-form-urlencoded; charset=iso-8859-1", b"a=caf%E9", json!({"a": "café"}))]
#[case::field("multipart/form-data; boundary=x", FIELD, json!({"a": "café"}))]
#[case::json("application/json; charset=iso-8859-1", b"{\"a\":\"caf\xe9\"}", json!({"a": "café"}))]
#[case::marked_json("application/json", b"\xef\xbb\xbf{\"a\":1}", json!({"a": 1}))]
#[case::marked_form("application/x-www-form-urlencoded", b"\xef\xbb\xbfa=1", json!({"a": "1"}))]
#[case::blank_json("application/json", b" \r\n", json!(null))]
#[tokio::test]
async fn a_webhook_reads_text_in_the_charset_it_says(
    #[case] content_type: &str,
    #[case] body: &[u8],
    #[case] expected: Value,
) {
    let answer = seen(&[("content-type", content_type)], body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.json()["v"], expected);
}

#[rstest]
#[case::charset("content-type", "text/plain; charset=klingon", "unknown_charset", "klingon")]
#[case::encoding("content-encoding", "lzw", "unknown_encoding", "lzw")]
#[tokio::test]
async fn what_a_webhook_cannot_read_is_refused_by_name(
    #[case] header: &str,
    #[case] value: &str,
    #[case] code: &str,
    #[case] name: &str,
) {
    let answer = seen(&[(header, value)], b"x").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (415, code));
    assert!(answer.json()["detail"].as_str().unwrap().contains(name), "{:?}", answer.body);
}

#[tokio::test]
async fn a_webhook_unpacks_what_came_packed_within_the_limit() {
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(seen(&headers, &gzip(b"{\"qty\":4}")).await.json()["v"], json!({"qty": 4}));
    let bomb = seen(&headers, &gzip(&vec![b' '; 1024 * 1024 + 1])).await;
    assert_eq!((bomb.status.as_u16(), bomb.code().as_str()), (413, "too_large"));
    let plain = seen(&headers, b"{\"qty\":4}").await;
    assert_eq!((plain.status.as_u16(), plain.code().as_str()), (400, "malformed_body"));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_marked() {
    let answer = seen(&[("content-type", "image/png")], b"\x89PNG").await;
    let expected = json!({"binary": true, "type": "image/png", "size": 4, "base64": "iVBORw=="});
    assert_eq!(answer.json()["v"], expected);
}

#[tokio::test]
async fn our_api_reads_bodies_as_webhooks_do() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let named = |name: &str| json!({"name": name}).to_string().into_bytes();
    let latin = b"{\"name\":\"Caf\xe9\"}".to_vec();
    for (headers, body, name) in [
        (vec![], [b"\xef\xbb\xbf", &named("Marked")[..]].concat(), "Marked"),
        (vec![("content-encoding", "gzip")], gzip(&named("Packed")), "Packed"),
        (vec![("content-type", "application/json; charset=iso-8859-1")], latin, "Café"),
    ] {
        let mut request = ada.request(Method::POST, &ada.at("/flows"), Body::from(body));
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let made = server.send(request).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        assert_eq!(made.json()["name"], name);
    }
    let sign_in = json!({"email": "ada@example.com", "password": crate::support::PASSWORD}).to_string();
    let marked = [b"\xef\xbb\xbf", sign_in.as_bytes()].concat();
    assert_eq!(server.send(request("/api/v1/auth/sign-in", &[], &marked)).await.status, 200);
}

#[tokio::test]
async fn our_api_refuses_what_it_cannot_read_by_name() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    for (header, value, body, status, code) in [
        ("content-type", "application/json; charset=klingon", b"{}".to_vec(), 415, "unknown_charset"),
        ("content-encoding", "lzw", b"{}".to_vec(), 415, "unknown_encoding"),
        ("content-encoding", "gzip", b"{}".to_vec(), 400, "malformed"),
        ("content-encoding", "gzip", gzip(&vec![b' '; 1024 * 1024 + 1]), 413, "too_large"),
    ] {
        let mut request = ada.request(Method::POST, &ada.at("/flows"), Body::from(body));
        request.headers_mut().insert(header, value.parse().unwrap());
        let answer = server.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{header}: {value}");
    }
    let query = ada.get(&ada.at("/flows?q=caf%E9")).await;
    assert_eq!((query.status.as_u16(), query.code().as_str()), (400, "malformed"));
}
