//! From settings to a call, and from an answer to what the step gives.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use pmos_core::{
    content::{self, Content, Unread},
    run::{MASKED, is_sensitive_header},
    vault::Credential,
};
use serde_json::{Map, Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::{
    super::outbound::Echo,
    expression::append,
    sender::{HttpAnswer, HttpCall},
};

/// How an answer is taken.
#[derive(Debug)]
pub(super) struct Taking {
    pub(super) method: String,
    pub(super) expect: Expect,
    /// Statuses of 400 and above that are no failure.
    pub(super) accept: Vec<u16>,
}

/// What an answer's body is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// What its content type says.
    Anything,
    Json,
    Text,
    /// Bytes, whatever the content type says.
    File,
}

/// An answer that makes the step fail.
#[derive(Debug)]
pub(super) struct Refused {
    /// In plain language, without anything the service wrote.
    pub(super) why: String,
    /// What the service wrote.
    pub(super) output: Value,
}

/// The call that these values describe.
///
/// # Errors
/// Which of them cannot be sent and why.
pub(super) fn build(
    method: &str,
    url: &Value,
    headers: &Value,
    query: &Value,
    body: Option<&Value>,
) -> Result<HttpCall, String> {
    let url = address(url)?;
    let mut headers = pairs("headers", headers)?;
    for (name, value) in &headers {
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("headers.{name}: is not the name of a header"))?;
        HeaderValue::from_str(value).map_err(|_| format!("headers.{name}: has characters a header cannot carry"))?;
    }
    let body = labelled(&mut headers, body.unwrap_or(&Value::Null)).map_err(|why| format!("body: {why}"))?;
    Ok(HttpCall {
        method: method.to_owned(),
        url,
        headers,
        query: pairs("query", query)?,
        body,
        credential: None,
        timeout: Duration::ZERO,
        answer_bytes: 0,
    })
}

