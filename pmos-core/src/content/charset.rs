//! From the bytes of a charset to text. A byte that has no meaning is an error and never a replacement character.

use std::borrow::Cow;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, mem::decode_latin1};

use super::Unread;

/// A charset with its name.
pub(super) type Charset = &'static Encoding;

/// The charset of this name.
pub(super) fn named(name: &str) -> Result<Charset, Unread> {
    Encoding::for_label_no_replacement(name.as_bytes()).ok_or_else(|| Unread::charset(name))
}

/// The charset of a text and the text without its byte order mark, which counts for more than what is said of it.
fn marked(said: Option<Charset>, body: &[u8]) -> (Charset, usize) {
    Encoding::for_bom(body).unwrap_or((said.unwrap_or(UTF_8), 0))
}

/// UTF-8 without the byte order mark, where there is one.
pub(super) fn without_mark(body: &Bytes) -> Bytes {
    body.strip_prefix(b"\xef\xbb\xbf").map_or_else(|| body.clone(), |rest| body.slice_ref(rest))
}

/// A text.
pub(super) fn text(said: Option<Charset>, body: &[u8]) -> Result<String, Unread> {
    let (charset, mark) = marked(said, body);
    decoded(charset, &body[mark..]).map(Cow::into_owned)
}

/// The value of a header: UTF-8, or Latin-1 as in the beginnings of HTTP.
pub fn header_text(value: &[u8]) -> Cow<'_, str> {
    str::from_utf8(value).map_or_else(|_| decode_latin1(value), Cow::from)
}

/// A text in its charset.
pub(super) fn decoded(charset: Charset, text: &[u8]) -> Result<Cow<'_, str>, Unread> {
    charset.decode_without_bom_handling_and_without_replacement(text).ok_or_else(|| {
        let name = charset.name();
        Unread::malformed(format!("it is not {name}; name its charset in the content type, or send it in UTF-8"))
    })
}

/// A text in UTF-8; what says that it is UTF-8 already is not looked at.
pub(super) fn utf8(said: Option<Charset>, body: &Bytes) -> Result<Bytes, Unread> {
    let (charset, mark) = marked(said, body);
    if charset == UTF_8 {
        return Ok(body.slice(mark..));
    }
    Ok(Bytes::from(decoded(charset, &body[mark..])?.into_owned()))
}

/// The bytes of a text in a charset.
///
/// # Errors
/// Why it cannot be written in it.
pub(super) fn encoded(charset: Charset, text: &str) -> Result<Cow<'_, [u8]>, String> {
    let name = charset.name();
    let (bytes, used, unmapped) = charset.encode(text);
    if used != charset {
        return Err(format!("cannot be written in {name}; use UTF-8"));
    }
    if unmapped {
        return Err(format!("has characters that {name} does not have; use UTF-8"));
    }
    Ok(bytes)
}
