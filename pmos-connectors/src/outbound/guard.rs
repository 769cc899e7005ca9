//! The checks every hop of a request passes before it is connected.

use std::net::IpAddr;

use url::{Host, Url};

use super::allowed::AllowedHosts;
use super::error::Refusal;
use super::network::Network;

/// Ports from 1024 on that belong to databases, queues, remote desktops and cluster control. What listens
/// there may act on the bytes of an HTTP request, or trust every caller that reaches it.
const SERVICE_PORTS: [u16; 28] = [
    1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 5985, 5986, 6000, 6379, 6443,
    6667, 8500, 9042, 9092, 9200, 9300, 10250, 11211, 27017,
];

/// Which connections a hop may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// Those whose addresses are checked when the name is resolved.
    Guarded,
    /// Those of exact targets the operator named.
    Allowed,
}

/// Decides by the URL alone; what a name resolves to is checked by the resolver of [`Route::Guarded`].
pub(super) fn route(url: &Url, allowed: &AllowedHosts) -> Result<Route, Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::UserInfo);
    }
    if allowed.contains(url) {
        return Ok(Route::Allowed);
    }
    match url.host() {
        Some(Host::Domain(name)) if name.ends_with('.') => return Err(Refusal::TrailingDot),
        Some(Host::Domain(name)) if is_local_name(name) => return Err(Refusal::LocalName),
        Some(Host::Domain(_)) | None => {}
        // The connector takes an address as it is and asks no resolver, so this is the place to check it.
        Some(Host::Ipv4(address)) => public(address.into())?,
        Some(Host::Ipv6(address)) => public(address.into())?,
    }
    match url.port_or_known_default() {
        Some(port) if !is_web_port(port) => Err(Refusal::Port(port)),
        _ => Ok(Route::Guarded),
    }
}

/// Refuses an address of the inside.
pub(super) fn public(address: IpAddr) -> Result<(), Refusal> {
    Network::of(address).map_or(Ok(()), |network| Err(Refusal::Network(network)))
}

fn is_local_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    matches!(last, "localhost" | "localdomain" | "localhost6" | "localdomain6" | "ip6-localhost" | "ip6-loopback")
}

fn is_web_port(port: u16) -> bool {
    matches!(port, 80 | 443) || (port >= 1024 && !SERVICE_PORTS.contains(&port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://example.com/")]
    #[case("https://example.com:443/")]
    #[case("https://example.com:8080/")]
    #[case("https://example.com:8443/")]
    #[case("https://n8n.example.com:5678/")]
    #[case("https://1.1.1.1/")]
    #[case("https://[2606:4700:4700::1111]:65535/")]
    #[case("https://localhost.example.com/")]
    #[case("https://notlocalhost/")]
    fn a_public_web_address_is_open(#[case] url: Url) {
        assert_eq!(route(&url, &AllowedHosts::default()), Ok(Route::Guarded));
    }

    #[rstest]
    #[case(0)]
    #[case(22)]
    #[case(25)]
    #[case(81)]
    #[case(445)]
    #[case(1023)]
    #[case(2375)]
    #[case(3306)]
    #[case(5432)]
    #[case(6379)]
    #[case(11211)]
    fn a_port_of_another_service_is_closed(#[case] port: u16) {
        let url = Url::parse(&format!("https://example.com:{port}/")).unwrap();
        assert_eq!(route(&url, &AllowedHosts::default()), Err(Refusal::Port(port)));
    }

    #[test]
    fn the_operator_opens_a_port_and_a_network_but_no_scheme_and_no_user_name() {
        let allowed = AllowedHosts::parse(["10.0.0.1:22", "10.0.0.1:80"]).unwrap();
        let route = |url: &str| route(&Url::parse(url).unwrap(), &allowed);
        assert_eq!(route("http://10.0.0.1:22/"), Ok(Route::Allowed));
        assert_eq!(route("http://10.0.0.1/"), Ok(Route::Allowed));
        assert_eq!(route("ftp://10.0.0.1:22/"), Err(Refusal::Scheme));
        assert_eq!(route("http://user@10.0.0.1:22/"), Err(Refusal::UserInfo));
        assert_eq!(route("http://10.0.0.1:8080/"), Err(Refusal::Network(Network::Private)));
    }
}
