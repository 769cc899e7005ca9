//! Requests: a route, a caller, an input, and then what is wrong with them.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Request, Uri},
};
use fastrand::Rng;
use pmos::core::{Pmos, action::Reach};
use serde_json::{Value, json};

use super::nonsense::{TEXTS, anything, by_schema, spoil, text};
use crate::web::{Credential, route};

/// Routes that are not actions. Those that hash passwords are slow on purpose and come seldom by themselves.
const BY_HAND: [(&str, &str); 12] = [
    ("GET", "/api/v1/bootstrap"),
    ("POST", "/api/v1/auth/sign-up"),
    ("POST", "/api/v1/auth/sign-in"),
    ("POST", "/api/v1/auth/reset"),
    ("POST", "/api/v1/auth/reset/{any}"),
    ("GET", "/api/v1/workspaces/{any}/events?run={any}"),
    ("POST", "/hooks/{any}"),
    ("PUT", "/hooks/{any}?a=1&a=2&%ff"),
    ("GET", "/{any}"),
    ("GET", "/api/{any}/{any}"),
    ("GET", "/healthz"),
    ("GET", "/metrics"),
];

const KINDS: [&str; 8] = [
    "application/json",
    "application/json; charset=latin1",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/octet-stream",
    "\u{fe}\u{ff};=",
];

const HEADERS: [&str; 9] = [
    "authorization",
    "cookie",
    "origin",
    "idempotency-key",
    "last-event-id",
    "x-pmos-act-as",
    "x-forwarded-for",
    "content-type",
    "accept-encoding",
];

pub(super) struct Requests<'p> {
    rng: Rng,
    pmos: &'p Pmos,
    known: Vec<Value>,
}

impl<'p> Requests<'p> {
    pub(super) fn new(seed: u64, pmos: &'p Pmos, known: Vec<Value>) -> Self {
        Self { rng: Rng::with_seed(seed), pmos, known }
    }

