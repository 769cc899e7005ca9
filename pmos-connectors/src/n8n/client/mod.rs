//! The wire: requests, repetitions, sessions, and what came back. Nothing of ours.

mod answer;
mod arriving;
mod breaker;
mod endpoints;
mod fault;
mod mcp;
mod push;
mod session;
mod wire;

use std::{fmt, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use moka::sync::Cache;
use pmos_core::vault::Secret;
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

pub(super) use answer::Answer;
use answer::NoAnswer;
pub(super) use arriving::Arriving;
use breaker::Breaker;
pub(super) use endpoints::*;
pub use endpoints::{ENDPOINTS, Endpoint};
pub(super) use fault::Fault;
pub(super) use push::Pushes;
pub(super) use session::Account;
use session::Sessions;
pub(super) use wire::*;

use super::config::{Limits, N8nConfig};
use crate::outbound::{
    AllowedHosts, BoundHosts, Credential, Method, Outbound, OutboundBuildError, OutboundRequest, Sent,
};

/// How many servers are remembered. One that is forgotten is met as if for the first time.
const SERVERS: u64 = 1_000;
/// How long a server is not asked again to tell of runs that did not open a socket for it.
const DEAF: Duration = Duration::from_mins(1);

/// Speaks to servers of n8n.
pub(super) struct Client {
    /// To the servers of the operator, which are reached wherever they are.
    trusted: Outbound,
    /// To addresses that workspaces brought.
    guarded: Outbound,
    known: Vec<Site>,
    breakers: Cache<Site, Arc<Breaker>>,
    /// Servers that lately let the start of a run wait for the socket in vain.
    deaf: Cache<Site, ()>,
    sessions: Sessions,
    limits: Limits,
}

/// The address of a server, in the form that is the same however people write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Site(String);

impl Site {
    /// Reads an address as people paste it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| "must be the address of n8n, as https://n8n.example.com")?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err("must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a user name or password");
        }
        let origin = url.origin().ascii_serialization();
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v1").unwrap_or(path);
        Ok(Self(format!("{origin}{path}")))
    }

    /// The address without a slash at its end.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
    }
}

