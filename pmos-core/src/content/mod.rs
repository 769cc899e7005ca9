//! How bytes become values and values bytes. What webhooks receive, what services answer, what our own API is sent and what
//! automations send is read and written here and nowhere else: by content type, charset, byte order mark and content encoding.

mod binary;
mod charset;
mod form;
mod media_type;
mod outgoing;
mod packed;
#[cfg(test)]
mod tests;
mod unread;

use bytes::Bytes;
use serde_json::Value;

use crate::json;

pub use binary::{Binary, binary};
pub use charset::header_text;
pub use outgoing::{bytes_of, label};
pub use packed::unpacked;
pub use unread::Unread;

pub(crate) use form::{gathered, query};
use media_type::{MediaType, Reading};

/// A body with what was said of it.
#[derive(Debug, Clone)]
pub struct Content {
    kind: Option<MediaType>,
    body: Bytes,
}

impl Content {
    /// A body that is not packed any more, and its content type as the header says it.
    pub fn new(content_type: Option<&str>, body: impl Into<Bytes>) -> Self {
        Self { kind: content_type.and_then(MediaType::parse), body: body.into() }
    }

    /// The value by its content type: JSON; a form as an object of its fields, those that came several times as lists; text;
    /// a [`Binary`] otherwise; `null` when there is nothing. Without a content type it is JSON when it is an object or a
    /// list, because many senders leave the type wrong or out, or else text, or else a [`Binary`].
    ///
    /// # Errors
    /// [`Unread`] when it is not what its content type says.
    pub async fn value(&self) -> Result<Value, Unread> {
        match &self.kind {
            Some(kind) if kind.reading() == Reading::Multipart => form::multipart(kind, self.body.clone()).await,
            kind => single(kind.as_ref(), &self.body),
        }
    }

    /// The body as JSON, whatever its content type says; `null` when there is nothing.
    ///
    /// # Errors
    /// [`Unread`] when it is something else, or in another charset than it says.
    pub fn json(&self) -> Result<Value, Unread> {
        read_json(&self.utf8()?)
    }

    /// The body as text, whatever its content type says.
    ///
    /// # Errors
    /// [`Unread`] when it is in another charset than it says.
    pub fn text(&self) -> Result<String, Unread> {
        charset::text(self.charset()?, &self.body)
    }

    /// The bytes themselves as a [`Binary`].
    pub fn file(&self) -> Value {
        binary(self.kind.as_ref().map_or(OCTETS, MediaType::essence), None, &self.body)
    }

    /// The body in UTF-8 without a byte order mark, for a reader that finds out itself whether it is.
    ///
    /// # Errors
    /// [`Unread`] when it says another charset and is not in it.
    pub fn utf8(&self) -> Result<Bytes, Unread> {
        charset::utf8(self.charset()?, &self.body)
    }

    fn charset(&self) -> Result<Option<charset::Charset>, Unread> {
        self.kind.as_ref().map_or(Ok(None), MediaType::charset)
    }
}

/// The type of bytes of which nothing is known.
const OCTETS: &str = "application/octet-stream";

/// Everything but a form of several parts.
fn single(kind: Option<&MediaType>, body: &Bytes) -> Result<Value, Unread> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let Some(kind) = kind else {
        return Ok(unlabelled(body));
    };
    match kind.reading() {
        Reading::Json => read_json(&charset::utf8(kind.charset()?, body)?),
        Reading::Form => form::urlencoded(kind.charset()?, body),
        Reading::Text => charset::text(kind.charset()?, body).map(Value::String),
        Reading::Multipart | Reading::Binary => Ok(binary(kind.essence(), None, body)),
    }
}

/// JSON in UTF-8; `null` when there is nothing but white space.
fn read_json(body: &[u8]) -> Result<Value, Unread> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    json::read(body).map_err(|cause| match cause {
        json::Unread::Garbled(cause) => Unread::NotJson(cause.to_string()),
        other => Unread::malformed(format!("its JSON cannot be taken: {other}")),
    })
}

fn unlabelled(body: &Bytes) -> Value {
    let body = charset::without_mark(body);
    match read_json(&body) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
        _ => std::str::from_utf8(&body).map_or_else(|_| binary(OCTETS, None, &body), Value::from),
    }
}
