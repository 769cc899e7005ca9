//! What the webhook of a flow takes, and what is answered in its place.

use super::{Answer, InboundRequest};
use crate::{Error, Kind, Result};

/// Taken by none that does not name them: answered by us, or of no use to a flow.
const NAMED: [&str; 4] = ["HEAD", "OPTIONS", "TRACE", "CONNECT"];
/// What a flow that names no method tells that it takes. It takes others, too.
const USUAL: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// How long a browser need not ask again, in seconds.
const REMEMBERED: &str = "600";

/// What the webhook of a flow takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// The methods, in capitals; when empty all but `HEAD` and `OPTIONS`.
    pub methods: Vec<String>,
    /// The origins of pages that may call it from a browser, as `https://app.example.com`; `*` for all.
    pub origins: Vec<String>,
    /// Whether the flow needs the body as it came, too.
    pub raw: bool,
}

impl Intake {
    /// The answer to a request that needs no run; none for one that does. `HEAD` asks whether there is something where `GET` or
    /// `POST` is taken, `OPTIONS` what is taken, and by whom.
    ///
    /// # Errors
    /// `method_not_allowed`, which names the methods that are taken, for any other.
    pub(super) fn greet(&self, request: &InboundRequest) -> Result<Option<Answer>> {
        let answer = |status, headers| Ok(Some(Answer { status, headers, body: serde_json::Value::Null }));
        match request.method.as_str() {
            method if self.takes(method) => Ok(None),
            "HEAD" if self.takes("GET") || self.takes("POST") => answer(200, self.opened_to(request)),
            "OPTIONS" => answer(204, self.options(request)),
            _ => {
                let detail = "This webhook does not take this method; see Allow.";
                Err(Error::new(Kind::WrongMethod, "method_not_allowed", detail).with("allow", self.allowed()))
            }
        }
    }

    fn takes(&self, method: &str) -> bool {
        if self.methods.is_empty() {
            !NAMED.contains(&method)
        } else {
            self.methods.iter().any(|taken| taken == method)
        }
    }

    fn taken(&self) -> Vec<&str> {
        if self.methods.is_empty() { USUAL.to_vec() } else { self.methods.iter().map(String::as_str).collect() }
    }

    /// The methods that lead to some answer.
    fn allowed(&self) -> Vec<&str> {
        let mut allowed = self.taken();
        if self.takes("GET") || self.takes("POST") {
            allowed.push("HEAD");
        }
        allowed.push("OPTIONS");
        allowed.sort_unstable();
        allowed.dedup();
        allowed
    }

    fn options(&self, request: &InboundRequest) -> Vec<(String, String)> {
        let mut headers = self.opened_to(request);
        let open = headers.iter().any(|(name, _)| name == "access-control-allow-origin");
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        if open && request.text("access-control-request-method").is_some() {
            add("access-control-allow-methods", self.taken().join(", "));
            if let Some(wanted) = request.text("access-control-request-headers") {
                add("access-control-allow-headers", wanted.to_owned());
            }
            add("access-control-max-age", REMEMBERED.to_owned());
        }
        add("allow", self.allowed().join(", "));
        headers
    }

    /// What lets the page that calls read the answer, when its origin is one of those that may.
    pub(super) fn opened_to(&self, request: &InboundRequest) -> Vec<(String, String)> {
        if self.origins.is_empty() {
            return Vec::new();
        }
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let Some(origin) = request.text("origin") else { return vec![header("vary", "origin")] };
        if self.origins.iter().any(|open| open == "*") {
            return vec![header("access-control-allow-origin", "*")];
        }
        let mut headers = vec![header("vary", "origin")];
        if self.origins.iter().any(|open| open.eq_ignore_ascii_case(origin)) {
            headers.push(header("access-control-allow-origin", origin));
        }
        headers
    }
}
