//! Sockets over which the other side speaks first.

use std::net::SocketAddr;
use std::time::Duration;

use pmos_connectors::outbound::{ErrorKind, OutboundRequest};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::support::{End, Names, Sink, client, client_for, read_head, serve_once};

const PATIENCE: Duration = Duration::from_secs(5);

fn request(address: SocketAddr) -> OutboundRequest {
    OutboundRequest::get(&format!("http://{address}/push")).unwrap().timeout(Duration::from_millis(300))
}

/// Grants one socket, writes these bytes into it, and reads until it is closed.
async fn serve(frames: Vec<u8>) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        grant(&mut stream).await;
        stream.write_all(&frames).await.unwrap();
        let mut heard = Vec::new();
        // It may be reset, which is an end as well.
        let _ = stream.read_to_end(&mut heard).await;
        heard
    });
    (address, served)
}

async fn grant(stream: &mut TcpStream) {
    let head = read_head(stream).await;
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
    let accept = derive_accept_key(key.as_bytes());
    let granted = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    stream.write_all(granted.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn messages_come_as_they_are_and_signs_of_life_are_answered() {
    let frames =
        [&b"\x81\x05hello"[..], b"\x89\x02hi", b"\x01\x02by", b"\x80\x02te", b"\x82\x01\xff", b"\x88\x00"].concat();
    let (address, served) = serve(frames).await;
    let mut socket = client_for(&[address]).socket(request(address)).await.unwrap();
    for message in [&b"hello"[..], b"byte", b"\xff"] {
        assert_eq!(socket.next(PATIENCE).await.unwrap().unwrap(), message);
    }
    assert!(socket.next(PATIENCE).await.is_none());
    drop(socket);
    let heard = served.await.unwrap();
    assert!(heard.starts_with(&[0x8a, 0x82]), "a masked pong: {heard:?}");
}

#[rstest]
#[case("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")]
#[case("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")]
#[case("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n")]
#[case("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")]
#[case(
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)]
#[tokio::test]
async fn an_answer_that_does_not_grant_it_is_an_error(#[case] answer: &str) {
    let (address, _served) = serve_once(answer, End::KeepOpen).await;
    let error = client_for(&[address]).socket(request(address)).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Protocol);
}

#[tokio::test]
async fn one_that_does_not_open_in_its_time_is_given_up() {
    let (address, _served) = serve_once("", End::KeepOpen).await;
    let error = client_for(&[address]).socket(request(address)).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error}");
}

#[rstest]
#[case::garbage(b"\xff".repeat(20), ErrorKind::Protocol)]
#[case::not_text(b"\x81\x02\xff\xfe".as_slice(), ErrorKind::Protocol)]
#[case::too_large(b"\x82\x7f\x00\x00\x00\x00\x00\x00\x04\x01".as_slice(), ErrorKind::ResponseTooLarge { limit: 1024 })]
#[case::too_many_parts([&b"\x02\x7e\x03\xff"[..], &[0; 1023], b"\x80\x02ab"].concat(), ErrorKind::ResponseTooLarge { limit: 1024 })]
#[case::silence(b"".as_slice(), ErrorKind::Timeout { after: Duration::from_millis(50) })]
#[tokio::test]
async fn one_that_misbehaves_is_over(#[case] frames: impl AsRef<[u8]>, #[case] kind: ErrorKind) {
    let (address, served) = serve(frames.as_ref().to_vec()).await;
    let request = request(address).max_response_bytes(1024);
    let mut socket = client_for(&[address]).socket(request).await.unwrap();
    assert_eq!(socket.next(Duration::from_millis(50)).await.unwrap().unwrap_err().kind(), &kind);
    drop(socket);
    served.await.unwrap();
}

#[tokio::test]
async fn an_address_inside_is_not_connected_to() {
    let sink = Sink::open().await;
    let names = Names::all(&["127.0.0.1"]);
    for host in ["127.0.0.1", "inside.example.com"] {
        let request = OutboundRequest::get(&format!("http://{host}:{}/push", sink.port())).unwrap();
        let error = client(&names).build().unwrap().socket(request).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Denied(_)), "{error}");
    }
    sink.assert_untouched().await;
}
