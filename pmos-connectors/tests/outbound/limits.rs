//! Sizes, times and what a request may consist of.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use pmos_connectors::outbound::{
    AllowedHosts, ErrorKind, Method, Outbound, OutboundError, OutboundRequest, OutboundResponse, Sent,
};
use rstest::rstest;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{End, Names, Sink, client, client_for, get, read_head, serve_once};

#[rstest]
#[case("HTTP/1.1 200 OK\r\n\r\n", "")]
#[case("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1000\r\n")]
#[tokio::test]
async fn an_endless_body_is_given_up(#[case] head: &'static str, #[case] chunk_head: &'static str) {
    let limit = 1024 * 1024;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk =
            [chunk_head.as_bytes(), &[b'x'; 0x1000], if chunk_head.is_empty() { b"" } else { b"\r\n" }].concat();
        let mut chunks = 0;
        while stream.write_all(&chunk).await.is_ok() {
            chunks += 1;
        }
        chunks * 0x1000
    });
    let request = OutboundRequest::get(&format!("http://{address}/")).unwrap().max_response_bytes(limit);
    let error = client_for(&[address]).send(request).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::ResponseTooLarge { limit }, Sent::Maybe));
    // The server ends only because its connection was closed. Some MiB may have been on their way.
    assert!(server.await.unwrap() < 32 * limit);
}

#[rstest]
#[case(1000, true)]
#[case(1001, false)]
#[tokio::test]
async fn the_limit_of_a_body_is_exact(#[case] length: usize, #[case] fits: bool) {
    let limit = 1000;
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_bytes(vec![b'x'; length]);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let request = OutboundRequest::get(&server.uri()).unwrap().max_response_bytes(limit);
    match client_for(&[*server.address()]).send(request).await {
        Ok(response) => assert!(fits && response.body.len() == length),
        Err(error) => assert!(!fits && *error.kind() == ErrorKind::ResponseTooLarge { limit }, "{error}"),
    }
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_waited_for() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n";
    let (address, _served) = serve_once(head, End::KeepOpen).await;
    let error = get(&client_for(&[address]), &format!("http://{address}/")).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::ResponseTooLarge { limit: 8 * 1024 * 1024 });
}

#[tokio::test]
async fn the_answer_to_head_may_announce_any_length() {
    let (address, _served) =
        serve_once("HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n", End::KeepOpen).await;
    let request = OutboundRequest::new(Method::HEAD, &format!("http://{address}/")).unwrap();
    let response = client_for(&[address]).send(request).await.unwrap();
    assert_eq!((response.status.as_u16(), response.body.len()), (200, 0));
}

fn packed_twice(body: &[u8]) -> Vec<u8> {
    gzip(&gzip(body))
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

async fn answered(encoding: &str, packed: Vec<u8>) -> Result<OutboundResponse, OutboundError> {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).insert_header("content-encoding", encoding).set_body_bytes(packed);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let request = OutboundRequest::get(&server.uri())?.max_response_bytes(1_000);
    let response = client_for(&[*server.address()]).send(request).await;
    assert!(!server.received_requests().await.unwrap()[0].headers.contains_key("accept-encoding"));
    response
}

#[rstest]
#[case::gzip("gzip", gzip(b"hello"))]
#[case::twice("gzip, gzip", packed_twice(b"hello"))]
#[case::not_at_all("identity", b"hello".to_vec())]
#[tokio::test]
async fn a_body_that_comes_packed_is_unpacked(#[case] encoding: &str, #[case] packed: Vec<u8>) {
    let response = answered(encoding, packed).await.unwrap();
    assert_eq!(response.body, "hello");
    assert!(!response.headers.contains_key("content-encoding"));
}

#[rstest]
#[case::bomb("gzip", gzip(&[0; 10_000]), "the answer is larger than the 1000 bytes allowed")]
#[case::bomb_within("gzip, gzip", packed_twice(&[0; 10_000]), "the answer is larger than the 1000 bytes allowed")]
#[case::unknown("lzw", b"x".to_vec(), "the answer cannot be read: the content encoding \"lzw\" is not known; gzip, deflate, br and zstd are")]
#[case::broken("br", b"\x11x".to_vec(), "the answer cannot be read: it is not the br that it says it is")]
#[tokio::test]
async fn a_body_that_cannot_be_unpacked_is_refused_by_name(
    #[case] encoding: &str,
    #[case] packed: Vec<u8>,
    #[case] why: &str,
) {
    assert_eq!(answered(encoding, packed).await.unwrap_err().to_string(), format!("127.0.0.1: {why}"));
}

