//! What a content type says.

use mime::Mime;

use super::{
    Unread,
    charset::{self, Charset},
};

/// Types that are text although they do not say so.
const TEXTS: [&str; 11] =
    ["graphql", "javascript", "jsonl", "ndjson", "sql", "toml", "x-javascript", "x-ndjson", "x-yaml", "xml", "yaml"];

/// A content type.
#[derive(Debug, Clone)]
pub(super) struct MediaType(Mime);

/// How a body of a type is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Json,
    Form,
    Multipart,
    Text,
    Binary,
}

impl MediaType {
    /// The type in a header; one with parameters that cannot be read counts without them.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let bare = || header.split(';').next().unwrap_or_default().trim().parse();
        header.trim().parse().or_else(|_| bare()).ok().map(Self)
    }

    pub(super) fn reading(&self) -> Reading {
        match (self.0.type_().as_str(), self.0.subtype().as_str(), self.0.suffix()) {
            (_, "json", _) | (_, _, Some(mime::JSON)) => Reading::Json,
            ("application", "x-www-form-urlencoded", _) => Reading::Form,
            ("multipart", "form-data", _) => Reading::Multipart,
            ("text", ..) | (_, _, Some(mime::XML)) => Reading::Text,
            ("application", subtype, _) if TEXTS.contains(&subtype) => Reading::Text,
            // What has a charset is text.
            _ if self.0.get_param(mime::CHARSET).is_some() => Reading::Text,
            _ => Reading::Binary,
        }
    }

    /// Whether its bytes cannot be told by any text.
    pub(super) fn is_media(&self) -> bool {
        let media = matches!(self.0.type_().as_str(), "image" | "audio" | "video" | "font");
        media && self.reading() == Reading::Binary
    }

    /// Whether a reader has to be told its charset.
    pub(super) fn is_text(&self) -> bool {
        self.0.type_() == mime::TEXT
    }

    pub(super) fn is_plain_text(&self) -> bool {
        self.0.essence_str() == mime::TEXT_PLAIN
    }

    pub(super) fn is_xml(&self) -> bool {
        self.0.subtype() == mime::XML || self.0.suffix() == Some(mime::XML)
    }

    /// Without parameters.
    pub(super) fn essence(&self) -> &str {
        self.0.essence_str()
    }

    pub(super) fn boundary(&self) -> Option<&str> {
        self.0.get_param(mime::BOUNDARY).map(|boundary| boundary.as_str())
    }

    /// The charset that it names.
    ///
    /// # Errors
    /// When that is not known.
    pub(super) fn charset(&self) -> Result<Option<Charset>, Unread> {
        let named = self.0.get_param(mime::CHARSET);
        // Some senders write it in quotes of programs.
        let named = named.as_ref().map(|name| name.as_str().trim_matches(['\'', '"', ' ']));
        named.filter(|name| !name.is_empty()).map(charset::named).transpose()
    }
}

impl From<Mime> for MediaType {
    fn from(mime: Mime) -> Self {
        Self(mime)
    }
}
