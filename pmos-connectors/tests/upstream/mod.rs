//! Servers that do everything wrong that a server can do wrong. Whatever they do, every call of an adapter ends in time,
//! with one of a closed set of errors and without a word of theirs.
//!
//! An adapter runs the suite from its own tests: it implements [`Adapter`] and says `broken_server_suite!(Its)`.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::{BoxFuture, FutureExt, join_all};
use pmos_connectors::upstream::Limits;
use pmos_core::{
    Id, Result, RunId, SystemClock, WorkspaceId,
    engine::{
        EngineState, ExternalId, FlowHost, Login, NewCredential, OwnCredentials, Provisioning, RemoteCredential,
        RemoteFlow, RemoteStart, Tenancy,
    },
    flow::Document,
    vault::Secret,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

/// What the suite must know of an adapter.
pub(crate) trait Adapter {
    /// A host whose operator has a server there, if anywhere.
    fn host(&self, operator: Option<&str>, limits: Limits) -> Box<dyn FlowHost>;
    /// A tenancy at the server, with everything that could open it.
    fn tenancy(&self, workspace: WorkspaceId, base_url: &str) -> Tenancy;
    /// What a workspace fills in to bring a server of its own.
    fn login(&self) -> Login;
    /// A flow that the engine could hold.
    fn document(&self) -> Document;
    /// What the list of runs fails with.
    fn code(&self, wrong: Wrong) -> &'static str {
        wrong.code()
    }
    /// Whether a call may go well all the same.
    fn is_harmless(&self, wrong: Wrong, call: &str) -> bool;
}

/// Quick enough for a test that waits for something to fail.
pub(crate) fn quick() -> Limits {
    Limits {
        connect: Duration::from_millis(500),
        total: Duration::from_millis(800),
        settle: Duration::from_millis(400),
        look: Duration::from_millis(5),
        socket: Duration::from_millis(200),
        patience: Duration::from_millis(300),
        rest: Duration::from_millis(50),
    }
}

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
pub(crate) enum Wrong {
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
    Packed,
    NoHttp,
    Denies,
    Forbids,
    NoTls,
}

impl Wrong {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Refuses | Self::NoTls => "engine_unreachable",
            Self::Fails | Self::FailsWithAPage => "engine_failed",
            Self::TooMany => "engine_busy",
            Self::SlowFirstByte | Self::ByteByByte | Self::NeverCloses => "engine_timeout",
            Self::Huge | Self::HugeWithoutEnd => "engine_too_large",
            Self::Denies => "engine_key_refused",
            Self::Forbids => "engine_forbidden",
            _ => "engine_garbled",
        }
    }
}

/// One that does it on every connection; how many requests came is counted.
pub(crate) struct Broken {
    pub(crate) base_url: String,
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
    pub(crate) async fn start(wrong: Wrong) -> Self {
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
        // Reading eight megabytes takes its time.
        let total =
            if matches!(wrong, Wrong::Huge | Wrong::HugeWithoutEnd) { Duration::from_secs(10) } else { quick().total };
        Self { base_url, limits: Limits { total, ..quick() }, requests, task }
    }

    pub(crate) fn host(&self, adapter: &impl Adapter) -> Box<dyn FlowHost> {
        adapter.host(Some(&self.base_url), self.limits)
    }

    pub(crate) fn tenancy(&self, adapter: &impl Adapter) -> Tenancy {
        adapter.tenancy(WorkspaceId::from_uuid(uuid()), &self.base_url)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
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
        Wrong::Packed => whole("200 OK", &format!("{json}content-encoding: compress\r\n"), b"\x1f\x9d{}"),
        Wrong::NoHttp => b"220 mail.example.com ESMTP\r\n".to_vec(),
    };
    connection.write_all(&bytes).await.ok()
}

async fn endless(connection: &mut TcpStream, chunk: &[u8]) {
    let block = chunk.repeat(4_096);
    while connection.write_all(&block).await.is_ok() {}
}

fn uuid() -> uuid::Uuid {
    pmos_core::Clock::uuid(&SystemClock).unwrap()
}

type Calls<'a> = Vec<(&'static str, BoxFuture<'a, Result<()>>)>;

