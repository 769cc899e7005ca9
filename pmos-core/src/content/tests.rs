use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use rstest::rstest;
use serde_json::json;

use super::*;

fn value(content_type: &str, body: &[u8]) -> Result<Value, Unread> {
    let content_type = Some(content_type).filter(|kind| !kind.is_empty());
    futures::executor::block_on(Content::new(content_type, body.to_vec()).value())
}

const FORM: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n\
    --x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x--\r\n";

/// A form of one part without a file name.
fn part(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n{headers}\r\n");
    [head.as_bytes(), body, b"\r\n--x--\r\n"].concat()
}

#[rstest]
#[case::json("application/json", b"{\"qty\":4}", json!({"qty": 4}))]
#[case::json_with_charset("application/json; charset=utf-8", b"[1]", json!([1]))]
#[case::json_suffix("application/vnd.api+json", b"true", json!(true))]
#[case::form("application/x-www-form-urlencoded", b"a=1&b=x+y&a=%C3%A9&c", json!({"a": ["1", "é"], "b": "x y", "c": ""}))]
#[case::json_called_form("application/x-www-form-urlencoded", b"{\"qty\":4}", json!({"qty": 4}))]
#[case::multipart("multipart/form-data; boundary=x", FORM, json!({"a": ["1", "2"], "f": {"binary": true, "name": "n.txt", "type": "text/plain", "size": 2, "base64": "aGk="}}))]
#[case::text("text/plain", "naïve".as_bytes(), json!("naïve"))]
#[case::xml("application/xml", b"<a/>", json!("<a/>"))]
#[case::lines_of_json("application/x-ndjson", b"{}\n{}", json!("{}\n{}"))]
#[case::binary("application/octet-stream", b"\x00\x01", json!({"binary": true, "type": "application/octet-stream", "size": 2, "base64": "AAE="}))]
#[case::image("image/png", b"\x89PNG", json!({"binary": true, "type": "image/png", "size": 4, "base64": "iVBORw=="}))]
#[case::vector_image("image/svg+xml", b"<svg/>", json!("<svg/>"))]
#[case::empty("application/json", b"", json!(null))]
#[case::empty_image("image/png", b"", json!(null))]
#[case::no_type_json("", b" {\"a\":1}", json!({"a": 1}))]
#[case::no_type_text("", b"12", json!("12"))]
#[case::no_type_binary("", b"\xff\xfe\x00", json!({"binary": true, "type": "application/octet-stream", "size": 3, "base64": "//4A"}))]
#[case::strange_type("!!", b"hello", json!("hello"))]
#[case::open_parameter("text/plain; charset=", b"hello", json!("hello"))]
#[case::bare_semicolon("application/json;", b"[1]", json!([1]))]
fn a_body_follows_its_content_type(#[case] content_type: &str, #[case] body: &[u8], #[case] expected: Value) {
    assert_eq!(value(content_type, body).unwrap(), expected);
}

#[rstest]
#[case::text("text/plain; charset=iso-8859-1", b"caf\xe9", json!("café"))]
#[case::quoted("text/plain; charset=\"ISO-8859-1\"", b"caf\xe9", json!("café"))]
#[case::single_quotes("text/plain; charset='iso-8859-1'", b"caf\xe9", json!("café"))]
#[case::windows("text/csv; charset=windows-1252", b"5 \x80", json!("5 €"))]
#[case::xml("application/xml; charset=latin1", b"<a>\xe9</a>", json!("<a>é</a>"))]
#[case::json("application/json; charset=iso-8859-1", b"{\"a\":\"caf\xe9\"}", json!({"a": "café"}))]
#[case::json_utf16("application/json; charset=utf-16le", b"[\x001\x00]\x00", json!([1]))]
#[case::form_raw("application/x-www-form-urlencoded; charset=iso-8859-1", b"a=caf\xe9", json!({"a": "café"}))]
#[case::form_escaped("application/x-www-form-urlencoded; charset=iso-8859-1", b"n%E9=caf%E9", json!({"né": "café"}))]
#[case::form_names_it("application/x-www-form-urlencoded", b"a=caf%E9&_charset_=iso-8859-1", json!({"a": "café", "_charset_": "iso-8859-1"}))]
#[case::form_japanese("application/x-www-form-urlencoded; charset=shift_jis", b"a=%93%FA", json!({"a": "日"}))]
#[case::unknown_type_with_charset("application/edi; charset=iso-8859-1", b"\xe9", json!("é"))]
fn text_is_read_in_its_charset(#[case] content_type: &str, #[case] body: &[u8], #[case] expected: Value) {
    assert_eq!(value(content_type, body).unwrap(), expected);
}