/// What opens a session.
#[derive(Clone, Copy)]
pub(super) enum Opening<'a> {
    Nothing,
    Key(&'a Secret),
    Session(&'a str),
    Bearer(&'a Secret),
}

/// One request in the making.
#[derive(Clone)]
pub(super) struct Call {
    endpoint: Endpoint,
    places: Vec<String>,
    query: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    within: Option<Duration>,
}

impl Call {
    /// A call of an endpoint, with what stands in the places of its path.
    pub(super) fn to(endpoint: Endpoint, places: &[&str]) -> Self {
        let places = places.iter().map(|place| (*place).to_owned()).collect();
        Self { endpoint, places, query: Vec::new(), headers: Vec::new(), body: None, within: None }
    }

    pub(super) fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The call is slow by its nature; wait this long for its answer and think nothing of it.
    pub(super) fn within(mut self, time: Duration) -> Self {
        self.within = Some(time);
        self
    }
}

impl Client {
    pub(super) fn new(config: &N8nConfig) -> Result<Self, OutboundBuildError> {
        let limits = config.limits;
        let instances = config.operator.iter().chain(config.dedicated.values());
        let known: Vec<_> = instances.filter_map(|instance| Site::parse(&instance.base_url).ok()).collect();
        // An address of the operator that cannot be written as a pair is not opened, and says so when it is called.
        let pairs =
            known.iter().filter_map(Site::host).filter_map(|pair| AllowedHosts::parse([&pair]).ok().map(|_| pair));
        let pairs = AllowedHosts::parse(pairs).unwrap_or_default();
        let outbound = |allowed| {
            let outbound = Outbound::builder().allow(allowed).connect_timeout(limits.connect).timeout(limits.total);
            // n8n sends nobody elsewhere; what does is something in front of it, and is not followed with a key in hand.
            outbound.max_redirects(0).build()
        };
        Ok(Self {
            trusted: outbound(pairs)?,
            guarded: outbound(config.allow.clone())?,
            known,
            breakers: Cache::new(SERVERS),
            deaf: Cache::builder().max_capacity(SERVERS).time_to_live(DEAF).build(),
            sessions: Sessions::new(),
            limits,
        })
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Makes a call, repeats it where that is safe, and judges what came back.
    pub(super) async fn send(&self, site: &Site, opening: Opening<'_>, call: Call) -> Result<Answer, Fault> {
        let breaker =
            self.breakers.get_with(site.clone(), || Arc::new(Breaker::new(self.limits.patience, self.limits.rest)));
        let end = Instant::now() + self.limits.total;
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(self.limits.look)
            .with_max_delay(Duration::from_secs(2))
            .with_max_times(3)
            .with_jitter()
            .build();
        let mut earlier = None;
        loop {
            let pass = breaker.enter(Instant::now(), call.within.is_some()).map_err(Fault::Resting)?;
            let (fault, sent) = match self.once(site, opening, &call, end).await {
                Ok(answer) => {
                    pass.worked();
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let slow_by_nature = call.within.is_some() && fault == Fault::TimedOut;
            if fault.is_of_the_server() && !slow_by_nature {
                pass.failed(Instant::now());
            } else {
                pass.worked();
            }
            let safe = call.endpoint.is_repeatable() || sent == Sent::No;
            let pause = pauses.next().filter(|_| safe && fault.may_pass() && breaker.may_repeat());
            let pause = pause.map(|pause| match fault {
                Fault::Busy(Some(wait)) => wait.max(pause),
                _ => pause,
            });
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < end) else {
                // When the time ran out in the middle of another try, the try before tells more.
                return Err(earlier.filter(|_| fault == Fault::TimedOut).unwrap_or(fault));
            };
            tracing::debug!(fault = fault.name(), endpoint = call.endpoint.path(), "asking n8n again");
            earlier = Some(fault);
            sleep(pause).await;
        }
    }

    async fn once(
        &self,
        site: &Site,
        opening: Opening<'_>,
        call: &Call,
        end: Instant,
    ) -> Result<Answer, (Fault, Sent)> {
        let request = Self::request(site, opening, call).map_err(|fault| (fault, Sent::No))?;
        let within = call.within.unwrap_or(self.limits.total);
        let response = timeout_at(end, self.outbound(site).send(request.timeout(within))).await;
        let response = response.map_err(|_| (Fault::TimedOut, Sent::Maybe))?.map_err(|error| Fault::of(&error))?;
        if call.endpoint.method() == Method::OPTIONS {
            return Ok(Answer::of_preflight(response));
        }
        match Answer::of(response) {
            Ok(answer) => Ok(answer),
            // It understood and refused, so nothing happened.
            Err(NoAnswer::Fault(fault @ (Fault::Busy(_) | Fault::Starting))) => Err((fault, Sent::No)),
            Err(NoAnswer::Fault(fault)) => Err((fault, Sent::Maybe)),
            Err(NoAnswer::PageNotFound) => Err((self.which_page(site, end).await, Sent::No)),
        }
    }

    /// A page with status 404 comes while n8n starts, and from an n8n without this endpoint.
    async fn which_page(&self, site: &Site, end: Instant) -> Fault {
        let Ok(request) = Self::request(site, Opening::Nothing, &Call::to(READINESS, &[])) else {
            return Fault::Garbled;
        };
        match timeout_at(end, self.outbound(site).send(request)).await {
            Ok(Ok(response)) => match Answer::of(response) {
                Ok(_) => Fault::Absent,
                Err(NoAnswer::PageNotFound) => Fault::Garbled,
                Err(NoAnswer::Fault(_)) => Fault::Starting,
            },
            Ok(Err(error)) => Fault::of(&error).0,
            Err(_) => Fault::TimedOut,
        }
    }

    /// The way to a server: the operator's own are reached wherever they are.
    fn outbound(&self, site: &Site) -> &Outbound {
        if self.known.contains(site) { &self.trusted } else { &self.guarded }
    }

    fn request(site: &Site, opening: Opening<'_>, call: &Call) -> Result<OutboundRequest, Fault> {
        let url = format!("{}{}", site.as_str(), call.endpoint.fill(&call.places)?);
        let mut request = OutboundRequest::new(call.endpoint.method(), &url)
            .and_then(|request| request.header("accept", "application/json, text/event-stream"))
            .map_err(|error| Fault::of(&error).0)?;
        for (name, value) in &call.query {
            request = request.query(name, value);
        }
        for (name, value) in &call.headers {
            request = request.header(name, value).map_err(|error| Fault::of(&error).0)?;
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let (header, value) = match opening {
            Opening::Nothing => return Ok(request),
            Opening::Key(key) => ("x-n8n-api-key", key.expose().to_owned()),
            Opening::Session(cookie) => ("cookie", cookie.to_owned()),
            Opening::Bearer(key) => ("authorization", format!("Bearer {}", key.expose())),
        };
        let host = site.host().ok_or(Fault::Garbled)?;
        let hosts = BoundHosts::parse([&host]).map_err(|_| Fault::Refused("the host cannot be used".to_owned()))?;
        let credential = Credential::new(hosts).with_header(header, SecretString::from(value));
        credential.map(|credential| request.credential(credential)).map_err(|error| Fault::of(&error).0)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("known", &self.known).field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://N8N.example.com/")]
    #[case("https://n8n.example.com:443")]
    #[case(" https://n8n.example.com/api/v1/ ")]
    #[case("https://n8n.example.com?x=1#y")]
    fn a_server_has_one_name_however_its_address_is_written(#[case] text: &str) {
        assert_eq!(Site::parse(text).unwrap().as_str(), "https://n8n.example.com");
    }

    #[test]
    fn a_server_may_live_below_a_path() {
        assert_eq!(Site::parse("http://10.0.0.1:80/n8n//").unwrap().as_str(), "http://10.0.0.1/n8n");
    }

    #[rstest]
    #[case("n8n.example.com")]
    #[case("ftp://n8n.example.com")]
    #[case("https://ada:pw@n8n.example.com")]
    #[case("")]
    fn what_is_no_address_of_a_server_is_refused(#[case] text: &str) {
        assert!(Site::parse(text).is_err());
    }
}
