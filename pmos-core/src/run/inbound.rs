//! What a webhook received, as the flow sees it.

use std::convert::Infallible;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use mime::Mime;
use serde_json::{Map, Value, json};

use super::{MASKED, is_sensitive_header};
use crate::{
    Error, Kind, Result,
    json::{Unread, read},
};

/// How many fields and files a form may have.
const MOST_PARTS: usize = 1_000;

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
    /// Keep the body as it came, too: base64 in `raw`, for flows that pass it on byte for byte.
    pub raw: bool,
}

impl InboundRequest {
    /// What the trigger of a flow gives: `{method, headers, query, body, raw?}`.
    ///
    /// The body follows its content type: JSON; a form as an object of its fields, files as
    /// `{name, type, size, base64}`; text; `null` when there is none; anything else as base64. Headers, query
    /// parameters and fields that came several times are lists. Header names are in lower case, and the values of those
    /// that carry credentials, cookies or signatures are masked: what is returned is safe to record.
    ///
    /// # Errors
    /// [`Error`] of kind `Malformed` when the body is not what its content type says.
    pub async fn received(self) -> Result<Value> {
        let raw = self.raw.then(|| BASE64_STANDARD.encode(&self.body));
        let content_type = self.header("content-type").and_then(|value| value.parse::<Mime>().ok());
        let mut headers = Map::new();
        for (name, value) in &self.headers {
            let name = name.to_ascii_lowercase();
            let value = if is_sensitive_header(&name) { MASKED.into() } else { String::from_utf8_lossy(value) };
            add(&mut headers, name, value.into_owned().into());
        }
        let query = pairs(self.query.as_deref().unwrap_or_default().as_bytes());
        let body = body(content_type, self.body).await?;
        let mut received = json!({"method": self.method, "headers": headers, "query": query, "body": body});
        if let Some(raw) = raw {
            received["raw"] = raw.into();
        }
        Ok(received)
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        std::str::from_utf8(value).ok()
    }
}

async fn body(content_type: Option<Mime>, body: Bytes) -> Result<Value> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let Some(content_type) = content_type else {
        return Ok(unlabelled(&body));
    };
    match (content_type.type_().as_str(), content_type.subtype().as_str(), content_type.suffix()) {
        (_, "json", _) | (_, _, Some(mime::JSON)) => json(&body),
        ("application", "x-www-form-urlencoded", _) => form(&body),
        ("multipart", "form-data", _) => multipart(&content_type, body).await,
        ("text", ..) | ("application", "xml" | "javascript", _) | (_, _, Some(mime::XML)) => Ok(text(&body)),
        _ => Ok(BASE64_STANDARD.encode(&body).into()),
    }
}

fn malformed(detail: impl Into<String>) -> Error {
    let detail = detail.into();
    Error::new(Kind::Malformed, "malformed_body", detail.clone()).at("body", detail)
}

fn json(body: &[u8]) -> Result<Value> {
    read(body).map_err(|cause| match cause {
        Unread::Garbled(cause) => malformed(format!(
            "The body is not the JSON its content type announces: {cause}. Correct it or send another type."
        )),
        other => malformed(format!("The JSON body cannot be taken: {other}.")),
    })
}

/// Without a type: JSON when it is an object or a list, as `curl -d` and many senders leave the type wrong or out.
fn unlabelled(body: &[u8]) -> Value {
    match json(body) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
        _ => text(body),
    }
}

/// Text, or base64 when it is not UTF-8.
fn text(body: &[u8]) -> Value {
    std::str::from_utf8(body).map_or_else(|_| BASE64_STANDARD.encode(body), str::to_owned).into()
}

/// `curl -d '{"qty":4}'` calls its JSON a form. No form field begins with a bracket unescaped, so the two cannot be
/// mistaken for each other.
fn form(body: &[u8]) -> Result<Value> {
    if matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return json(body);
    }
    Ok(Value::Object(pairs(body)))
}

