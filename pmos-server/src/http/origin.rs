//! Where people reach us, and so which pages may write with a person's cookie: our own and no other.

use axum::http::{HeaderMap, StatusCode, Uri, header, uri::Authority};
use url::Url;

use super::Problem;
use crate::config::PublicUrl;

/// Our own address, as browsers know it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// None when links begin with what is no address of the web: its origin would be that of every closed-off page.
    origin: Option<String>,
    /// Whether the host a request came to counts as our own too, as long as it is a bare address or this machine: a
    /// foreign name that leads here must not.
    direct: bool,
    /// The path that everything is below: nothing, or `/automations`.
    pub(super) base: String,
    /// Whether browsers reach us encrypted.
    pub(super) https: bool,
}

impl Site {
    /// `address` is what links begin with; `known` says that browsers use this origin and no other.
    pub(super) fn new(address: &str, known: Option<&PublicUrl>) -> Self {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let origin = match known {
            Some(known) => Some(known.as_str().to_owned()),
            None => url.as_ref().map(|url| url.origin().ascii_serialization()),
        };
        let base = url.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let https = origin.as_ref().is_some_and(|origin| origin.starts_with("https:"));
        Self { https, origin, direct: known.is_none(), base }
    }

    /// The name of the cookie of a session. The prefixes make browsers take it over TLS only, the first one for `/` only.
    pub(super) fn cookie(&self) -> &'static str {
        match (self.https, self.base.is_empty()) {
            (true, true) => "__Host-pmos",
            (true, false) => "__Secure-pmos",
            (false, _) => "pmos",
        }
    }

    /// A write that carries a cookie.
    pub(super) fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
        if self.is_own(headers, uri) && headers.get("x-pmos").is_some_and(|value| value == "1") {
            return Ok(());
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "foreign_origin", self.advice()))
    }

    /// A sign-in or sign-up, which has no cookie yet. A browser always says where it comes from; a program need not.
    pub(super) fn check_stranger(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
        if headers.contains_key(header::ORIGIN) { self.check(headers, uri) } else { Ok(()) }
    }

    fn is_own(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else { return false };
        if self.origin.as_ref().is_some_and(|own| origin.eq_ignore_ascii_case(own)) {
            return true;
        }
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| uri.authority().map(Authority::as_str));
        let (true, Some((_, origin)), Some(host)) = (self.direct, origin.split_once("://"), host) else { return false };
        origin.eq_ignore_ascii_case(host) && is_direct(host)
    }

    fn advice(&self) -> String {
        let own = self.origin.as_deref().unwrap_or("(its public address)");
        let other = if self.direct { " Behind another name the server has to know its public address." } else { "" };
        format!(
            "Writing with a cookie needs the header Origin: {own} and x-pmos: 1. Programs use an API key instead.{other}"
        )
    }
}

fn is_direct(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(site: &Site, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        site.check(&headers, &Uri::from_static("/")).is_ok()
    }

    #[test]
    fn a_write_needs_our_own_origin_and_our_own_header() {
        let own = Site::new("http://127.0.0.1:8420", Some(&"https://pmos.example.com".parse().unwrap()));
        let host = ("host", "pmos.example.com");
        assert!(check(&own, &[host, ("origin", "https://pmos.example.com"), ("x-pmos", "1")]));
        for headers in [
            &[host, ("x-pmos", "1")][..],
            &[host, ("origin", "https://pmos.example.com")],
            &[host, ("origin", "http://pmos.example.com"), ("x-pmos", "1")],
            &[host, ("origin", "https://pmos.example.com.evil.com"), ("x-pmos", "1")],
            &[host, ("origin", "null"), ("x-pmos", "1")],
        ] {
            assert!(!check(&own, headers), "{headers:?}");
        }
    }

    #[test]
    fn without_a_public_address_only_this_machine_and_bare_addresses_are_ours() {
        for (host, origin, own) in [
            ("127.0.0.1:8420", "http://127.0.0.1:8420", true),
            ("localhost:8420", "http://localhost:8420", true),
            ("[::1]:8420", "http://[::1]:8420", true),
            ("192.168.1.7:8420", "http://192.168.1.7:8420", true),
            ("127.0.0.1:8420", "http://127.0.0.1:9000", false),
            ("evil.com", "http://evil.com", false),
        ] {
            assert_eq!(
                check(
                    &Site::new("http://127.0.0.1:8420", None),
                    &[("host", host), ("origin", origin), ("x-pmos", "1")]
                ),
                own,
                "{host} {origin}"
            );
        }
    }

    #[test]
    fn the_address_of_links_is_our_own_and_says_where_we_are() {
        let site = Site::new("https://app.example.com/automations/", None);
        assert!(check(&site, &[("host", "10.0.0.1"), ("origin", "https://app.example.com"), ("x-pmos", "1")]));
        assert_eq!((&*site.base, site.cookie()), ("/automations", "__Secure-pmos"));
        let root = Site::new("https://app.example.com", None);
        assert_eq!((&*root.base, root.cookie()), ("", "__Host-pmos"));
        assert_eq!(Site::new("http://127.0.0.1:8420", None).cookie(), "pmos");
        for address in ["", "file:///srv/pmos", "pmos.example.com"] {
            let site = Site::new(address, None);
            for origin in ["", "null"] {
                assert!(
                    !check(&site, &[("host", "pmos.example.com"), ("origin", origin), ("x-pmos", "1")]),
                    "{address}"
                );
            }
        }
    }
}
