//! Why bytes could not be read.

use crate::{Error, Kind};

/// Why a body is not what is said of it, in plain language and without anything of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is in a charset that is not known.
    #[error("the charset \"{0}\" is not known; UTF-8 always is")]
    Charset(String),
    /// It is packed in a way that is not known.
    #[error("the content encoding \"{0}\" is not known; gzip, deflate, br and zstd are")]
    Encoding(String),
    /// Unpacked it is larger than so many bytes.
    #[error("unpacked it is larger than the {0} bytes allowed")]
    TooLarge(usize),
    /// It is not the JSON that it is said to be.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// It is not what is said of it.
    #[error("{0}")]
    Malformed(String),
}

/// How much of a name that is not known is told.
const TOLD: usize = 40;

impl Unread {
    pub(super) fn charset(name: &str) -> Self {
        Self::Charset(name.chars().take(TOLD).collect())
    }

    pub(super) fn encoding(name: &str) -> Self {
        Self::Encoding(name.chars().take(TOLD).collect())
    }

    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Malformed(why.into())
    }
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        let detail = format!("The body cannot be read: {unread}.");
        let error = match unread {
            Unread::Charset(_) => Self::new(Kind::UnknownForm, "unknown_charset", detail.clone()),
            Unread::Encoding(_) => Self::new(Kind::UnknownForm, "unknown_encoding", detail.clone()),
            Unread::TooLarge(_) => Self::new(Kind::TooLarge, "too_large", detail.clone()),
            Unread::NotJson(_) | Unread::Malformed(_) => Self::new(Kind::Malformed, "malformed_body", detail.clone()),
        };
        error.at("body", detail)
    }
}