fn pairs(text: &[u8]) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in form_urlencoded::parse(text) {
        add(&mut map, name.into_owned(), value.into_owned().into());
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

async fn multipart(content_type: &Mime, body: Bytes) -> Result<Value> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        malformed(format!(
            "The body is not the form its content type announces: {cause}. Send it as multipart/form-data with a boundary."
        ))
    };
    let boundary = content_type.get_param(mime::BOUNDARY).ok_or_else(|| unreadable(&"there is no boundary"))?;
    let stream = futures::stream::once(async { Ok::<_, Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary.as_str());
    let mut fields = Map::new();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(|cause| unreadable(&cause))? {
        count += 1;
        if count > MOST_PARTS {
            return Err(malformed(format!("The form has more than {MOST_PARTS} fields; send fewer.")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let kind = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(|cause| unreadable(&cause))?;
        let value = match file {
            Some(file) => {
                json!({"name": file, "type": kind, "size": bytes.len(), "base64": BASE64_STANDARD.encode(&bytes)})
            }
            None => text(&bytes),
        };
        add(&mut fields, name, value);
    }
    Ok(Value::Object(fields))
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
        InboundRequest { method: "POST".to_owned(), headers, query: None, body: body.to_vec().into(), raw: false }
    }

    const FORM: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n\
        --x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x--\r\n";

    #[rstest]
    #[case::json("application/json", b"{\"qty\":4}", json!({"qty": 4}))]
    #[case::json_with_charset("application/json; charset=utf-8", b"[1]", json!([1]))]
    #[case::json_suffix("application/vnd.api+json", b"true", json!(true))]
    #[case::form("application/x-www-form-urlencoded", b"a=1&b=x+y&a=%C3%A9", json!({"a": ["1", "é"], "b": "x y"}))]
    #[case::json_called_form("application/x-www-form-urlencoded", b"{\"qty\":4}", json!({"qty": 4}))]
    #[case::multipart("multipart/form-data; boundary=x", FORM, json!({"a": ["1", "2"], "f": {"name": "n.txt", "type": "text/plain", "size": 2, "base64": "aGk="}}))]
    #[case::text("text/plain", "naïve".as_bytes(), json!("naïve"))]
    #[case::xml("application/xml", b"<a/>", json!("<a/>"))]
    #[case::text_not_utf8("text/plain", b"\xff", json!("/w=="))]
    #[case::binary("application/octet-stream", b"\x00\x01", json!("AAE="))]
    #[case::empty("application/json", b"", json!(null))]
    #[case::no_type_json("", b" {\"a\":1}", json!({"a": 1}))]
    #[case::no_type_text("", b"12", json!("12"))]
    #[case::strange_type("!!", b"hello", json!("hello"))]
    #[tokio::test]
    async fn a_body_follows_its_content_type(#[case] content_type: &str, #[case] body: &[u8], #[case] expected: Value) {
        assert_eq!(request(content_type, body).received().await.unwrap()["body"], expected);
    }

    #[rstest]
    #[case::json("application/json", b"{\"qty\":", "not the JSON")]
    #[case::not_utf8("application/json", b"\"\xff\"", "not the JSON")]
    #[case::json_called_form("application/x-www-form-urlencoded", b"{", "not the JSON")]
    #[case::no_boundary("multipart/form-data", b"x", "no boundary")]
    #[case::cut_off("multipart/form-data; boundary=x", b"--x\r\nContent-Dis", "not the form")]
    #[tokio::test]
    async fn a_broken_body_is_refused_with_the_reason(
        #[case] content_type: &str,
        #[case] body: &[u8],
        #[case] reason: &str,
    ) {
        let error = request(content_type, body).received().await.unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_str()), (Kind::Malformed, "body"));
        assert!(error.detail().contains(reason), "{error}");
    }

    #[tokio::test]
    async fn a_body_may_nest_64_levels_and_no_more() {
        let nested = |levels| [vec![b'['; levels], vec![b']'; levels]].concat();
        assert!(request("application/json", &nested(64)).received().await.is_ok());
        assert!(request("application/json", &nested(65)).received().await.unwrap_err().detail().contains("64 levels"));
        assert!(request("application/json", &vec![b'['; 1 << 20]).received().await.is_err());
        let quoted = format!("\"{}\"", "[".repeat(100));
        assert!(request("application/json", quoted.as_bytes()).received().await.is_ok());
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
        let request = InboundRequest { method: "GET".to_owned(), headers, query, body: Bytes::new(), raw: false };
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
        ]);
        let text = prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat().into_bytes());
        let body = prop_oneof![text, prop::collection::vec(any::<u8>(), 0..100)];
        let headers = prop::collection::vec((".{0,12}", prop::collection::vec(any::<u8>(), 0..12)), 0..4);
        (kinds, body, headers, prop::option::of(".{0,20}"), any::<bool>()).prop_map(
            |(kind, body, headers, query, raw)| {
                let mut request = request(kind, &body);
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
                prop_assert_eq!(error.kind(), Kind::Malformed);
            }
        }
    }
}
