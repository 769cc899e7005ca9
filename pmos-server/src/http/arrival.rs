//! What is known of a request before anybody looks at it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderName, header, request::Parts},
};
use pmos_core::{Error, RequestId, action::RequestInfo};

use super::Problem;
use crate::config::Networks;

/// The request's id and where it came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) id: RequestId,
    pub(super) address: Option<IpAddr>,
    /// It came from this machine itself and not through a proxy on it.
    pub(super) local: bool,
}

impl Arrival {
    pub(super) fn new(id: RequestId, extensions: &Extensions, headers: &HeaderMap, proxies: &Networks) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
        let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
        Self {
            id,
            address: peer.map(|peer| client(peer, headers, proxies)),
            local: peer.is_some_and(|peer| peer.is_loopback()) && !forwarded,
        }
    }

    /// The edge puts one into every request.
    pub(super) fn of(parts: &Parts) -> Result<Self, Problem> {
        parts.extensions.get().copied().ok_or_else(|| Error::internal("find out where a request came from").into())
    }

    pub(super) fn request_info(&self, headers: &HeaderMap) -> Result<RequestInfo, Problem> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        Ok(RequestInfo {
            id: self.id,
            address: self.address,
            user_agent: text(header::USER_AGENT).map(str::to_owned),
            // What is not even text is refused like any other bad key.
            idempotency_key: text(HeaderName::from_static("idempotency-key")).map(str::parse).transpose()?,
        })
    }
}

/// The last address that a trusted proxy vouches for. What a stranger writes into the header is not believed.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &Networks) -> IpAddr {
    let mut client = peer;
    let lists = headers.get_all("x-forwarded-for").iter().rev();
    let hops = lists.flat_map(|list| list.to_str().unwrap_or_default().split(',').rev());
    for hop in hops {
        if !proxies.contain(client) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(peer: &str, forwarded: &'static str) -> String {
        let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(forwarded))]);
        client(peer.parse().unwrap(), &headers, &"10.0.0.0/8".parse().unwrap()).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_their_address() {
        assert_eq!(seen("1.2.3.4", "9.9.9.9"), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", "9.9.9.9, 1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn trusted_proxies_behind_each_other_lead_to_the_client() {
        assert_eq!(seen("10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", "garbage"), "10.0.0.1");
    }
}
