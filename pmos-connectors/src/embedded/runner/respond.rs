//! The answer to a webhook.

use http::{HeaderName, HeaderValue, header::CONTENT_TYPE};
use pmos_core::{
    content,
    run::{Answer, MASKED, is_sensitive_header},
};
use serde_json::{Map, Value, json};

use super::{
    Done, Run,
    frame::Frame,
    record,
    steps::{evaluate, kind_of},
};
use crate::embedded::program::Respond;

/// Headers that would let a flow speak for the whole instance, or that belong to the connection.
const RESERVED: [&str; 14] = [
    "access-control-allow-credentials",
    "clear-site-data",
    "connection",
    "content-length",
    "content-security-policy",
    "keep-alive",
    "service-worker-allowed",
    "set-cookie",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-content-type-options",
];

impl Run<'_> {
    pub(super) fn respond(&self, respond: &Respond, frame: &Frame) -> Result<Done, String> {
        let mut budget = self.budget();
        let status = evaluate("status", &respond.status, frame, &mut budget)?;
        let status =
            status.as_u64().and_then(|status| u16::try_from(status).ok()).filter(|status| (200..=599).contains(status));
        let status = status.ok_or("status: must be a whole number from 200 to 599")?;
        let mut headers = headers(&evaluate("headers", &respond.headers, frame, &mut budget)?)?;
        let body = evaluate("body", &respond.body, frame, &mut budget)?;
        let at = headers.iter().position(|(name, _)| name == CONTENT_TYPE.as_str());
        let label = content::label(&body, at.map(|at| headers[at].1.as_str())).map_err(|why| format!("body: {why}"))?;
        if let (Some(at), Some(label)) = (at, label) {
            headers[at].1 = label;
        }
        let mut input = Map::from_iter([("status".to_owned(), status.into())]);
        if !headers.is_empty() {
            let shown = |(name, value): &(String, String)| {
                let value = if is_sensitive_header(name) { MASKED } else { value };
                (name.clone(), Value::from(value))
            };
            input.insert("headers".to_owned(), headers.iter().map(shown).collect::<Map<_, _>>().into());
        }
        let result = record::whole(&body);
        self.journal.answer(Answer { status, headers, body: body.clone() }, result);
        Ok(Done { input: record::capped(&json!(input)), output: body })
    }
}

fn headers(value: &Value) -> Result<Vec<(String, String)>, String> {
    let Value::Object(map) = value else {
        return Err(format!("headers: must be an object of names and values, and is {}", kind_of(value)));
    };
    let mut headers = Vec::new();
    for (name, value) in map {
        let refused = |why: &str| format!("headers.{name}: {why}");
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused("is not the name of a header"))?;
        if RESERVED.contains(&parsed.as_str()) {
            return Err(refused("is set by the server itself; leave it out"));
        }
        let value = super::steps::text_of(value);
        HeaderValue::from_str(&value).map_err(|_| refused("has characters a header cannot carry"))?;
        headers.push((parsed.as_str().to_owned(), value));
    }
    Ok(headers)
}