#[rstest]
#[case::own("Content-Type: text/plain; charset=iso-8859-1\r\n", b"caf\xe9", "multipart/form-data; boundary=x", json!("café"))]
#[case::of_the_form("", b"caf\xe9", "multipart/form-data; boundary=x; charset=iso-8859-1", json!("café"))]
#[case::json("Content-Type: application/json\r\n", b"{\"b\":1}", "multipart/form-data; boundary=x", json!({"b": 1}))]
#[case::image("Content-Type: image/png\r\n", b"\x89", "multipart/form-data; boundary=x", json!({"binary": true, "type": "image/png", "size": 1, "base64": "iQ=="}))]
fn a_field_of_a_form_is_read_as_it_says(
    #[case] headers: &str,
    #[case] body: &[u8],
    #[case] content_type: &str,
    #[case] expected: Value,
) {
    assert_eq!(value(content_type, &part(headers, body)).unwrap()["a"], expected);
}

#[test]
fn a_form_of_parts_may_name_its_charset_in_a_field() {
    let form = b"--x\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\niso-8859-1\r\n\
        --x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncaf\xe9\r\n--x--\r\n";
    assert_eq!(value("multipart/form-data; boundary=x", form).unwrap()["a"], "café");
}

#[rstest]
#[case::json("application/json", b"\xef\xbb\xbf{\"a\":1}", json!({"a": 1}))]
#[case::form("application/x-www-form-urlencoded", b"\xef\xbb\xbfa=1", json!({"a": "1"}))]
#[case::text("text/plain", b"\xef\xbb\xbfhi", json!("hi"))]
#[case::no_type("", b"\xef\xbb\xbf[1]", json!([1]))]
#[case::json_called_form("application/x-www-form-urlencoded", b"\xef\xbb\xbf[1]", json!([1]))]
#[case::utf16("application/json", b"\xff\xfe[\x001\x00]\x00", json!([1]))]
#[case::against_the_label("text/plain; charset=iso-8859-1", b"\xef\xbb\xbf\xc3\xa9", json!("é"))]
#[case::nothing_else("application/json", b"\xef\xbb\xbf", json!(null))]
fn a_byte_order_mark_is_no_part_of_the_text(#[case] content_type: &str, #[case] body: &[u8], #[case] expected: Value) {
    assert_eq!(value(content_type, body).unwrap(), expected);
}

#[rstest]
#[case(b" \r\n")]
#[case(b"\n")]
#[case(b"\t\t")]
#[case(b"\xef\xbb\xbf \n")]
fn announced_json_of_white_space_is_no_body(#[case] body: &[u8]) {
    assert_eq!(value("application/json", body).unwrap(), Value::Null);
}

#[rstest]
#[case::json("application/json", b"{\"qty\":", "it is not JSON")]
#[case::json_not_utf8("application/json", b"\"\xff\"", "it is not JSON")]
#[case::json_called_form("application/x-www-form-urlencoded", b"{", "it is not JSON")]
#[case::no_boundary("multipart/form-data", b"x", "no boundary")]
#[case::cut_off("multipart/form-data; boundary=x", b"--x\r\nContent-Dis", "not the form")]
#[case::text_not_utf8("text/plain", b"caf\xe9", "not UTF-8; name its charset")]
#[case::form_not_utf8("application/x-www-form-urlencoded", b"a=caf%E9", "not UTF-8")]
#[case::half_a_letter("text/plain; charset=utf-16le", b"a\x00b", "not UTF-16LE")]
#[case::not_shift_jis("text/plain; charset=shift_jis", b"\x80\xff", "not Shift_JIS")]
fn what_is_not_as_it_says_is_refused_with_the_reason(
    #[case] content_type: &str,
    #[case] body: &[u8],
    #[case] reason: &str,
) {
    let unread = value(content_type, body).unwrap_err();
    assert!(unread.to_string().contains(reason), "{unread}");
}