    /// The next request, and how to tell of it.
    pub(super) fn next(&mut self, people: &[Credential]) -> (String, Request<Body>) {
        let (mut method, mut uri, body) = if self.rng.u8(..5) == 0 { self.by_hand() } else { self.action() };
        if self.rng.u8(..25) == 0 {
            method = self.rng.choice(["GET", "PUT", "OPTIONS", "TRACE", "HEAD", "BREW"]).map(str::to_owned).unwrap();
        }
        if self.rng.u8(..12) == 0 {
            uri = self.odd(&uri);
        }
        let body = self.body(&body);
        let who = self.rng.choice(people).unwrap().clone();
        let told = format!("{method} {uri:.300} by {who:?}: {:.600}", String::from_utf8_lossy(&body));
        let uri: Uri = uri.parse().unwrap_or_else(|_| Uri::from_static("/api/v1/%ff"));
        let mut request = Request::builder().method(method.as_str()).uri(uri).body(Body::from(body)).unwrap();
        who.apply(request.headers_mut());
        let kind = if self.rng.u8(..8) == 0 { *self.rng.choice(&KINDS).unwrap() } else { KINDS[0] };
        let kind = HeaderValue::from_bytes(kind.as_bytes()).unwrap();
        request.headers_mut().insert("content-type", kind);
        if self.rng.u8(..10) == 0 {
            let name = *self.rng.choice(&HEADERS).unwrap();
            let value = self.header();
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        (told, request)
    }

    fn action(&mut self) -> (String, String, Value) {
        let entries: Vec<_> = self.pmos.table().iter().collect();
        let entry = *self.rng.choice(&entries).unwrap();
        let mut input = by_schema(&mut self.rng, &entry.input, &entry.input, &self.known, 0);
        if entry.spec.name == "workspace.delete" {
            // Anything but the right name, or nothing is left to ask for.
            input = json!({ "confirm": text(&mut self.rng) });
        }
        if self.rng.u8(..3) == 0 {
            for _ in 0..self.rng.u8(1..4) {
                spoil(&mut self.rng, &mut input);
            }
        }
        let workspace = self.known[0].as_str().unwrap().parse().unwrap();
        let (mut path, body) = route(entry, workspace, &input);
        for (parameter, _) in path.clone().match_indices('{').collect::<Vec<_>>() {
            // A parameter that was spoilt away.
            let Some(end) = path[parameter..].find('}') else { break };
            path.replace_range(parameter..=parameter + end, "gone");
        }
        if entry.spec.reach == Reach::Workspace && self.rng.u8(..20) == 0 {
            path = path.replace(self.known[0].as_str().unwrap(), "ws_00000000000000000000000000000001");
        }
        (entry.spec.method.as_str().to_owned(), path, body)
    }

    fn by_hand(&mut self) -> (String, String, Value) {
        let (method, path) = *self.rng.choice(&BY_HAND).unwrap();
        let mut uri = path.to_owned();
        while uri.contains("{any}") {
            let value = match self.rng.choice(&self.known) {
                Some(id) if self.rng.u8(..3) > 0 => id.as_str().unwrap_or_default().to_owned(),
                _ => percent(&text(&mut self.rng)),
            };
            uri = uri.replacen("{any}", &value, 1);
        }
        let mut body = json!({
            "name": "Eve", "email": "eve@example.com", "password": "too short", "current": "wrong", "new": "short",
        });
        if self.rng.bool() {
            spoil(&mut self.rng, &mut body);
        }
        (method.to_owned(), uri, body)
    }

    /// The same address, written oddly.
    fn odd(&mut self, uri: &str) -> String {
        match self.rng.u8(..8) {
            0 => format!("{uri}/"),
            1 => format!("/{uri}"),
            2 => uri.replace("/api/", "/api/../api/"),
            3 => uri.replace('_', "%5f"),
            4 => format!("{uri}%00"),
            5 => format!("{uri}?limit=1&limit=2&a[]=%e2%28%a1"),
            6 => format!("{uri}?q={}", "a".repeat(self.rng.usize(1..12_000))),
            _ => uri.replacen("v1", "v1/%ff%fe/%2e%2e", 1),
        }
    }

    fn body(&mut self, value: &Value) -> Vec<u8> {
        let mut bytes = if value.is_null() { Vec::new() } else { value.to_string().into_bytes() };
        match self.rng.u8(..40) {
            0 => bytes = (0..self.rng.usize(..2_000)).map(|_| self.rng.u8(..)).collect(),
            1 => bytes.truncate(self.rng.usize(..=bytes.len())),
            2 => {
                let at = self.rng.usize(..=bytes.len());
                bytes.splice(at..at, [0xff, 0xc0, 0x80]);
            }
            3 => bytes = "[".repeat(100_000).into_bytes(),
            4 => bytes = format!(r#"{{"name":{}1{}}}"#, "[".repeat(500), "]".repeat(500)).into_bytes(),
            5 => bytes = br#"{"name":"a","name":"b","limit":1e400}"#.to_vec(),
            6 => bytes = br#"{"name":"\ud800","limit":123456789012345678901234567890}"#.to_vec(),
            7 => bytes = vec![b' '; 1_048_577],
            8 => bytes = anything(&mut self.rng).to_string().into_bytes(),
            _ => {}
        }
        bytes
    }

    fn header(&mut self) -> HeaderValue {
        let text: &str = self.rng.choice(&TEXTS).unwrap();
        let odd = match self.rng.u8(..4) {
            0 => format!("Bearer {text}"),
            1 => format!("pmos={text}; pmos=;;=; __Host-pmos=x"),
            2 => "9".repeat(self.rng.usize(1..4_000)),
            _ => text.to_owned(),
        };
        HeaderValue::from_bytes(odd.as_bytes()).unwrap_or(HeaderValue::from_static("\u{7e}"))
    }
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