/// The bytes of a body, and the content type under which they go among the headers.
fn labelled(headers: &mut Vec<(String, String)>, body: &Value) -> Result<Bytes, String> {
    let at = headers.iter().position(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
    let label = content::label(body, at.map(|at| headers[at].1.as_str()))?;
    let bytes = content::bytes_of(body, label.as_deref())?;
    match (at, label) {
        (Some(at), Some(label)) => headers[at].1 = label,
        (None, Some(label)) => headers.push((CONTENT_TYPE.to_string(), label)),
        (_, None) => {}
    }
    Ok(bytes)
}

impl HttpCall {
    /// Names the effect, so that a service that knows such names takes it once however often it comes.
    pub(super) fn identify(&mut self, key: &str) {
        self.default_header("idempotency-key", key);
    }

    fn default_header(&mut self, name: &str, value: &str) {
        if !self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn address(url: &Value) -> Result<String, String> {
    let text = url.as_str().ok_or("url: must be a text like https://api.example.com/orders")?.trim();
    let parsed = Url::parse(text).map_err(|_| "url: must be a whole address like https://api.example.com/orders")?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err("url: must begin with https:// or http://".to_owned());
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("url: must not carry a user name or password; store them as a connection".to_owned());
    }
    Ok(text.to_owned())
}

/// Names with values; a list stands for several of the same name, null for none.
fn pairs(field: &str, value: &Value) -> Result<Vec<(String, String)>, String> {
    let Value::Object(map) = value else {
        return Err(format!("{field}: must be an object of names and values"));
    };
    let mut pairs = Vec::new();
    for (name, value) in map {
        let values = match value {
            Value::Null => &[],
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        for value in values {
            let mut text = String::new();
            append(&mut text, value);
            pairs.push((name.clone(), text));
        }
    }
    Ok(pairs)
}

/// The settings of a call as they are recorded: what was sent, without what may be a secret.
pub(super) fn shown(settings: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = Map::new();
    for name in ["method", "url", "headers", "query", "body"] {
        let Some(value) = settings.get(name) else { continue };
        let mut value = value.clone();
        if name == "headers" {
            for (header, value) in value.as_object_mut().into_iter().flatten() {
                if is_sensitive_header(header) {
                    *value = MASKED.into();
                }
            }
        }
        if name == "body" || value.as_object().is_none_or(|map| !map.is_empty()) {
            shown.insert(name.to_owned(), value);
        }
    }
    shown
}

/// The answer without the credential, which a service that echoes what it was sent would write into the run.
pub(super) fn without(answer: HttpAnswer, credential: &Credential) -> HttpAnswer {
    let echo = echo(credential);
    let mut body = match std::str::from_utf8(&answer.body).ok().and_then(|text| echo.hide(text)) {
        Some(hidden) => Bytes::from(hidden),
        None => answer.body,
    };
    // JSON may write any letter of a text as an escape.
    if body.contains(&b'\\')
        && let Ok(mut value) = Content::new(None, body.clone()).json()
        && hide_within(&mut value, &|text| echo.hide(text))
    {
        body = Bytes::from(value.to_string());
    }
    HttpAnswer { body, ..answer }
}

/// Hides a credential in what a step gives.
pub(super) fn hide(output: &mut Value, credential: &Credential) {
    let echo = echo(credential);
    hide_within(output, &|text| echo.hide(text));
}

fn echo(credential: &Credential) -> Echo {
    let secret = credential.secret.expose();
    let pair = Zeroizing::new(format!("{}:{secret}", credential.name));
    Echo::of([secret, pair.as_str()])
}

/// Changes texts within a value; whether there was anything to change.
fn hide_within(value: &mut Value, hide: &impl Fn(&str) -> Option<String>) -> bool {
    match value {
        Value::String(text) => hide(text).map(|hidden| *text = hidden).is_some(),
        Value::Array(items) => items.iter_mut().fold(false, |found, item| hide_within(item, hide) | found),
        Value::Object(map) => {
            let mut found = map.values_mut().fold(false, |found, item| hide_within(item, hide) | found);
            for (name, item) in std::mem::take(map) {
                let hidden = hide(&name);
                found |= hidden.is_some();
                map.insert(hidden.unwrap_or(name), item);
            }
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What the step gives: `{status, headers, body}`.
///
/// # Errors
/// When the status or the body is not what the step takes.
pub(super) async fn read(taking: &Taking, answer: &HttpAnswer) -> Result<Value, Refused> {
    let content = content(answer);
    let (body, misread) = match body(taking, answer, &content).await {
        Ok(body) => (body, None),
        Err(misread) => (misread.body, Some(misread.why)),
    };
    let output = json!({"status": answer.status, "headers": headers(answer), "body": body});
    if answer.status >= 400 && !taking.accept.contains(&answer.status) {
        let name = StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
        return Err(Refused { why: format!("The service answered {}{name}.", answer.status), output });
    }
    match misread {
        Some(why) => Err(Refused { why, output }),
        None => Ok(output),
    }
}

fn headers(answer: &HttpAnswer) -> Map<String, Value> {
    let mut headers = Map::new();
    for (name, value) in &answer.headers {
        let value = Value::from(if is_sensitive_header(name) { MASKED } else { value });
        match headers.get_mut(name) {
            None => {
                headers.insert(name.clone(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    headers
}

fn content(answer: &HttpAnswer) -> Content {
    let kind = answer.headers.iter().find(|(name, _)| name == CONTENT_TYPE.as_str());
    Content::new(kind.map(|(_, value)| value.as_str()), answer.body.clone())
}

async fn body(taking: &Taking, answer: &HttpAnswer, content: &Content) -> Result<Value, Misread> {
    let nothing = answer.body.trim_ascii().is_empty();
    let read = match taking.expect {
        Expect::Json if nothing && has_none(&taking.method, answer.status) => Ok(Value::Null),
        Expect::Json if nothing => {
            let why = "The service answered nothing, and the step expects JSON.".to_owned();
            return Err(Misread { why, body: Value::Null });
        }
        Expect::Json => content.json(),
        Expect::Text => content.text().map(Value::from),
        Expect::File => Ok(content.file()),
        Expect::Anything => match content.value().await {
            // A service that calls its text JSON.
            Err(Unread::NotJson(_)) => content.text().map(Value::from),
            read => read,
        },
    };
    read.map_err(|unread| {
        let why = format!("What the service answered cannot be read: {unread}.");
        // What is too much to be taken is not kept either.
        let text = if let Unread::NotJson(_) = unread { content.text().ok() } else { None };
        Misread { why, body: text.map_or(Value::Null, Value::from) }
    })
}

/// A body that is not what the step takes.
struct Misread {
    why: String,
    /// What the record of the step keeps of it.
    body: Value,
}

/// Whether an answer has no body by its nature.
fn has_none(method: &str, status: u16) -> bool {
    method == "HEAD" || matches!(status, 204 | 205 | 304)
}