#[rstest]
#[case::post(Method::POST, true)]
#[case::put(Method::PUT, true)]
#[case::patch(Method::PATCH, true)]
#[case::get(Method::GET, false)]
#[case::delete(Method::DELETE, false)]
#[tokio::test]
async fn a_request_that_could_have_a_body_says_that_it_has_none(#[case] method: Method, #[case] says: bool) {
    let (address, served) = serve_once("HTTP/1.1 204 No Content\r\n\r\n", End::KeepOpen).await;
    let request = OutboundRequest::new(method, &format!("http://{address}/")).unwrap();
    let client = client_for(&[address]);
    client.send(request).await.unwrap();
    drop(client);
    let head = served.await.unwrap().to_ascii_lowercase();
    assert_eq!(head.contains("\r\ncontent-length: 0\r\n"), says, "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
}

#[tokio::test]
async fn a_request_body_over_the_limit_is_not_sent() {
    let sink = Sink::open().await;
    let allowed = AllowedHosts::parse([sink.address().to_string()]).unwrap();
    let client = client(&Names::default()).allow(allowed).max_request_bytes(10).build().unwrap();
    let request = OutboundRequest::post(&format!("http://{}/", sink.address())).unwrap().body("eleven long");
    let error = client.send(request).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::RequestTooLarge { limit: 10 }, Sent::No));
    sink.assert_untouched().await;
}

#[tokio::test]
async fn a_first_byte_that_never_comes_ends_with_the_time_of_the_request() {
    let sink = Sink::open().await;
    let after = Duration::from_millis(50);
    let request = OutboundRequest::get(&format!("http://{}/", sink.address())).unwrap().timeout(after);
    let error = client_for(&[sink.address()]).send(request).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout { after }, Sent::Maybe));
    assert_eq!(error.to_string(), "127.0.0.1: there was no complete answer within 0.05 seconds");
}

#[tokio::test]
async fn a_body_that_never_ends_coming_ends_with_the_time_of_the_request() {
    let (address, _served) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx", End::KeepOpen).await;
    let after = Duration::from_millis(50);
    let request = OutboundRequest::get(&format!("http://{address}/")).unwrap().timeout(after);
    let error = client_for(&[address]).send(request).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout { after }, Sent::Maybe));
}

#[tokio::test]
async fn a_request_cannot_ask_for_more_time_than_the_operator_gives() {
    let sink = Sink::open().await;
    let allowed = AllowedHosts::parse([sink.address().to_string()]).unwrap();
    let after = Duration::from_millis(50);
    let client = Outbound::builder().allow(allowed).max_timeout(after).build().unwrap();
    let request = OutboundRequest::get(&format!("http://{}/", sink.address())).unwrap();
    let error = client.send(request.timeout(Duration::from_hours(1))).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Timeout { after });
}

#[rstest]
#[case("host", "evil.example")]
#[case("Host", "evil.example")]
#[case("content-length", "5")]
#[case("Transfer-Encoding", "chunked")]
#[case("connection", "upgrade")]
#[case("upgrade", "websocket")]
#[case("expect", "100-continue")]
#[case("te", "trailers")]
#[case("proxy-authorization", "Basic x")]
#[case("x-ok", "line\r\nx-injected: 1")]
#[case("x-ok", "nul\0")]
#[case("bad name", "x")]
#[case("", "x")]
fn a_header_that_would_change_the_request_itself_is_refused_by_name(#[case] name: &str, #[case] value: &str) {
    let error = OutboundRequest::get("https://example.com/").unwrap().header(name, value).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidRequest { field, .. } if field == name), "{error}");
}

#[rstest]
#[case(Method::CONNECT)]
#[case(Method::TRACE)]
fn a_method_for_proxies_and_mirrors_is_refused(#[case] method: Method) {
    let error = OutboundRequest::new(method, "https://example.com/").unwrap_err();
    assert_eq!(error.to_string(), "`method` must not be CONNECT or TRACE");
}

#[rstest]
#[case("example.com/path", "the URL is not valid: it must begin with https:// or http://")]
#[case("https://", "the URL is not valid: it has no host")]
#[case("https://example.com:99999/", "the URL is not valid: its port is not a number from 1 to 65535")]
#[case("https://1.2.3.4.5/", "the URL is not valid: its host looks like an address but is not one")]
fn an_unreadable_url_is_told_with_the_fix(#[case] url: &str, #[case] text: &str) {
    assert_eq!(OutboundRequest::get(url).unwrap_err().to_string(), text);
}

#[test]
fn a_url_over_8_kib_is_refused() {
    let url = format!("https://example.com/{}", "x".repeat(8 * 1024));
    assert!(matches!(OutboundRequest::get(&url).unwrap_err().kind(), ErrorKind::InvalidUrl(_)));
}

#[test]
fn a_user_agent_that_is_no_header_value_is_told_when_the_client_is_built() {
    assert!(Outbound::builder().user_agent("line\nbreak").build().is_err());
}
