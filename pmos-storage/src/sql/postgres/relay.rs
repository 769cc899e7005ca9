//! A way to the server on which no message waits for the acknowledgement of the one before it.
//!
//! sqlx 0.9.0 leaves Nagle's algorithm on (launchbadge/sqlx#4335). It holds back what follows a small packet until that is
//! acknowledged, and a server that waits for the rest of a message takes 40 ms to acknowledge the beginning. Without TLS a
//! message is one write and never meets it; with TLS each 16 KiB of it are a write of their own. So connections with TLS
//! go over a socket of this process to a task that turns the algorithm off. It passes on what is encrypted as it is.
//!
//! Gone as soon as sqlx sets `TCP_NODELAY` itself (launchbadge/sqlx#4336); see decision 20.

use std::{fs::Permissions, io, os::unix::fs::PermissionsExt, time::Duration};

use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpStream, UnixListener, UnixStream},
    task::JoinHandle,
};

/// How long nothing is accepted after that failed, as it does when there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Works until it is dropped.
#[derive(Debug)]
pub(super) struct Relay {
    /// Only this user may enter it.
    folder: TempDir,
    task: JoinHandle<()>,
}

impl Relay {
    /// Begins to relay to the server of these options, once it is there.
    pub(super) async fn start(options: &PgConnectOptions) -> io::Result<Self> {
        let server = (options.get_host().to_owned(), options.get_port());
        // A server that is not there is better told of by who connects to it: through the relay all look alike.
        reach(&server).await?;
        let folder = tempfile::Builder::new().prefix("pmos-").permissions(Permissions::from_mode(0o700)).tempdir()?;
        let listener = UnixListener::bind(folder.path().join(format!(".s.PGSQL.{}", server.1)))?;
        Ok(Self { folder, task: tokio::spawn(accept(listener, server)) })
    }

    /// The options by which connections go through it. The name of the host stays, for its certificate.
    pub(super) fn through(&self, options: PgConnectOptions) -> PgConnectOptions {
        options.socket(self.folder.path())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: UnixListener, server: (String, u16)) {
    loop {
        match listener.accept().await {
            Ok((near, _)) => {
                let server = server.clone();
                tokio::spawn(async move {
                    if let Err(cause) = forward(near, &server).await {
                        tracing::debug!(%cause, "a connection to the database ended");
                    }
                });
            }
            Err(cause) => {
                tracing::warn!(%cause, "no connection to the database can be made");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn forward(mut near: UnixStream, server: &(String, u16)) -> io::Result<()> {
    let mut far = reach(server).await?;
    copy_bidirectional(&mut near, &mut far).await.map(drop)
}

async fn reach((host, port): &(String, u16)) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host.as_str(), *port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    async fn server() -> (TcpListener, PgConnectOptions) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options =
            PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(listener.local_addr().unwrap().port());
        (listener, options)
    }

    #[tokio::test]
    async fn nothing_waits_for_an_acknowledgement() {
        let (_listener, options) = server().await;
        let stream = reach(&(options.get_host().to_owned(), options.get_port())).await.unwrap();
        assert!(stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn what_is_said_arrives_both_ways_and_so_does_the_end() {
        let (listener, options) = server().await;
        let relay = Relay::start(&options).await.unwrap();
        listener.accept().await.unwrap();
        let through = relay.through(options);
        let socket = through.get_socket().unwrap().join(format!(".s.PGSQL.{}", through.get_port()));
        let mut near = UnixStream::connect(&socket).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        near.write_all(b"ask").await.unwrap();
        near.shutdown().await.unwrap();
        let (mut asked, mut answered) = (String::new(), String::new());
        far.read_to_string(&mut asked).await.unwrap();
        far.write_all(b"answer").await.unwrap();
        drop(far);
        near.read_to_string(&mut answered).await.unwrap();
        assert_eq!((&*asked, &*answered), ("ask", "answer"));
    }

    #[tokio::test]
    async fn only_this_user_may_come_in_and_nothing_is_left_behind() {
        let (_listener, options) = server().await;
        let relay = Relay::start(&options).await.unwrap();
        let folder = relay.folder.path().to_owned();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o077, 0);
        drop(relay);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn without_a_server_there_is_no_relay() {
        let (listener, options) = server().await;
        drop(listener);
        assert!(Relay::start(&options).await.is_err());
    }
}
