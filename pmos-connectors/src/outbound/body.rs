//! Reading a response without believing its length.

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt};
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
