//! Servers that do everything wrong that a server can do wrong. Whatever they do, every call ends in time, with one of a
//! closed set of errors and without a word of theirs.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::{BoxFuture, FutureExt, join_all};
use pmos_connectors::n8n::{Limits, N8nConfig, N8nHost};
use pmos_core::{
    NoObserver, Result, SystemClock,
    engine::{
        EngineState, ExternalId, FlowHost, NewCredential, OwnCredentials, Provisioning, RemoteCredential, RemoteFlow,
        RemoteStart, Tenancy, Wall,
    },
    vault::Secret,
};
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

use crate::{
    server::Server,
    world::{config, document, echo, new_run, new_workspace, quick},
};

const CANARY: &str = "canary-of-upstream";

/// Everything an error of a call may say.
const CODES: [&str; 17] = [
    "engine_unreachable",
    "engine_timeout",
    "engine_starting",
    "engine_busy",
    "engine_key_refused",
    "engine_forbidden",
    "engine_licence",
    "engine_rejected",
    "engine_failed",
    "engine_garbled",
    "engine_too_large",
    "not_found",
    "conflict",
    "not_published",
    "run_ended",
    "unsupported",
    "invalid_input",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Refuses,
    Resets,
    Fails,
    FailsWithAPage,
    TooMany,
    SlowFirstByte,
    ByteByByte,
    HalfClose,
    NeverCloses,
    Page,
    Text,
    Huge,
    HugeWithoutEnd,
    BrokenJson,
    CutJson,
    DeepJson,
    OtherJson,
    BrokenUtf8,
    RedirectElsewhere,
    RedirectInCircles,
    GzipBomb,
    NoHttp,
    Denies,
    Forbids,
    NoTls,
}

/// One that does it on every connection; how many requests came is counted.
struct Broken {
    server: Server,
    limits: Limits,
    requests: Arc<AtomicUsize>,
    task: Option<JoinHandle<()>>,
}

impl Drop for Broken {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Broken {
    async fn start(wrong: Wrong) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let scheme = if wrong == Wrong::NoTls { "https" } else { "http" };
        let base_url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let count = requests.clone();
        let task = (wrong != Wrong::Refuses).then(|| {
            tokio::spawn(async move {
                loop {
                    let (connection, _) = listener.accept().await.unwrap();
                    tokio::spawn(misbehave(wrong, connection, count.clone()));
                }
            })
        });
        let server =
            Server { base_url, email: "owner@example.test".to_owned(), password: "Owner-Passw0rd1".to_owned() };
        // Reading eight megabytes takes its time.
        let total =
            if matches!(wrong, Wrong::Huge | Wrong::HugeWithoutEnd) { Duration::from_secs(10) } else { quick().total };
        Self { server, limits: Limits { total, ..quick() }, requests, task }
    }

    fn host(&self) -> N8nHost {
        N8nHost::new(config(&self.server, self.limits), Arc::new(SystemClock), Arc::new(NoObserver)).unwrap()
    }

    fn tenancy(&self) -> Tenancy {
        let access = json!({"api_key": "k", "email": "ws@pmos.invalid", "password": "p", "project": "P", "user": "U", "mcp_key": "m"});
        Tenancy {
            workspace: new_workspace(),
            instance: self.server.base_url.clone(),
            wall: Wall::User,
            access: Secret::new(access.to_string()),
        }
    }
}

async fn misbehave(wrong: Wrong, mut connection: TcpStream, requests: Arc<AtomicUsize>) {
    loop {
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut some = [0; 4096];
            match connection.read(&mut some).await {
                Ok(read) if read > 0 => head.extend_from_slice(&some[..read]),
                _ => return,
            }
        }
        requests.fetch_add(1, Ordering::SeqCst);
        if wrong == Wrong::Resets {
            connection.set_zero_linger().unwrap();
            return;
        }
        if answer(wrong, &mut connection).await.is_none() {
            return;
        }
    }
}

