//! Connections: HTTP/1.1 over TCP, with limits on what a stranger may hold.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// The address and all headers of a request together. More than the edge takes, which refuses in the form of all errors; what is
/// beyond this gets a bare status.
const HEAD: usize = 112 * 1024;
const HEADERS: usize = 256;
/// What is read ahead and written at once per connection; a body streams through it.
const BUFFER: usize = 128 * 1024;
/// How long the headers of a request may take, the wait for the next request included.
const SLOWEST_HEADERS: Duration = Duration::from_secs(10);
/// How long to wait when there are no more file handles.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Takes connections until `stop`. What is returned ends when the last of them does.
pub(crate) async fn accept(listener: TcpListener, router: Router, stop: CancellationToken) -> TaskTracker {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, router.clone(), stop.clone()));
            }
            Err(cause) if is_of_one_connection(&cause) => {}
            Err(cause) => {
                tracing::warn!(%cause, "connections cannot be taken");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
    connections.close();
    connections
}

fn is_of_one_connection(cause: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(cause.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    // Answers are small and wait for nothing.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SLOWEST_HEADERS)
        .max_header_size(HEAD)
        .max_headers(HEADERS)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(cause) = ended {
        tracing::debug!(%cause, "a connection ended early");
    }
}