#[rstest]
#[case::text("text/plain; charset=klingon", b"x")]
#[case::json("application/json; charset=klingon", b"{}")]
#[case::form("application/x-www-form-urlencoded; charset=klingon", b"a=1")]
#[case::said_in_the_form("application/x-www-form-urlencoded", b"a=1&_charset_=klingon")]
#[case::parts("multipart/form-data; boundary=x; charset=klingon", FORM)]
fn an_unknown_charset_is_refused_by_name(#[case] content_type: &str, #[case] body: &[u8]) {
    assert_eq!(value(content_type, body).unwrap_err(), Unread::Charset("klingon".to_owned()));
}

#[test]
fn a_body_may_nest_64_levels_and_no_more() {
    let nested = |levels| [vec![b'['; levels], vec![b']'; levels]].concat();
    assert!(value("application/json", &nested(64)).is_ok());
    assert!(value("application/json", &nested(65)).unwrap_err().to_string().contains("64 levels"));
    assert!(value("application/json", &vec![b'['; 1 << 20]).is_err());
    let quoted = format!("\"{}\"", "[".repeat(100));
    assert!(value("application/json", quoted.as_bytes()).is_ok());
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

fn bare_deflate(body: &[u8]) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    packer.write_all(body).unwrap();
    packer.finish().unwrap()
}

fn zstd(body: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(body, ruzstd::encoding::CompressionLevel::Fastest)
}

/// "hello" as brotli writes it when it does not pack.
const BROTLI: &[u8] = b"\x0b\x02\x80hello\x03";

#[rstest]
#[case::gzip(&["gzip"], gzip(b"hello"))]
#[case::old_name(&["x-gzip"], gzip(b"hello"))]
#[case::capitals(&["GZip"], gzip(b"hello"))]
#[case::in_two_members(&["gzip"], [gzip(b"hel"), gzip(b"lo")].concat())]
#[case::deflate(&["deflate"], zlib(b"hello"))]
#[case::deflate_without_frame(&["deflate"], bare_deflate(b"hello"))]
#[case::br(&["br"], BROTLI.to_vec())]
#[case::zstd(&["zstd"], zstd(b"hello"))]
#[case::in_two_frames(&["zstd"], [zstd(b"hel"), zstd(b"lo")].concat())]
#[case::twice(&["deflate, gzip"], gzip(&zlib(b"hello")))]
#[case::twice_in_two_headers(&["deflate", "gzip"], gzip(&zlib(b"hello")))]
#[case::not_at_all(&["identity"], b"hello".to_vec())]
#[case::nothing(&[""], b"hello".to_vec())]
fn what_is_packed_is_unpacked(#[case] encodings: &[&str], #[case] body: Vec<u8>) {
    assert_eq!(unpacked(encodings.iter().copied(), body.into(), 50).unwrap(), "hello");
}

#[rstest]
#[case::gzip("gzip", gzip(&vec![0; 100_000]))]
#[case::deflate("deflate", zlib(&vec![0; 100_000]))]
#[case::zstd("zstd", zstd(&vec![0; 100_000]))]
#[case::zstd_in_frames("zstd", [zstd(&[0; 900]), zstd(&[0; 900])].concat())]
#[case::within("gzip, deflate", zlib(&gzip(&vec![0; 100_000])))]
fn what_unpacks_to_more_than_is_taken_is_refused(#[case] encoding: &str, #[case] body: Vec<u8>) {
    assert_eq!(unpacked([encoding], body.into(), 1_000).unwrap_err(), Unread::TooLarge(1_000));
}

#[rstest]
#[case::gzip("gzip")]
#[case::deflate("deflate")]
#[case::br("br")]
#[case::zstd("zstd")]
fn what_is_not_packed_as_it_says_is_refused(#[case] encoding: &str) {
    let unread = unpacked([encoding], "\u{11}plainly not".into(), 1_000).unwrap_err();
    assert_eq!(unread, Unread::malformed(format!("it is not the {encoding} that it says it is")));
    assert_eq!(unpacked([encoding], Bytes::new(), 0).unwrap(), "", "nothing is nothing");
}

#[test]
fn what_is_cut_off_is_refused_and_an_unknown_encoding_named() {
    let whole = gzip(b"hello hello hello");
    assert!(unpacked(["gzip"], whole[..whole.len() - 9].to_vec().into(), 1_000).is_err());
    assert_eq!(unpacked(["lzw"], "x".into(), 9).unwrap_err(), Unread::Encoding("lzw".to_owned()));
    assert!(unpacked(["gzip,gzip,gzip,gzip,gzip"], "x".into(), 9).is_err(), "there is no end of layers");
}

