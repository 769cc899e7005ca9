//! Reading a response without believing its length.

use bytes::{Bytes, BytesMut};
use reqwest::Response;

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
