//! A request in the making.

use std::time::Duration;

use pmos_core::vault::Secret;
use serde_json::Value;

use super::Endpoint;
use crate::outbound::Echo;

/// What opens a server for a call.
#[derive(Clone, Copy)]
pub enum Auth<'a> {
    /// Nothing: the call is open to everyone.
    None,
    /// A key in a header of its own.
    Key(&'static str, &'a Secret),
    /// `Authorization: Bearer …`.
    Bearer(&'a str),
    /// A session, as a whole cookie.
    Cookie(&'a str),
}

/// A call of an endpoint.
#[derive(Clone)]
pub struct Call {
    pub(super) endpoint: Endpoint,
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    has_secrets: bool,
    pub(super) within: Option<Duration>,
}

impl Call {
    /// A call of an endpoint, with what stands in the gaps of its path.
    pub fn to(endpoint: Endpoint, segments: &[&str]) -> Self {
        let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
        Self {
            endpoint,
            segments,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            has_secrets: false,
            within: None,
        }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header. Secrets do not belong here.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets a body that has secrets in it.
    pub fn secret_json(self, body: Value) -> Self {
        Self { has_secrets: true, ..self.json(body) }
    }

    /// The call is slow by its nature: waits this long for its answer, and thinks nothing bad of the server.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = Some(time);
        self
    }

    /// What a server said of this call, without the secrets that were sent with it.
    pub(super) fn without_secrets(&self, auth: Auth<'_>, said: &str) -> String {
        let mut secrets = match auth {
            Auth::None => Vec::new(),
            Auth::Key(_, key) => vec![key.expose()],
            Auth::Bearer(token) => vec![token],
            Auth::Cookie(cookie) => vec![cookie.split_once('=').map_or(cookie, |(_, value)| value)],
        };
        if let Some(body) = self.body.as_ref().filter(|_| self.has_secrets) {
            texts(body, &mut secrets);
        }
        Echo::of(secrets).hide(said).unwrap_or_else(|| said.to_owned())
    }
}

fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(entries) => entries.iter().for_each(|entry| texts(entry, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::upstream::Verb;

    const MAKE: Endpoint = Endpoint::new(Verb::Post, "/things");

    #[test]
    fn what_a_server_repeats_of_secrets_is_masked() {
        let call =
            Call::to(MAKE, &[]).secret_json(json!({"name": "Shop", "data": {"list": ["hunter22", "hunter22-long"]}}));
        let said = call.without_secrets(Auth::Bearer("token-1"), "not hunter22-long, not hunter22 with token-1");
        assert_eq!(said, "not ***, not *** with ***");
        let said = call.without_secrets(Auth::Cookie("sid=cookie-1"), "sid is cookie-1");
        assert_eq!(said, "sid is ***");
    }

    #[test]
    fn what_is_no_secret_stays_readable() {
        let call = Call::to(MAKE, &[]).json(json!({"type": "no-such-type"}));
        assert_eq!(call.without_secrets(Auth::None, "unknown: no-such-type"), "unknown: no-such-type");
    }
}