#[rstest]
#[case::nothing(json!(null), None, None, b"")]
#[case::text(json!("hi"), None, Some("text/plain; charset=utf-8"), b"hi")]
#[case::data(json!({"a": 1}), None, Some("application/json"), b"{\"a\":1}")]
#[case::number(json!(4), None, Some("application/json"), b"4")]
#[case::bytes(binary("image/png", None, b"\x89"), None, Some("image/png"), b"\x89")]
#[case::bytes_renamed(binary("image/png", None, b"\x89"), Some("image/x-own"), Some("image/x-own"), b"\x89")]
#[case::bytes_called_text(binary("text/csv", Some("a.csv"), b"\xe9"), Some("text/csv"), Some("text/csv"), b"\xe9")]
#[case::html(json!("grüße"), Some("text/html"), Some("text/html; charset=utf-8"), "grüße".as_bytes())]
#[case::csv(json!("a,b"), Some("text/csv;"), Some("text/csv; charset=utf-8"), b"a,b")]
#[case::other_parameter(json!("a"), Some("text/csv; header=present"), Some("text/csv; header=present; charset=utf-8"), b"a")]
#[case::said_already(json!("ü"), Some("text/html; charset=UTF-8"), Some("text/html; charset=UTF-8"), "ü".as_bytes())]
#[case::another_charset(json!("ü"), Some("text/html; charset=iso-8859-1"), Some("text/html; charset=iso-8859-1"), b"\xfc")]
#[case::data_as_text(json!([1]), Some("text/plain"), Some("text/plain; charset=utf-8"), b"[1]")]
#[case::json_text(json!("{}"), Some("application/json"), Some("application/json"), b"{}")]
#[case::form(json!({"grant_type": "client credentials", "n": 2, "l": [1, true], "none": null}), Some("application/x-www-form-urlencoded"), Some("application/x-www-form-urlencoded"), b"grant_type=client+credentials&n=2&l=1&l=true")]
#[case::form_as_text(json!("a=b"), Some("application/x-www-form-urlencoded"), Some("application/x-www-form-urlencoded"), b"a=b")]
#[case::own_type(json!("x"), Some("odd"), Some("odd"), b"x")]
fn a_value_goes_out_as_its_label_says(
    #[case] value: Value,
    #[case] chosen: Option<&str>,
    #[case] expected: Option<&str>,
    #[case] bytes: &[u8],
) {
    let label = label(&value, chosen).unwrap();
    assert_eq!(label.as_deref(), expected);
    assert_eq!(bytes_of(&value, label.as_deref()).unwrap(), bytes);
}

#[rstest]
#[case::text_as_image(json!("iVBORw=="), "image/png", "which image/png is not")]
#[case::data_as_image(json!({"a": 1}), "image/jpeg", "which image/jpeg is not")]
#[case::text_as_sound(json!("x"), "audio/ogg", "which audio/ogg is not")]
#[case::data_as_xml(json!({"a": 1}), "application/xml", "which application/xml is not")]
#[case::parts(json!({"a": 1}), "multipart/form-data", "several parts")]
#[case::list_as_form(json!([1]), "application/x-www-form-urlencoded", "must be an object")]
#[case::deep_form(json!({"a": {"b": 1}}), "application/x-www-form-urlencoded", "a is neither text")]
#[case::charset(json!("x"), "text/plain; charset=klingon", "klingon")]
#[case::no_such_letter(json!("日"), "text/plain; charset=iso-8859-1", "does not have")]
#[case::no_writer(json!("x"), "text/plain; charset=utf-16", "cannot be written")]
#[case::garbled(json!({"binary": true, "type": "image/png", "base64": "%"}), "image/png", "cannot be read")]
#[case::half_marked(json!({"binary": true}), "image/png", "no type")]
fn a_value_that_is_not_what_its_label_says_is_not_sent(
    #[case] value: Value,
    #[case] chosen: &str,
    #[case] expected: &str,
) {
    let fault = label(&value, Some(chosen)).and_then(|label| bytes_of(&value, label.as_deref())).unwrap_err();
    assert!(fault.contains(expected), "{fault}");
}
