//! What a webhook received, as the flow sees it.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{MASKED, is_sensitive_header};
use crate::{
    Error, Kind, Result,
    content::{Content, gathered, header_text, query, unpacked},
};

/// A request to a webhook, as it came over the wire. The caller has capped its size.
#[derive(Debug, Clone)]
pub struct InboundRequest {
    /// In capitals, as `POST`.
    pub method: String,
    /// Names in any case, values as they came, in order.
    pub headers: Vec<(String, Bytes)>,
    /// What followed the question mark.
    pub query: Option<String>,
    /// The body.
    pub body: Bytes,
    /// The most bytes that the body may have when it is unpacked.
    pub body_limit: usize,
    /// Keep the body as it came, too: base64 in `raw`, for flows that pass it on byte for byte.
    pub raw: bool,
}

impl InboundRequest {
    /// What the trigger of a flow gives: `{method, headers, query, body, raw?}`.
    ///
    /// The body follows its content encoding and content type, see [`Content::value`]. Headers, query parameters and fields
    /// that came several times are lists. Header names are in lower case, and the values of those that carry credentials,
    /// cookies or signatures are masked: what is returned is safe to record.
    ///
    /// # Errors
    /// [`Error`] of kind `Malformed` when the body is not what is said of it, `UnknownForm` when it is in a charset or an
    /// encoding that is not read, `TooLarge` when it is unpacked.
    pub async fn received(self) -> Result<Value> {
        let raw = self.raw.then(|| BASE64_STANDARD.encode(&self.body));
        let headers = gathered(self.headers.iter().map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let value = if is_sensitive_header(&name) { MASKED.into() } else { header_text(value) };
            (name, value.into_owned())
        }));
        let query = query(self.query.as_deref().unwrap_or_default()).map_err(|unread| {
            let detail = format!("The query of the address cannot be read: {unread}.");
            Error::new(Kind::Malformed, "malformed", detail.clone()).at("query", detail)
        })?;
        let query = gathered(query);
        let body = self.content()?.value().await?;
        let mut received = json!({"method": self.method, "headers": headers, "query": query, "body": body});
        if let Some(raw) = raw {
            received["raw"] = raw.into();
        }
        Ok(received)
    }

    fn content(&self) -> Result<Content> {
        let encodings = self.all("content-encoding").map(|value| str::from_utf8(value).unwrap_or("?"));
        let body = unpacked(encodings, self.body.clone(), self.body_limit)?;
        Ok(Content::new(self.text("content-type"), body))
    }

    /// The first of the headers of this name, where it is text.
    pub(super) fn text(&self, wanted: &str) -> Option<&str> {
        self.all(wanted).next().and_then(|value| str::from_utf8(value).ok())
    }

    fn all(&self, wanted: &str) -> impl Iterator<Item = &Bytes> {
        self.headers.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn request(content_type: &str, body: &[u8]) -> InboundRequest {
        let headers = if content_type.is_empty() {
            vec![]
        } else {
            vec![("Content-Type".to_owned(), content_type.to_owned().into())]
        };
        InboundRequest {
            method: "POST".to_owned(),
            headers,
            query: None,
            body: body.to_vec().into(),
            body_limit: 1 << 20,
            raw: false,
        }
    }

    #[rstest]
    #[case::json("application/json", b"{\"qty\":", "malformed_body")]
    #[case::charset("text/plain; charset=klingon", b"x", "unknown_charset")]
    #[tokio::test]
    async fn a_body_that_cannot_be_read_is_refused_at_its_field(
        #[case] content_type: &str,
        #[case] body: &[u8],
        #[case] code: &str,
    ) {
        let error = request(content_type, body).received().await.unwrap_err();
        assert_eq!((error.code(), error.fields()[0].field.as_str()), (code, "body"));
    }

    #[tokio::test]
    async fn a_query_that_is_not_utf8_is_refused_and_a_header_is_read_as_latin1() {
        let mut request = request("", b"");
        request.headers.push(("X-City".to_owned(), b"K\xf6ln".as_slice().into()));
        assert_eq!(request.clone().received().await.unwrap()["headers"]["x-city"], "Köln");
        request.query = Some("q=caf%E9".to_owned());
        assert_eq!(request.received().await.unwrap_err().fields()[0].field, "query");
    }

    #[tokio::test]
    async fn what_came_several_times_is_a_list_and_secrets_are_masked() {
        let headers = [
            ("X-A", "1"),
            ("x-a", "2"),
            ("Authorization", "Bearer s3cret"),
            ("Cookie", "a=s3cret"),
            ("X-Hub-Signature-256", "s3cret"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.into())).to_vec();
        let query = Some("q=1&q=2&r=".to_owned());
        let request =
            InboundRequest { method: "GET".to_owned(), headers, query, body: Bytes::new(), body_limit: 0, raw: false };
        let received = request.received().await.unwrap();
        let expected =
            json!({"x-a": ["1", "2"], "authorization": "***", "cookie": "***", "x-hub-signature-256": "***"});
        assert_eq!(
            received,
            json!({"method": "GET", "headers": expected, "query": {"q": ["1", "2"], "r": ""}, "body": null})
        );
    }

    #[tokio::test]
    async fn the_body_as_it_came_is_kept_on_demand() {
        let mut request = request("application/json", b"{ }");
        request.raw = true;
        assert_eq!(request.received().await.unwrap()["raw"], "eyB9");
    }

    fn anything() -> impl Strategy<Value = InboundRequest> {
        let kinds = prop::sample::select(vec![
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "text/plain; charset=latin1",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded; charset=shift_jis",
            "text/plain; charset=klingon",
            "image/png",
            "",
            ";;",
        ]);
        let pieces = prop::sample::select(vec![
            "--x",
            "\r\n",
            "--",
            "Content-Disposition: form-data; name=\"a\"",
            "; filename=\"",
            "{",
            "}",
            "[",
            "\"",
            "\\",
            "a=1",
            "&",
            "%",
            "%ff",
            "\u{0}",
            "é",
            "\u{feff}",
            "_charset_=",
        ]);
        let text = prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat().into_bytes());
        let body = prop_oneof![text, prop::collection::vec(any::<u8>(), 0..100)];
        let headers = prop::collection::vec((".{0,12}", prop::collection::vec(any::<u8>(), 0..12)), 0..4);
        let packings = prop::sample::select(vec!["", "gzip", "deflate", "br", "zstd", "gzip, br", "lzw"]);
        (kinds, packings, body, headers, prop::option::of(".{0,20}"), any::<bool>()).prop_map(
            |(kind, packing, body, headers, query, raw)| {
                let mut request = request(kind, &body);
                request.headers.push(("content-encoding".to_owned(), packing.into()));
                request.headers.extend(headers.into_iter().map(|(name, value)| (name, value.into())));
                InboundRequest { query, raw, ..request }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn no_request_brings_the_reader_down(request in anything()) {
            let received = futures::executor::block_on(request.received());
            if let Err(error) = received {
                prop_assert!(matches!(error.kind(), Kind::Malformed | Kind::UnknownForm), "{}", error);
            }
        }
    }
}
