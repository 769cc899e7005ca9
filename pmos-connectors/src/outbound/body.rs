//! Reading a response without believing its length.

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};
use pmos_core::content::{self, Unread};
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::error::ErrorKind;
use super::wire;

/// What a body may reserve before its bytes have come.
const FIRST_RESERVE: usize = 64 * 1024;

/// Collects the body, and gives up as soon as it is known to be larger than `limit`. Dropping the response
/// then closes its connection, so an endless body costs nothing further.
pub(super) async fn read(mut response: Response, limit: usize) -> Result<Bytes, ErrorKind> {
    let too_large = || ErrorKind::ResponseTooLarge { limit };
    let announced = match response.content_length().map(usize::try_from) {
        Some(Ok(length)) if length <= limit => length,
        Some(_) => return Err(too_large()),
        None => 0,
    };
    let mut body = BytesMut::with_capacity(announced.min(FIRST_RESERVE));
    while let Some(chunk) = response.chunk().await.map_err(wire::broken)? {
        if chunk.len() > limit - body.len() {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The body without its packing: we ask for none, and some services pack all the same. The headers do not speak of it
/// any more then.
pub(super) fn unpacked(headers: &mut HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, ErrorKind> {
    if !headers.contains_key(CONTENT_ENCODING) {
        return Ok(body);
    }
    let encodings = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    let body = content::unpacked(encodings, body, limit).map_err(|unread| match unread {
        Unread::TooLarge(limit) => ErrorKind::ResponseTooLarge { limit },
        other => ErrorKind::Unreadable(other),
    })?;
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    Ok(body)
}

/// Passes the body on as it arrives, until `end`, and breaks off as soon as it is larger than `limit`.
pub(super) fn pass_on(response: Response, limit: usize, end: Instant) -> BoxStream<'static, Result<Bytes, ErrorKind>> {
    let begun = Instant::now();
    stream::try_unfold((response, limit), move |(mut response, left)| async move {
        let late = |_| ErrorKind::Timeout { after: end - begun };
        match timeout_at(end, response.chunk()).await.map_err(late)?.map_err(wire::broken)? {
            None => Ok(None),
            Some(chunk) if chunk.len() > left => Err(ErrorKind::ResponseTooLarge { limit }),
            Some(chunk) => {
                let left = left - chunk.len();
                Ok(Some((chunk, (response, left))))
            }
        }
    })
    .boxed()
}
