//! A request in the making.

use std::time::Duration;

use pmos_core::vault::Secret;
use serde_json::Value;

use super::Endpoint;

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
    pub(super) within: Option<Duration>,
}

impl Call {
    /// A call of an endpoint, with what stands in the gaps of its path.
    pub fn to(endpoint: Endpoint, segments: &[&str]) -> Self {
        let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
        Self { endpoint, segments, query: Vec::new(), headers: Vec::new(), body: None, within: None }
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

    /// The call is slow by its nature: waits this long for its answer, and thinks nothing bad of the server.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = Some(time);
        self
    }
}