/// Answers one request; none when the connection is to end.
async fn answer(wrong: Wrong, connection: &mut TcpStream) -> Option<()> {
    let json = "content-type: application/json\r\n";
    let whole = |status: &str, headers: &str, body: &[u8]| {
        let mut text = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
        text.extend_from_slice(body);
        text
    };
    let said = format!(r#"{{"message":"{CANARY}","data":"{CANARY}"}}"#);
    let said = said.as_bytes();
    let bytes = match wrong {
        Wrong::Refuses | Wrong::Resets | Wrong::NoTls => return None,
        Wrong::Fails => whole("500 Internal Server Error", json, said),
        Wrong::FailsWithAPage => whole("502 Bad Gateway", "content-type: text/html\r\n", CANARY.as_bytes()),
        Wrong::TooMany => whole("429 Too Many Requests", &format!("{json}retry-after: 7\r\n"), said),
        Wrong::Denies => whole("401 Unauthorized", json, said),
        Wrong::Forbids => whole("403 Forbidden", json, said),
        Wrong::SlowFirstByte => {
            sleep(Duration::from_mins(1)).await;
            return None;
        }
        Wrong::ByteByByte => {
            let bytes = whole("200 OK", json, said);
            for byte in bytes {
                connection.write_all(&[byte]).await.ok()?;
                sleep(Duration::from_millis(100)).await;
            }
            return None;
        }
        Wrong::HalfClose => {
            connection
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")
                .await
                .ok()?;
            connection.shutdown().await.ok()?;
            return None;
        }
        Wrong::NeverCloses => {
            connection.write_all(format!("HTTP/1.1 200 OK\r\n{json}\r\n{{").as_bytes()).await.ok()?;
            sleep(Duration::from_mins(1)).await;
            return None;
        }
        Wrong::Page => whole("200 OK", "content-type: text/html\r\n", b"<html>welcome</html>"),
        Wrong::Text => whole("200 OK", "content-type: text/plain\r\n", said),
        Wrong::Huge => {
            let head = format!("HTTP/1.1 200 OK\r\n{json}content-length: 1073741824\r\n\r\n");
            connection.write_all(head.as_bytes()).await.ok()?;
            endless(connection, b"                ").await;
            return None;
        }
        Wrong::HugeWithoutEnd => {
            connection.write_all(format!("HTTP/1.1 200 OK\r\n{json}\r\n").as_bytes()).await.ok()?;
            endless(connection, b"[[[[[[[[[[[[[[[[").await;
            return None;
        }
        Wrong::BrokenJson => whole("200 OK", json, b"{\"data\": [}"),
        Wrong::CutJson => whole("200 OK", json, b"{\"data\": [{\"id\": \"x\""),
        Wrong::DeepJson => whole("200 OK", json, "[".repeat(200_000).as_bytes()),
        Wrong::OtherJson => whole("200 OK", json, b"{\"data\": 7, \"id\": [], \"nodes\": \"x\"}"),
        Wrong::BrokenUtf8 => whole("200 OK", json, b"{\"data\": \"\xff\xfe\"}"),
        Wrong::RedirectElsewhere => whole("302 Found", "location: http://169.254.169.254/latest/meta-data\r\n", b""),
        Wrong::RedirectInCircles => whole("307 Temporary Redirect", "location: /api/v1/workflows\r\n", b""),
        Wrong::GzipBomb => whole("200 OK", &format!("{json}content-encoding: gzip\r\n"), GZIP),
        Wrong::NoHttp => b"220 mail.example.com ESMTP\r\n".to_vec(),
    };
    connection.write_all(&bytes).await.ok()
}

async fn endless(connection: &mut TcpStream, chunk: &[u8]) {
    let block = chunk.repeat(4_096);
    while connection.write_all(&block).await.is_ok() {}
}

/// `{}` packed; one that unfolds into gigabytes looks no different before it is unfolded.
const GZIP: &[u8] =
    &[0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xab, 0xae, 0x05, 0x00, 0x43, 0xbf, 0xa6, 0xa3, 0x02, 0, 0, 0];

type Calls<'a> = Vec<(&'static str, BoxFuture<'a, Result<()>>)>;

/// Every call of the port.
fn calls<'a>(
    host: &'a N8nHost,
    place: &'a Tenancy,
    flow: &'a RemoteFlow,
    credential: &'a RemoteCredential,
) -> Calls<'a> {
    let own = OwnCredentials {
        base_url: place.instance.clone(),
        api_key: Some(Secret::new("k")),
        email: None,
        password: None,
        project_id: None,
    };
    let order = RemoteStart { run: new_run(), input: json!({}), draft: true };
    let new = NewCredential { kind: "x".to_owned(), name: "name".to_owned(), values: Secret::new("{}") };
    let run = ExternalId::new("7");
    macro_rules! calls {
        ($($name:literal => $call:expr),* $(,)?) => { vec![$(($name, async move { $call.await.map(drop) }.boxed())),*] };
    }
    let (run2, run3) = (run.clone(), run.clone());
    calls! {
        "join provisioned" => host.join(place.workspace, &Provisioning::Managed),
        "join own" => async { host.join(place.workspace, &Provisioning::OwnCredentials(own)).await },
        "rotate" => host.keys().unwrap().rotate(place),
        "release" => host.release(place, std::slice::from_ref(&flow.id)),
        "flows" => host.flows(place),
        "fetch" => host.fetch(place, &flow.id),
        "create" => host.create(place, "x", &flow.document),
        "store" => host.store(place, flow, "x", &flow.document),
        "publish" => host.publish(place, &flow.id, true, None),
        "set enabled" => host.set_enabled(place, &flow.id, None, false),
        "delete" => host.delete(place, &flow.id),
        "start" => async { host.start(place, &flow.id, &order).await },
        "cancel" => async { host.run_control().unwrap().cancel(place, &run).await },
        "retry" => async { host.run_control().unwrap().retry(place, &run2).await },
        "runs" => host.runs(place, None),
        "run" => async { host.run(place, &run3).await },
        "credentials" => host.credentials().unwrap().list(place),
        "create credential" => async { host.credentials().unwrap().create(place, &new).await },
        "change credential" => host.credentials().unwrap().change(place, credential, Some("other"), None),
        "test credential" => host.credentials().unwrap().test(place, &credential.id),
        "delete credential" => host.credentials().unwrap().delete(place, &credential.id),
    }
}