/// Every call of the port that the adapter has.
fn calls<'a>(
    host: &'a dyn FlowHost,
    tenancy: &'a Tenancy,
    flow: &'a RemoteFlow,
    credential: &'a RemoteCredential,
    own: OwnCredentials,
) -> Calls<'a> {
    let order = RemoteStart { run: RunId::from_uuid(uuid()), input: json!({}), draft: true };
    let new = NewCredential { kind: "x".to_owned(), name: "name".to_owned(), values: Secret::new("{}") };
    let run = ExternalId::new("7");
    macro_rules! calls {
        ($($name:literal => $call:expr),* $(,)?) => { vec![$(($name, async move { $call.await.map(drop) }.boxed())),*] };
    }
    let (run2, run3) = (run.clone(), run.clone());
    let mut calls: Calls<'a> = calls! {
        "join provisioned" => host.join(tenancy.workspace, &Provisioning::Managed),
        "join own" => async { host.join(tenancy.workspace, &Provisioning::OwnCredentials(own)).await },
        "release" => host.release(tenancy, std::slice::from_ref(&flow.id)),
        "flows" => host.flows(tenancy),
        "fetch" => host.fetch(tenancy, &flow.id),
        "create" => host.create(tenancy, "x", &flow.document),
        "store" => host.store(tenancy, flow, "x", &flow.document),
        "publish" => host.publish(tenancy, &flow.id, true, None),
        "set enabled" => host.set_enabled(tenancy, &flow.id, None, false),
        "delete" => host.delete(tenancy, &flow.id),
        "start" => async { host.start(tenancy, &flow.id, &order).await },
        "runs" => host.runs(tenancy, None),
        "run" => async { host.run(tenancy, &run3).await },
    };
    if let Some(keys) = host.keys() {
        let more: Calls<'a> = calls! { "rotate" => keys.rotate(tenancy) };
        calls.extend(more);
    }
    if let Some(control) = host.run_control() {
        let more: Calls<'a> = calls! {
            "cancel" => async { control.cancel(tenancy, &run).await },
            "retry" => async { control.retry(tenancy, &run2).await },
        };
        calls.extend(more);
    }
    if let Some(credentials) = host.credentials() {
        let more: Calls<'a> = calls! {
            "credentials" => credentials.list(tenancy),
            "create credential" => async { credentials.create(tenancy, &new).await },
            "change credential" => credentials.change(tenancy, credential, Some("other"), None),
            "test credential" => credentials.test(tenancy, &credential.id),
            "delete credential" => credentials.delete(tenancy, &credential.id),
        };
        calls.extend(more);
    }
    calls
}

pub(crate) async fn every_call_ends_in_time_with_an_error_we_know(adapter: &impl Adapter, wrong: Wrong) {
    let broken = Broken::start(wrong).await;
    let tenancy = broken.tenancy(adapter);
    let flow = RemoteFlow {
        id: ExternalId::new("Wf1"),
        name: "x".to_owned(),
        document: adapter.document(),
        stamp: String::new(),
        enabled: false,
        published: None,
        hook_url: None,
    };
    let credential = RemoteCredential { id: ExternalId::new("Cr1"), kind: "x".to_owned(), name: "name".to_owned() };
    let own = || {
        let declared = broken.host(adapter).login();
        OwnCredentials::new(&declared, &*broken.base_url, adapter.login()).unwrap()
    };
    // A host for each call, so that none is spared by what another found out.
    let count = calls(&*broken.host(adapter), &tenancy, &flow, &credential, own()).len();
    let ended = join_all((0..count).map(|at| {
        let (broken, tenancy, flow, credential) = (&broken, &tenancy, &flow, &credential);
        async move {
            let host = broken.host(adapter);
            let (name, call) = calls(&*host, tenancy, flow, credential, own()).swap_remove(at);
            let begun = Instant::now();
            (name, call.await, begun.elapsed())
        }
    }))
    .await;
    for (name, result, took) in ended {
        // A call may make several requests, each of which is bounded.
        assert!(took < broken.limits.total * 4, "{name} took {took:?}");
        let Err(error) = result else {
            assert!(adapter.is_harmless(wrong, name), "{name} went well");
            continue;
        };
        assert!(CODES.contains(&error.code()), "{name}: {error}");
        let shown = format!("{} {:?} {:?} {error:?} {error}", error.detail(), error.fields(), error.more());
        assert!(!shown.contains(CANARY), "{name}: {shown}");
        if name == "runs" {
            assert_eq!(error.code(), adapter.code(wrong), "{name}: {error}");
        }
        if wrong == Wrong::TooMany {
            assert_eq!(error.wait(), Some(Duration::from_secs(7)), "{name}");
        }
    }
    let health = broken.host(adapter).check(&tenancy).await;
    assert_eq!(health.facts.len(), 5);
    assert_ne!(EngineState::of(&health.facts), EngineState::Ready, "{:?}", health.facts);
    assert!(!format!("{health:?}").contains(CANARY));
}

