//! Servers that break off, lie or speak something else.

use std::time::Duration;

use pmos_connectors::outbound::{AllowedHosts, ErrorKind, Sent};
use rstest::rstest;
use tokio::net::TcpListener;

use crate::support::{End, Names, Sink, client, client_for, get, serve_once};

#[rstest]
#[case::says_nothing("", End::Close)]
#[case::half_closes_at_once("", End::HalfClose)]
#[case::ends_within_the_head("HTTP/1.1 200 OK\r\ncontent-le", End::Close)]
#[case::half_closes_within_the_head("HTTP/1.1 200 OK\r\ncontent-le", End::HalfClose)]
#[case::ends_before_the_announced_length("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", End::Close)]
#[case::half_closes_before_the_announced_length("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", End::HalfClose)]
#[case::ends_within_a_chunk("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhalf", End::Close)]
#[case::has_no_last_chunk("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", End::Close)]
#[case::has_a_chunk_without_a_size("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhalf", End::KeepOpen)]
#[case::has_two_lengths("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx", End::KeepOpen)]
#[case::has_a_length_that_is_no_number("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nxx", End::KeepOpen)]
#[case::speaks_something_else("+OK POP3 server ready\r\n\r\n", End::KeepOpen)]
#[tokio::test]
async fn a_broken_answer_is_an_error_and_may_have_had_an_effect(#[case] answer: &str, #[case] end: End) {
    let (address, served) = serve_once(answer, end).await;
    let error = get(&client_for(&[address]), &format!("http://{address}/")).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Protocol, Sent::Maybe));
    assert_eq!(error.to_string(), "127.0.0.1: the answer broke off or was not proper HTTP");
    assert!(served.await.unwrap().starts_with("GET / HTTP/1.1\r\n"));
}

#[tokio::test]
async fn bytes_beyond_the_announced_length_are_not_part_of_the_answer() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nthisHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";
    let (address, served) = serve_once(answer, End::Close).await;
    let client = client_for(&[address]);
    assert_eq!(get(&client, &format!("http://{address}/")).await.unwrap().body, "this");
    served.await.unwrap();
    // The forged answer is not handed to the next request either: that one finds no server.
    assert_eq!(*get(&client, &format!("http://{address}/")).await.unwrap_err().kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn an_answer_may_end_with_the_connection() {
    let (address, _served) = serve_once("HTTP/1.1 200 OK\r\n\r\nall of it", End::HalfClose).await;
    assert_eq!(get(&client_for(&[address]), &format!("http://{address}/")).await.unwrap().body, "all of it");
}

#[tokio::test]
async fn a_port_without_a_listener_is_safe_to_repeat() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = get(&client_for(&[address]), &format!("http://{address}/")).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Connect, Sent::No));
    assert_eq!(error.to_string(), "127.0.0.1: the connection could not be made");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_gets_no_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = vec![0; 4096];
        let length = tokio::io::AsyncReadExt::read(&mut stream, &mut hello).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        hello.truncate(length);
        hello
    });
    let error = get(&client_for(&[address]), &format!("https://{address}/path")).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Tls, Sent::No));
    assert!(!String::from_utf8_lossy(&server.await.unwrap()).contains("/path"));
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_over_with_the_time_to_connect() {
    let sink = Sink::open().await;
    let allowed = AllowedHosts::parse([sink.address().to_string()]).unwrap();
    let after = Duration::from_millis(50);
    let client = client(&Names::default()).allow(allowed).connect_timeout(after).build().unwrap();
    let error = get(&client, &format!("https://{}/", sink.address())).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout { after }, Sent::No));
}