#[rstest]
#[case(Wrong::Refuses, "engine_unreachable")]
#[case(Wrong::Resets, "engine_garbled")]
#[case(Wrong::Fails, "engine_failed")]
#[case(Wrong::FailsWithAPage, "engine_failed")]
#[case(Wrong::TooMany, "engine_busy")]
#[case(Wrong::SlowFirstByte, "engine_timeout")]
#[case(Wrong::ByteByByte, "engine_timeout")]
#[case(Wrong::HalfClose, "engine_garbled")]
#[case(Wrong::NeverCloses, "engine_timeout")]
#[case(Wrong::Page, "engine_starting")]
#[case(Wrong::Text, "engine_garbled")]
#[case(Wrong::Huge, "engine_too_large")]
#[case(Wrong::HugeWithoutEnd, "engine_too_large")]
#[case(Wrong::BrokenJson, "engine_garbled")]
#[case(Wrong::CutJson, "engine_garbled")]
#[case(Wrong::DeepJson, "engine_garbled")]
#[case(Wrong::OtherJson, "engine_garbled")]
#[case(Wrong::BrokenUtf8, "engine_garbled")]
#[case(Wrong::RedirectElsewhere, "engine_garbled")]
#[case(Wrong::RedirectInCircles, "engine_garbled")]
#[case(Wrong::GzipBomb, "engine_garbled")]
#[case(Wrong::NoHttp, "engine_garbled")]
#[case(Wrong::Denies, "engine_key_refused")]
#[case(Wrong::Forbids, "engine_forbidden")]
#[case(Wrong::NoTls, "engine_unreachable")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_ends_in_time_with_an_error_we_know(#[case] wrong: Wrong, #[case] expected: &str) {
    let broken = Broken::start(wrong).await;
    let place = broken.tenancy();
    let flow = RemoteFlow {
        id: ExternalId::new("Wf1"),
        name: "x".to_owned(),
        document: document(&echo("x")),
        stamp: String::new(),
        enabled: false,
        published: None,
        hook_url: None,
    };
    let credential = RemoteCredential { id: ExternalId::new("Cr1"), kind: "x".to_owned(), name: "name".to_owned() };
    // A host for each call, so that none is spared by what another found out.
    let count = calls(&broken.host(), &place, &flow, &credential).len();
    let ended = join_all((0..count).map(|at| {
        let (broken, place, flow, credential) = (&broken, &place, &flow, &credential);
        async move {
            let host = broken.host();
            let (name, call) = calls(&host, place, flow, credential).swap_remove(at);
            let begun = Instant::now();
            (name, call.await, begun.elapsed())
        }
    }))
    .await;
    for (name, result, took) in ended {
        // A call may make several requests, each of which is bounded.
        assert!(took < broken.limits.total * 4, "{name} took {took:?}");
        let Err(error) = result else {
            assert!(harmless(wrong, name), "{name} went well");
            continue;
        };
        assert!(CODES.contains(&error.code()), "{name}: {error}");
        let shown = format!("{} {:?} {:?} {error:?} {error}", error.detail(), error.fields(), error.more());
        assert!(!shown.contains(CANARY), "{name}: {shown}");
        if name == "runs" {
            assert_eq!(error.code(), expected, "{name}: {error}");
        }
        if wrong == Wrong::TooMany {
            assert_eq!(error.wait(), Some(Duration::from_secs(7)), "{name}");
        }
    }
    let health = broken.host().check(&place).await;
    assert_eq!(health.facts.len(), 5);
    assert_ne!(EngineState::of(&health.facts), EngineState::Ready, "{:?}", health.facts);
    assert!(!format!("{health:?}").contains(CANARY));
}

