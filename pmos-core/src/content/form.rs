//! Forms, of both kinds.

use std::convert::Infallible;

use bytes::Bytes;
use encoding_rs::UTF_8;
use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::{
    OCTETS, Unread, binary,
    charset::{self, Charset},
    media_type::MediaType,
    read_json, single,
};

/// How many fields and files a form may have.
const MOST_PARTS: usize = 1_000;
/// The field in which a form names its own charset, as browsers fill it in.
const CHARSET_FIELD: &str = "_charset_";

/// A form as browsers send it.
pub(super) fn urlencoded(said: Option<Charset>, body: &Bytes) -> Result<Value, Unread> {
    // What has two bytes for a letter has no escapes of bytes, so it is text first.
    let (said, body) = match said.filter(|charset| !charset.is_ascii_compatible()) {
        Some(_) => (None, charset::utf8(said, body)?),
        None => (said, charset::without_mark(body)),
    };
    // `curl -d '{"qty":4}'` calls its JSON a form. No form field begins with a bracket unescaped, so the two cannot be
    // mistaken for each other.
    if matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return read_json(&charset::utf8(said, &body)?);
    }
    let own = || split(&body).find(|(name, _)| *name == CHARSET_FIELD.as_bytes()).map(|(_, value)| value);
    let charset = match (said, own()) {
        (Some(said), _) => said,
        (None, Some(own)) => charset::named(&String::from_utf8_lossy(own))?,
        (None, None) => UTF_8,
    };
    pairs(charset, &body).map(gathered).map(Value::Object)
}

/// The parameters of an address, in order.
pub(crate) fn query(text: &str) -> Result<Vec<(String, String)>, Unread> {
    pairs(UTF_8, text.as_bytes())
}

fn pairs(charset: Charset, text: &[u8]) -> Result<Vec<(String, String)>, Unread> {
    few(split(text).count())?;
    split(text).map(|(name, value)| Ok((unescaped(charset, name)?, unescaped(charset, value)?))).collect()
}

fn split(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=');
        at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]))
    })
}

fn unescaped(charset: Charset, text: &[u8]) -> Result<String, Unread> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    charset::decoded(charset, &bytes).map(std::borrow::Cow::into_owned)
}

/// Names with values, or with lists of them.
pub(crate) fn gathered(pairs: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in pairs {
        add(&mut map, name, value.into());
    }
    map
}

/// A name that comes again makes a list.
fn add(map: &mut Map<String, Value>, name: String, value: Value) {
    match map.get_mut(&name) {
        None => {
            map.insert(name, value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn few(count: usize) -> Result<(), Unread> {
    if count > MOST_PARTS {
        return Err(Unread::malformed(format!("it has more than {MOST_PARTS} fields; send fewer")));
    }
    Ok(())
}

/// One field or file.
struct Part {
    name: String,
    file: Option<String>,
    kind: Option<MediaType>,
    body: Bytes,
}

/// A form of parts, each with a content type of its own where it says one.
pub(super) async fn multipart(kind: &MediaType, body: Bytes) -> Result<Value, Unread> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let said = kind.charset()?;
    let parts = parts(kind, body).await?;
    let own = parts.iter().find(|part| part.name == CHARSET_FIELD && part.file.is_none());
    let own = own.map(|part| charset::named(&String::from_utf8_lossy(&part.body))).transpose()?;
    let default = own.or(said);
    let mut fields = Map::new();
    for Part { name, file, kind, body } in parts {
        let value = match (&kind, &file) {
            (kind, Some(file)) => binary(kind.as_ref().map_or(OCTETS, MediaType::essence), Some(file), &body),
            (Some(kind), None) if kind.charset()?.is_some() || !kind.is_plain_text() => single(Some(kind), &body)?,
            (_, None) => charset::text(default, &body)?.into(),
        };
        add(&mut fields, name, value);
    }
    Ok(Value::Object(fields))
}

async fn parts(kind: &MediaType, body: Bytes) -> Result<Vec<Part>, Unread> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        Unread::malformed(format!("it is not the form that its content type announces: {cause}"))
    };
    let boundary = kind.boundary().ok_or_else(|| unreadable(&"there is no boundary"))?;
    let stream = futures::stream::once(async { Ok::<_, Infallible>(body) });
    let mut form = multer::Multipart::new(stream, boundary);
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.map_err(|cause| unreadable(&cause))? {
        few(parts.len() + 1)?;
        parts.push(Part {
            name: part.name().unwrap_or_default().to_owned(),
            file: part.file_name().map(str::to_owned),
            kind: part.content_type().cloned().map(MediaType::from),
            body: part.bytes().await.map_err(|cause| unreadable(&cause))?,
        });
    }
    Ok(parts)
}
