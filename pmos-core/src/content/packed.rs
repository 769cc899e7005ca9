//! What came packed.

use std::io::{self, ErrorKind, Read};

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

use super::Unread;

/// What a brotli reader reads ahead.
const AHEAD: usize = 4 * 1024;
/// How a brotli begins that refers back up to 1 GiB, which is reserved at once; on the web none does (RFC 7932).
const WIDE_BROTLI: u8 = 0x11;
/// How far back the packed form of zstd may refer on the web (RFC 9659); it is reserved before a byte is read.
const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;
/// In how many ways one after the other a body may be packed.
const MOST_LAYERS: usize = 4;

/// A body without the packing that its `Content-Encoding` headers name, in their order.
///
/// # Errors
/// [`Unread`] when one is not known, the body is not packed as it says, or any stage is larger than `limit` bytes: reading
/// ends there, so a small body that unpacks to a large one costs nothing more.
pub fn unpacked<'h>(encodings: impl IntoIterator<Item = &'h str>, body: Bytes, limit: usize) -> Result<Bytes, Unread> {
    let names = encodings.into_iter().flat_map(|header| header.split(',')).map(str::trim);
    let names: Vec<&str> = names.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity")).collect();
    if names.len() > MOST_LAYERS {
        return Err(Unread::malformed(format!("it is packed more than {MOST_LAYERS} times")));
    }
    // Nothing is nothing, however it is said to be packed: answers to HEAD say so.
    names
        .into_iter()
        .rev()
        .try_fold(body, |body, name| if body.is_empty() { Ok(body) } else { layer(name, &body, limit) })
}

fn layer(name: &str, body: &[u8], limit: usize) -> Result<Bytes, Unread> {
    let mut read = Vec::new();
    match name.to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => collect(MultiGzDecoder::new(body), &mut read, limit),
        // Half of the senders of deflate leave its frame out.
        "deflate" if is_zlib(body) => collect(ZlibDecoder::new(body), &mut read, limit),
        "deflate" => collect(DeflateDecoder::new(body), &mut read, limit),
        "br" if body.first().is_some_and(|first| first & 0x7f == WIDE_BROTLI) => Err(ErrorKind::InvalidData.into()),
        "br" => collect(Decompressor::new(body, AHEAD), &mut read, limit),
        "zstd" => zstd(body, &mut read, limit),
        _ => return Err(Unread::encoding(name)),
    }
    .map_err(|_| Unread::malformed(format!("it is not the {name} that it says it is")))?;
    if read.len() > limit {
        return Err(Unread::TooLarge(limit));
    }
    Ok(read.into())
}

fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31))
}

/// Reads to the end, or one byte beyond the limit.
fn collect(packed: impl Read, into: &mut Vec<u8>, limit: usize) -> io::Result<()> {
    let most = u64::try_from((limit + 1).saturating_sub(into.len())).unwrap_or(u64::MAX);
    packed.take(most).read_to_end(into).map(drop)
}

/// One frame after the other.
fn zstd(mut body: &[u8], into: &mut Vec<u8>, limit: usize) -> io::Result<()> {
    while !body.is_empty() && into.len() <= limit {
        let frame = StreamingDecoder::new_with_max_window_size(&mut body, ZSTD_WINDOW).map_err(io::Error::other)?;
        collect(frame, into, limit)?;
    }
    Ok(())
}