/// What a server forbids is somebody else's, and is as if it were not there; of an answer that says nothing, nothing can
/// be wrong but its form.
fn harmless(wrong: Wrong, name: &str) -> bool {
    match wrong {
        Wrong::Forbids => matches!(name, "delete" | "fetch" | "run" | "delete credential"),
        Wrong::OtherJson | Wrong::BrokenUtf8 => matches!(name, "cancel" | "delete credential"),
        _ => false,
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_alone_so_that_it_costs_others_nothing() {
    let broken = Broken::start(Wrong::SlowFirstByte).await;
    let (host, place) = (broken.host(), broken.tenancy());
    let first = join_all((0..6).map(|_| host.fetch(&place, &FLOW))).await;
    assert!(first.iter().all(Result::is_err));
    let before = broken.requests.load(Ordering::SeqCst);
    let begun = Instant::now();
    let later = join_all((0..200).map(|_| host.fetch(&place, &FLOW))).await;
    let spared = later.iter().filter(|result| result.as_ref().is_err_and(|error| error.code() == "engine_unreachable"));
    assert!(spared.count() >= 190);
    assert!(
        later.iter().all(|result| result
            .as_ref()
            .is_err_and(|error| error.wait().is_some() || error.code() == "engine_timeout"))
    );
    assert!(broken.requests.load(Ordering::SeqCst) - before <= 4, "one tries for all");
    assert!(begun.elapsed() < quick().total * 3);
}

#[tokio::test]
async fn repeating_calls_adds_a_tenth_at_most() {
    let broken = Broken::start(Wrong::Denies).await;
    let (host, place) = (broken.host(), broken.tenancy());
    for _ in 0..50 {
        host.flows(&place).await.unwrap_err();
    }
    assert_eq!(broken.requests.load(Ordering::SeqCst), 50, "what a key may not do is not asked again");
    let failing = Broken::start(Wrong::Fails).await;
    let (host, place) = (failing.host(), failing.tenancy());
    for _ in 0..3 {
        host.create(&place, "x", &document(&echo("x"))).await.unwrap_err();
    }
    assert_eq!(failing.requests.load(Ordering::SeqCst), 3, "a write is sent once");
}

#[tokio::test]
async fn an_address_inside_is_not_called_for_a_workspace() {
    let broken = Broken::start(Wrong::Fails).await;
    let host = N8nHost::new(
        N8nConfig { limits: quick(), ..N8nConfig::default() },
        Arc::new(SystemClock),
        Arc::new(NoObserver),
    )
    .unwrap();
    let error = host.flows(&broken.tenancy()).await.unwrap_err();
    assert_eq!((error.code(), &*error.fields()[0].field), ("invalid_input", "base_url"));
    assert_eq!(broken.requests.load(Ordering::SeqCst), 0);
}

static FLOW: std::sync::LazyLock<ExternalId> = std::sync::LazyLock::new(|| ExternalId::new("Wf1"));
