//! From a call to an answer.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use moka::sync::Cache;
use pmos_core::vault::{Credential, CredentialKind, Secret};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    Answer, Auth, Call, Fault, FaultKind, Instance, Limits, Protocol, Received, Site, Verdict, breaker::Breaker,
    fault::CallFacts,
};
use crate::outbound::{AllowedHosts, Outbound, OutboundBuildError, OutboundRequest, OutboundResponse, Sent};

/// How many servers are remembered. One that is forgotten is met as if for the first time.
const SERVERS: u64 = 1_000;

/// A body that is still arriving.
pub type Arriving<P> = BoxStream<'static, Result<Bytes, Fault<P>>>;

/// Speaks to the servers of one engine.
pub struct Client<P> {
    /// To the servers of the operator, which are reached wherever they are.
    trusted: Outbound,
    /// To addresses that workspaces brought.
    guarded: Outbound,
    known: Vec<Site>,
    breakers: Cache<Site, Arc<Breaker>>,
    limits: Limits,
    protocol: PhantomData<fn() -> P>,
}

impl<P: Protocol> Client<P> {
    /// A client that reaches `instances` exactly where they are, and other addresses where the guard lets it, or `allow`
    /// says so.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new<'a>(
        instances: impl IntoIterator<Item = &'a Instance>,
        allow: AllowedHosts,
        limits: Limits,
    ) -> Result<Self, OutboundBuildError> {
        let known: Vec<_> =
            instances.into_iter().filter_map(|instance| Site::parse::<P>(&instance.base_url).ok()).collect();
        // An address of the operator that cannot be written as a pair is not opened, and says so when it is called.
        let pairs =
            known.iter().filter_map(Site::host).filter_map(|pair| AllowedHosts::parse([&pair]).ok().map(|_| pair));
        let pairs = AllowedHosts::parse(pairs).unwrap_or_default();
        let outbound = |allowed| {
            let outbound = Outbound::builder().allow(allowed).connect_timeout(limits.connect).timeout(limits.total);
            // Engines redirect nothing; what does is something in front of them, and is not followed with a key in hand.
            outbound.max_redirects(0).build()
        };
        Ok(Self {
            trusted: outbound(pairs)?,
            guarded: outbound(allow)?,
            known,
            breakers: Cache::new(SERVERS),
            limits,
            protocol: PhantomData,
        })
    }

    /// How long things may take.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The way to a server: the operator's own are reached wherever they are.
    pub fn outbound(&self, site: &Site) -> &Outbound {
        if self.known.contains(site) { &self.trusted } else { &self.guarded }
    }

    /// Makes a call, repeats it where that is safe, and judges what came back.
    ///
    /// # Errors
    /// A fault with what was called, how often and for how long.
    pub async fn send(&self, site: &Site, auth: Auth<'_>, call: Call) -> Result<Answer<P>, Fault<P>> {
        let breaker =
            self.breakers.get_with(site.clone(), || Arc::new(Breaker::new(self.limits.patience, self.limits.rest)));
        let began = Instant::now();
        let end = began + self.limits.total;
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(self.limits.look)
            .with_max_delay(Duration::from_secs(2))
            .with_max_times(3)
            .with_jitter()
            .build();
        let mut tries = 0;
        let mut earlier = None;
        loop {
            let facts = |tries| CallFacts { endpoint: call.endpoint, tries, took: began.elapsed() };
            let pass = breaker.enter(Instant::now(), call.within.is_some());
            let pass = pass.map_err(|wait| Fault::from(FaultKind::Resting(wait)).of_call(facts(tries)))?;
            tries += 1;
            let Refusal { kind, sent, said } = match self.once(site, auth, &call, end).await {
                Ok(response) => {
                    pass.worked();
                    return Ok(Answer::new(response.headers, response.body, facts(tries)));
                }
                Err(refusal) => refusal,
            };
            let said = call.without_secrets(auth, &said);
            let slow_by_nature = call.within.is_some() && kind == FaultKind::TimedOut;
            if kind.is_of_the_server() && !slow_by_nature {
                pass.failed(Instant::now());
            } else {
                pass.worked();
            }
            let safe = call.endpoint.is_repeatable() || sent == Sent::No;
            let pause = pauses.next().filter(|_| safe && kind.may_pass() && breaker.may_repeat());
            let pause = pause.map(|pause| match kind {
                FaultKind::Busy(Some(wait)) => wait.max(pause),
                _ => pause,
            });
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < end) else {
                // When the time ran out in the middle of another try, the try before tells more.
                let (kind, said) = earlier.filter(|_| kind == FaultKind::TimedOut).unwrap_or((kind, said));
                log::<P>(&call, &kind, tries, &said);
                return Err(Fault::from(kind).of_call(facts(tries)));
            };
            tracing::debug!(engine = P::NAME, path = call.endpoint.path(), fault = kind.name(), said, "asking again");
            earlier = Some((kind, said));
            sleep(pause).await;
        }
    }

    /// Makes a call once, and passes on what comes, for answers that are too large to hold.
    ///
    /// # Errors
    /// As [`Client::send`]; of what is too large or ends early, in the stream.
    pub async fn open(
        &self,
        site: &Site,
        auth: Auth<'_>,
        call: &Call,
        most_bytes: usize,
    ) -> Result<Arriving<P>, Fault<P>> {
        let request = self.request(site, auth, call)?.max_response_bytes(most_bytes);
        let failed = |kind| {
            log::<P>(call, &kind, 1, "");
            kind
        };
        let response = self.outbound(site).stream(request).await.map_err(|error| failed(FaultKind::of(&error).0))?;
        let received = Received { status: response.status, headers: &response.headers, body: None };
        P::judge(&call.endpoint, &received).map_err(|verdict| match verdict {
            Verdict::NoSuchPath | Verdict::Fault(FaultKind::NotFound) => failed(FaultKind::Absent),
            Verdict::Fault(kind) => failed(kind),
        })?;
        Ok(response.body.map_err(|error| Fault::from(FaultKind::of(&error).0)).boxed())
    }

    /// The fault of an answer that refuses although the protocol took it for a good one.
    pub fn rejected(&self, auth: Auth<'_>, call: &Call, said: &str) -> Fault<P> {
        let kind = FaultKind::Rejected(said.to_owned());
        log::<P>(call, &kind, 1, &call.without_secrets(auth, said));
        kind.into()
    }

    async fn once(&self, site: &Site, auth: Auth<'_>, call: &Call, end: Instant) -> Result<OutboundResponse, Refusal> {
        let request = self.request(site, auth, call).map_err(|kind| Refusal::new(kind, Sent::No))?;
        let within = call.within.unwrap_or(self.limits.total);
        let response = timeout_at(end, self.outbound(site).send(request.timeout(within))).await;
        let response = response.map_err(|_| Refusal::new(FaultKind::TimedOut, Sent::Maybe))?.map_err(|error| {
            let (kind, sent) = FaultKind::of(&error);
            Refusal::new(kind, sent)
        })?;
        let received = Received::of(&response);
        match P::judge(&call.endpoint, &received) {
            Ok(()) => Ok(response),
            Err(Verdict::Fault(kind)) => {
                let sent = if kind.did_nothing() { Sent::No } else { Sent::Maybe };
                Err(Refusal { kind, sent, said: P::said(&received) })
            }
            Err(Verdict::NoSuchPath) => Err(Refusal::new(self.at_no_such_path(site, end).await, Sent::No)),
        }
    }

    /// Whether a server that has nothing at a path is starting, or has no such endpoint.
    async fn at_no_such_path(&self, site: &Site, end: Instant) -> FaultKind {
        let Ok(request) = self.request(site, Auth::None, &Call::to(P::READINESS, &[])) else {
            return FaultKind::Garbled;
        };
        match timeout_at(end, self.outbound(site).send(request)).await {
            Ok(Ok(response)) => match P::judge(&P::READINESS, &Received::of(&response)) {
                Ok(()) => FaultKind::Absent,
                Err(Verdict::NoSuchPath) => FaultKind::Garbled,
                Err(Verdict::Fault(_)) => FaultKind::Starting,
            },
            Ok(Err(error)) => FaultKind::of(&error).0,
            Err(_) => FaultKind::TimedOut,
        }
    }

    /// The request of a call, for those that send it in another way.
    ///
    /// # Errors
    /// When a part of it cannot be sent.
    pub fn request(&self, site: &Site, auth: Auth<'_>, call: &Call) -> Result<OutboundRequest, FaultKind> {
        let url = format!("{}{}", site.as_str(), call.endpoint.fill(&call.segments)?);
        let mut request = OutboundRequest::new(call.endpoint.method(), &url)
            .and_then(|request| request.header("accept", "application/json, text/event-stream"))
            .map_err(|error| FaultKind::of(&error).0)?;
        for (name, value) in &call.query {
            request = request.query(name, value);
        }
        for (name, value) in &call.headers {
            request = request.header(name, value).map_err(|error| FaultKind::of(&error).0)?;
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let (kind, name, secret) = match auth {
            Auth::None => return Ok(request),
            Auth::Key(header, key) => (CredentialKind::Header, header, key.clone()),
            Auth::Cookie(cookie) => (CredentialKind::Header, "cookie", Secret::new(cookie)),
            Auth::Bearer(token) => (CredentialKind::Bearer, "", Secret::new(token)),
        };
        let host = site.host().and_then(|host| host.parse().ok()).ok_or(FaultKind::Garbled)?;
        Ok(request.credential(Credential { kind, name: name.to_owned(), secret, hosts: vec![host] }))
    }
}

/// One try that gave nothing.
struct Refusal {
    kind: FaultKind,
    sent: Sent,
    /// What the server said.
    said: String,
}

impl Refusal {
    fn new(kind: FaultKind, sent: Sent) -> Self {
        Self { kind, sent, said: String::new() }
    }
}

/// The one place where words of a server are written down, for the operator.
fn log<P: Protocol>(call: &Call, kind: &FaultKind, tries: u32, said: &str) {
    let (method, path, fault) = (call.endpoint.method(), call.endpoint.path(), kind.name());
    tracing::info!(engine = P::NAME, %method, path, tries, fault, said, "a call failed");
}

impl<P> fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("known", &self.known).field("limits", &self.limits).finish_non_exhaustive()
    }
}
