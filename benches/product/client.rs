//! A load generator that costs little: one connection per client, one request after the other.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// What a load came to.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) count: usize,
}

/// Sends a request again and again over each of `clients` connections for `span`; the requests take turns.
pub(crate) async fn load(address: SocketAddr, clients: usize, span: Duration, requests: &[String]) -> Load {
    paced(address, clients, Duration::ZERO, span, requests).await
}

/// The same, but each client waits for its next turn, which comes every `pace`. An answer that is late counts from the turn
/// it belongs to.
pub(crate) async fn paced(
    address: SocketAddr,
    clients: usize,
    pace: Duration,
    span: Duration,
    requests: &[String],
) -> Load {
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for request in requests.iter().cycle().take(clients) {
        let request = request.clone();
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut taken = Vec::new();
            let mut buffer = Vec::with_capacity(64 * 1024);
            let mut turn = begin;
            while begin.elapsed() < span {
                let sent = if pace.is_zero() { Instant::now() } else { turn };
                tokio::time::sleep_until(sent.into()).await;
                turn += pace;
                stream.write_all(request.as_bytes()).await.unwrap();
                answer(&mut stream, &mut buffer).await;
                taken.push(sent.elapsed());
            }
            taken
        });
    }
    let mut taken: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    let elapsed = begin.elapsed().as_secs_f64();
    taken.sort_unstable();
    let at = |percent: usize| taken[(taken.len() * percent / 100).min(taken.len() - 1)];
    Load { per_second: taken.len() as f64 / elapsed, p50: at(50), p99: at(99), count: taken.len() }
}

/// Sends one request; returns the body of the answer.
pub(crate) async fn ask(address: SocketAddr, request: String) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = Vec::new();
    answer(&mut stream, &mut buffer).await;
    let text = String::from_utf8(buffer).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.unwrap();
        assert!(read > 0, "the server hung up");
        if let Some(whole) = whole(buffer)
            && buffer.len() >= whole
        {
            assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(buffer));
            return;
        }
    }
}

/// How long the answer is, once its head is here.
fn whole(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&buffer[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some(head + 4 + length)
}
