//! The one list of what an adapter may ask for.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::FaultKind;
use crate::outbound::Method;

/// What may stand in a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'@').remove(b'.');

/// A method with a path that an adapter may call. There is no other way to make a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    verb: Verb,
    path: &'static str,
}

/// The methods there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the methods of HTTP")]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Endpoint {
    /// A path below the address of a server: `{}` stands for one segment, a `{*}` at the end for any number.
    pub const fn new(verb: Verb, path: &'static str) -> Self {
        Self { verb, path }
    }

    /// The method.
    pub fn method(&self) -> Method {
        match self.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Patch => Method::PATCH,
            Verb::Delete => Method::DELETE,
            Verb::Options => Method::OPTIONS,
        }
    }

    /// The path, with `{}` and `{*}` in it.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Whether asking again changes nothing. A whole replacement and a deletion come to the same when they are repeated;
    /// but an adapter must know whether its own write or another one came last, so writes are not repeated.
    pub(super) fn is_repeatable(&self) -> bool {
        matches!(self.verb, Verb::Get | Verb::Options)
    }

    /// The path with its segments filled in, each encoded so that it stays one.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] for an id that would lead elsewhere: it is the id of nothing.
    pub fn fill(&self, segments: &[impl AsRef<str>]) -> Result<String, FaultKind> {
        let mut path = String::new();
        let mut segments = segments.iter().map(AsRef::as_ref);
        for part in self.path.split('/').skip(1) {
            path.push('/');
            match part {
                "{}" => path.push_str(&segment(segments.next().unwrap_or_default())?),
                "{*}" => {
                    let parts: Result<Vec<_>, _> =
                        segments.next().unwrap_or_default().trim_matches('/').split('/').map(segment).collect();
                    path.push_str(&parts?.join("/"));
                }
                fixed => path.push_str(fixed),
            }
        }
        Ok(path)
    }
}

fn segment(text: &str) -> Result<String, FaultKind> {
    if text.is_empty() || text.bytes().all(|byte| byte == b'.') || text.len() > 256 {
        return Err(FaultKind::NotFound);
    }
    Ok(utf8_percent_encode(text, SEGMENT).to_string())
}

/// Names the endpoints of an adapter, and lists them all as `ENDPOINTS`.
macro_rules! endpoints {
    ($visibility:vis, $($name:ident = $verb:ident $path:literal;)*) => {
        $($visibility const $name: $crate::upstream::Endpoint =
            $crate::upstream::Endpoint::new($crate::upstream::Verb::$verb, $path);)*

        /// Everything that the adapter may call.
        pub const ENDPOINTS: &[$crate::upstream::Endpoint] = &[$($name),*];
    };
}
pub(crate) use endpoints;

#[cfg(test)]
mod tests {
    use super::*;

    const THING: Endpoint = Endpoint::new(Verb::Get, "/things/{}");
    const HOOK: Endpoint = Endpoint::new(Verb::Post, "/webhook/{*}");

    #[test]
    fn an_id_never_leads_to_another_endpoint() {
        for id in ["", ".", "..", "..."] {
            assert_eq!(THING.fill(&[id]), Err(FaultKind::NotFound), "{id}");
        }
        assert_eq!(THING.fill(&["a/../b?c#d"]).unwrap(), "/things/a%2F..%2Fb%3Fc%23d");
        assert_eq!(THING.fill(&["ws-1@pmos.invalid"]).unwrap(), "/things/ws-1@pmos.invalid");
    }

    #[test]
    fn the_address_of_a_webhook_may_have_several_segments_but_no_way_up() {
        assert_eq!(HOOK.fill(&["a/:id/b c"]).unwrap(), "/webhook/a/%3Aid/b%20c");
        assert!(HOOK.fill(&["a/../rest/login"]).is_err());
    }
}