pub(crate) async fn a_server_that_hangs_is_left_alone_so_that_it_costs_others_nothing(adapter: &impl Adapter) {
    let broken = Broken::start(Wrong::SlowFirstByte).await;
    let (host, tenancy, flow) = (broken.host(adapter), broken.tenancy(adapter), ExternalId::new("Wf1"));
    let first = join_all((0..6).map(|_| host.fetch(&tenancy, &flow))).await;
    assert!(first.iter().all(Result::is_err));
    let before = broken.requests();
    let begun = Instant::now();
    let later = join_all((0..200).map(|_| host.fetch(&tenancy, &flow))).await;
    let spared = later.iter().filter(|result| result.as_ref().is_err_and(|error| error.code() == "engine_unreachable"));
    assert!(spared.count() >= 190);
    assert!(
        later.iter().all(|result| result
            .as_ref()
            .is_err_and(|error| error.wait().is_some() || error.code() == "engine_timeout"))
    );
    assert!(broken.requests() - before <= 4, "one tries for all");
    assert!(begun.elapsed() < quick().total * 3);
}

pub(crate) async fn an_address_inside_is_not_called_for_a_workspace(adapter: &impl Adapter) {
    let broken = Broken::start(Wrong::Fails).await;
    let error = adapter.host(None, quick()).flows(&broken.tenancy(adapter)).await.unwrap_err();
    assert_eq!((error.code(), &*error.fields()[0].field), ("invalid_input", "base_url"));
    assert_eq!(broken.requests(), 0);
}

/// The cases of the suite, for one adapter.
macro_rules! broken_server_suite {
    ($adapter:expr) => {
        #[rstest::rstest]
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn every_call_ends_in_time_with_an_error_we_know(
            #[values(
                Wrong::Refuses,
                Wrong::Resets,
                Wrong::Fails,
                Wrong::FailsWithAPage,
                Wrong::TooMany,
                Wrong::SlowFirstByte,
                Wrong::ByteByByte,
                Wrong::HalfClose,
                Wrong::NeverCloses,
                Wrong::Page,
                Wrong::Text,
                Wrong::Huge,
                Wrong::HugeWithoutEnd,
                Wrong::BrokenJson,
                Wrong::CutJson,
                Wrong::DeepJson,
                Wrong::OtherJson,
                Wrong::BrokenUtf8,
                Wrong::RedirectElsewhere,
                Wrong::RedirectInCircles,
                Wrong::Packed,
                Wrong::NoHttp,
                Wrong::Denies,
                Wrong::Forbids,
                Wrong::NoTls
            )]
            wrong: Wrong,
        ) {
            $crate::upstream::every_call_ends_in_time_with_an_error_we_know(&$adapter, wrong).await;
        }

        #[tokio::test]
        async fn a_server_that_hangs_is_left_alone_so_that_it_costs_others_nothing() {
            $crate::upstream::a_server_that_hangs_is_left_alone_so_that_it_costs_others_nothing(&$adapter).await;
        }

        #[tokio::test]
        async fn an_address_inside_is_not_called_for_a_workspace() {
            $crate::upstream::an_address_inside_is_not_called_for_a_workspace(&$adapter).await;
        }
    };
}
pub(crate) use broken_server_suite;
