//! Which pages may write with a person's cookie: our own and no other.

use axum::http::{HeaderMap, StatusCode, Uri, header, uri::Authority};

use super::Problem;

/// What counts as our own origin.
#[derive(Debug, Clone)]
pub(super) enum Origins {
    /// The configured public address.
    Known(String),
    /// The host a request came to, as long as it is a bare address or this machine: a foreign name that
    /// leads here must not become our own.
    Direct,
}

impl Origins {
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
        match self {
            Self::Known(own) => origin.eq_ignore_ascii_case(own),
            Self::Direct => {
                let host = headers
                    .get(header::HOST)
                    .and_then(|host| host.to_str().ok())
                    .or_else(|| uri.authority().map(Authority::as_str));
                let (Some((_, origin)), Some(host)) = (origin.split_once("://"), host) else { return false };
                origin.eq_ignore_ascii_case(host) && is_direct(host)
            }
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::Known(own) => format!(
                "Writing with a cookie needs the header Origin: {own} and x-pmos: 1. Programs use an API key instead."
            ),
            Self::Direct => {
                "Writing with a cookie needs an Origin header with this server's own address and x-pmos: 1. \
                             Behind a name of its own the server has to know it: set PMOS_PUBLIC_URL."
                    .to_owned()
            }
        }
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

    fn check(origins: &Origins, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        origins.check(&headers, &Uri::from_static("/")).is_ok()
    }

    #[test]
    fn a_write_needs_our_own_origin_and_our_own_header() {
        let own = Origins::Known("https://pmos.example.com".to_owned());
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
                check(&Origins::Direct, &[("host", host), ("origin", origin), ("x-pmos", "1")]),
                own,
                "{host} {origin}"
            );
        }
    }
}
