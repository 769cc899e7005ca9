//! From settings to a call, and from an answer to what the step gives.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use mime::Mime;
use pmos_core::{
    json::{Unread, read as read_json},
    run::{MASKED, is_sensitive_header},
    vault::Credential,
};
use serde_json::{Map, Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::{
    expression::append,
    program::{Expect, Http},
    sender::{HttpAnswer, HttpCall},
};

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
    let headers = pairs("headers", headers)?;
    for (name, value) in &headers {
        HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("headers.{name}: is not the name of a header"))?;
        HeaderValue::from_str(value).map_err(|_| format!("headers.{name}: has characters a header cannot carry"))?;
    }
    let (kind, body) = match body {
        None | Some(Value::Null) => (None, Bytes::new()),
        Some(Value::String(text)) => (Some("text/plain; charset=utf-8"), Bytes::from(text.clone())),
        Some(other) => (Some("application/json"), Bytes::from(other.to_string())),
    };
    let mut call = HttpCall {
        method: method.to_owned(),
        url,
        headers,
        query: pairs("query", query)?,
        body,
        credential: None,
        timeout: Duration::ZERO,
        answer_bytes: 0,
    };
    if let Some(kind) = kind {
        call.default_header(CONTENT_TYPE.as_str(), kind);
    }
    Ok(call)
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

/// The settings of a call as they are recorded; the credential is only named.
pub(super) fn shown(http: &Http, url: &Value, headers: &Value, query: &Value, body: Option<&Value>) -> Value {
    let mut shown =
        Map::from_iter([("method".to_owned(), http.method.clone().into()), ("url".to_owned(), url.clone())]);
    let mut headers = headers.clone();
    for (name, value) in headers.as_object_mut().into_iter().flatten() {
        if is_sensitive_header(name) {
            *value = MASKED.into();
        }
    }
    for (name, value) in [("headers", &headers), ("query", query)] {
        if value.as_object().is_some_and(|map| !map.is_empty()) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(body) = body {
        shown.insert("body".to_owned(), body.clone());
    }
    if let Some(connection) = http.connection {
        shown.insert("connection".to_owned(), connection.to_string().into());
    }
    Value::Object(shown)
}

/// The answer without the credential, which a service that echoes what it was sent would write into the run.
pub(super) fn without(answer: HttpAnswer, credential: &Credential) -> HttpAnswer {
    let forms = forms(credential);
    let hide = |text: &str| forms.iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), MASKED));
    let echoes = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
    let headers = answer.headers.into_iter().map(|(name, value)| (name, hide(&value))).collect();
    let mut body = match std::str::from_utf8(&answer.body) {
        Ok(text) if echoes(text) => Bytes::from(hide(text)),
        _ => answer.body,
    };
    // JSON may write any letter of a text as an escape.
    if body.contains(&b'\\')
        && let Ok(mut value) = serde_json::from_slice::<Value>(&body)
        && hide_within(&mut value, &|text| echoes(text).then(|| hide(text)))
    {
        body = Bytes::from(value.to_string());
    }
    HttpAnswer { headers, body, ..answer }
}

/// How services write the secret of a credential that they say again.
fn forms(credential: &Credential) -> Vec<Zeroizing<String>> {
    let secret = credential.secret.expose();
    let pair = format!("{}:{secret}", credential.name);
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let in_path = form.replace('+', "%20");
    let forms = [secret.to_owned(), BASE64_STANDARD.encode(pair), form, in_path];
    // What is shorter stands in any text by chance.
    forms.into_iter().filter(|form| form.len() >= 6).map(Zeroizing::new).collect()
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
pub(super) fn read(http: &Http, answer: &HttpAnswer) -> Result<Value, Refused> {
    let (body, misread) = match body(http.expect, answer) {
        Ok(body) => (body, None),
        Err(misread) => (misread.body, Some(misread.why)),
    };
    let output = json!({"status": answer.status, "headers": headers(answer), "body": body});
    if answer.status >= 400 && !http.accept.contains(&answer.status) {
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

fn body(expect: Expect, answer: &HttpAnswer) -> Result<Value, Misread> {
    let as_json = || {
        read_json(&answer.body).map_err(|cause| match cause {
            Unread::Garbled(_) => {
                Misread { why: "The service answered something that is not JSON.".to_owned(), body: text(&answer.body) }
            }
            other => {
                Misread { why: format!("The service answered JSON that cannot be taken: {other}."), body: Value::Null }
            }
        })
    };
    match expect {
        Expect::Json => as_json(),
        Expect::Anything if answer.body.is_empty() => Ok(Value::Null),
        Expect::Anything if is_json(answer) => match as_json() {
            // A service that calls its text JSON.
            Err(Misread { body: text @ Value::String(_), .. }) => Ok(text),
            read => read,
        },
        Expect::Anything | Expect::Text => Ok(text(&answer.body)),
    }
}

/// A body that is not what the step takes.
struct Misread {
    why: String,
    /// What the record of the step keeps of it.
    body: Value,
}

fn is_json(answer: &HttpAnswer) -> bool {
    let kind = answer.headers.iter().find(|(name, _)| name == CONTENT_TYPE.as_str());
    let kind = kind.and_then(|(_, value)| value.parse::<Mime>().ok());
    kind.is_some_and(|kind| kind.subtype() == mime::JSON || kind.suffix() == Some(mime::JSON))
}

/// Text, or base64 when it is not UTF-8.
fn text(body: &[u8]) -> Value {
    std::str::from_utf8(body).map_or_else(|_| BASE64_STANDARD.encode(body), str::to_owned).into()
}
