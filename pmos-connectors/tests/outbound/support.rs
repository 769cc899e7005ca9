//! A target that must stay untouched, names that answer by script, and servers that misbehave.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use pmos_connectors::outbound::{AllowedHosts, Outbound, OutboundBuilder, OutboundError, OutboundRequest, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A client with short times whose user-chosen names answer by script.
pub(crate) fn client(names: &Names) -> OutboundBuilder {
    Outbound::builder()
        .resolver(names.clone())
        .connect_timeout(Duration::from_millis(500))
        .timeout(Duration::from_secs(5))
}

/// A client that may reach exactly these targets.
pub(crate) fn client_for(targets: &[SocketAddr]) -> Outbound {
    let allowed = AllowedHosts::parse(targets.iter().map(ToString::to_string)).unwrap();
    client(&Names::default()).allow(allowed).build().unwrap()
}

pub(crate) async fn get(
    client: &Outbound,
    url: &str,
) -> Result<pmos_connectors::outbound::OutboundResponse, OutboundError> {
    client.send(OutboundRequest::get(url)?).await
}

/// A listener on both loopback addresses that does not answer.
pub(crate) struct Sink {
    v4: TcpListener,
    /// Absent on a machine without IPv6.
    v6: Option<TcpListener>,
}

impl Sink {
    pub(crate) async fn open() -> Self {
        loop {
            let v4 = TcpListener::bind("127.0.0.1:0").await.unwrap();
            match TcpListener::bind(("::1", v4.local_addr().unwrap().port())).await {
                // Another program holds the port on the other address; take another one.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                v6 => return Self { v4, v6: v6.ok() },
            }
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.v4.local_addr().unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address().port()
    }

    /// Connections wait in line, so if ours is the first in it, there was no other. Without a connection
    /// not a single byte has arrived.
    pub(crate) async fn assert_untouched(&self) {
        for listener in [Some(&self.v4), self.v6.as_ref()].into_iter().flatten() {
            let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (_, first_in_line) = listener.accept().await.unwrap();
            assert_eq!(first_in_line, ours.local_addr().unwrap(), "a denied address was connected to");
        }
    }

    /// The bytes the first connection has sent, at least one.
    pub(crate) async fn first_bytes(&self) -> Vec<u8> {
        let (mut stream, _) = self.v4.accept().await.unwrap();
        let mut bytes = vec![0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        bytes.truncate(length);
        bytes
    }
}

/// A resolver that answers by script and remembers every look-up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    answers: HashMap<String, VecDeque<Vec<IpAddr>>>,
    any: Option<Vec<IpAddr>>,
    looked_up: Vec<String>,
}

impl Names {
    /// Every name has these addresses.
    pub(crate) fn all(addresses: &[&str]) -> Self {
        let names = Self::default();
        names.0.lock().unwrap().any = Some(parse(addresses));
        names
    }

    /// `host` has these addresses at the next look-up; further calls add further look-ups.
    pub(crate) fn then(self, host: &str, addresses: &[&str]) -> Self {
        self.0.lock().unwrap().answers.entry(host.to_owned()).or_default().push_back(parse(addresses));
        self
    }

    pub(crate) fn looked_up(&self) -> Vec<String> {
        self.0.lock().unwrap().looked_up.clone()
    }
}

fn parse(addresses: &[&str]) -> Vec<IpAddr> {
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut script = self.0.lock().unwrap();
        script.looked_up.push(host.to_owned());
        let next = script.answers.get_mut(host).and_then(VecDeque::pop_front);
        next.or_else(|| script.any.clone()).ok_or_else(|| io::Error::other("no such name"))
    }
}

/// Serves one connection: reads the head of the request, sends `answer`, ends the stream as `end` says.
/// The result is the head that was read.
pub(crate) async fn serve_once(answer: impl Into<Vec<u8>>, end: End) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.into();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = read_head(&mut stream).await;
        stream.write_all(&answer).await.unwrap();
        match end {
            End::Close => drop(stream),
            End::HalfClose => {
                stream.shutdown().await.unwrap();
                // Ends when the client has given up.
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
            End::KeepOpen => {
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
        }
        head
    });
    (address, served)
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// Closes both directions.
    Close,
    /// Closes its own direction and goes on reading.
    HalfClose,
    /// Says nothing more, but stays.
    KeepOpen,
}

pub(crate) async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).await.unwrap(), 1, "the client went away within the head");
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}
