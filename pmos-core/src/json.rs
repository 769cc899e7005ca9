//! JSON from outside: what of it is read.

use std::fmt;

use serde_json::Value;

/// The most levels that are read.
pub const DEEPEST: usize = 64;
/// The most values that are read. Each takes many times the memory of its text.
pub const MOST_VALUES: usize = 100_000;

/// Why a text was not read as JSON.
#[derive(Debug)]
pub enum Unread {
    /// It nests deeper than [`DEEPEST`] levels.
    TooDeep,
    /// It has more than [`MOST_VALUES`] values.
    TooMany,
    /// It has a whole number, this one, with more digits than are kept exactly.
    TooLong(String),
    /// It is no JSON.
    Garbled(serde_json::Error),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(f, "it nests deeper than {DEEPEST} levels"),
            Self::TooMany => write!(f, "it has more than {MOST_VALUES} values"),
            Self::TooLong(digits) => {
                write!(f, "the whole number {digits} is too long to be kept exactly; it has to be a text")
            }
            Self::Garbled(cause) => cause.fmt(f),
        }
    }
}

/// Reads JSON in which nothing is lost. Depth, count and digits are looked at before the parser, so that what is refused
/// costs nothing.
///
/// # Errors
/// [`Unread`].
pub fn read(body: &[u8]) -> Result<Value, Unread> {
    let mut outline = Outline::default();
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        at = outline.take(*byte, body, at)?;
    }
    serde_json::from_slice(body).map_err(Unread::Garbled)
}

/// What is known of a text before it is parsed.
#[derive(Default)]
struct Outline {
    depth: usize,
    values: usize,
}

impl Outline {
    /// Takes in what begins with this byte; where to go on.
    fn take(&mut self, byte: u8, body: &[u8], at: usize) -> Result<usize, Unread> {
        match byte {
            b'"' => return Ok(at + 1 + text(&body[at + 1..])),
            b'[' | b'{' => {
                self.depth += 1;
                self.values += 1;
            }
            b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            b',' => self.values += 1,
            b'-' | b'0'..=b'9' => {
                let number = &body[at..at + length(&body[at..])];
                return if is_too_long(number) {
                    Err(Unread::TooLong(String::from_utf8_lossy(&number[..number.len().min(40)]).into_owned()))
                } else {
                    Ok(at + number.len())
                };
            }
            _ => {}
        }
        match self {
            Self { depth, .. } if *depth > DEEPEST => Err(Unread::TooDeep),
            Self { values, .. } if *values > MOST_VALUES => Err(Unread::TooMany),
            _ => Ok(at + 1),
        }
    }
}

/// The bytes of a text after its first quote, with its last.
fn text(rest: &[u8]) -> usize {
    let mut escaped = false;
    let end = rest.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |end| end + 1)
}

fn length(number: &[u8]) -> usize {
    let ends = |byte: &u8| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    number.iter().position(ends).unwrap_or(number.len())
}

/// Whether it is a whole number beyond 64 bits: a parser would round it.
fn is_too_long(number: &[u8]) -> bool {
    let whole = number.len() > 18 && number.iter().skip(1).all(u8::is_ascii_digit);
    let text = std::str::from_utf8(number).unwrap_or_default();
    whole && text.parse::<u64>().is_err() && text.parse::<i64>().is_err()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::brackets_in_texts(r#"{"a":"[[[[\"[[","b":[]}"#, json!({"a": "[[[[\"[[", "b": []}))]
    #[case::digits_in_texts(r#"["123456789012345678901234567890"]"#, json!(["123456789012345678901234567890"]))]
    #[case::largest("18446744073709551615", json!(u64::MAX))]
    #[case::smallest("-9223372036854775808", json!(i64::MIN))]
    #[case::decimal("123456789012345678901234567890.5", json!(123_456_789_012_345_678_901_234_567_890.5))]
    #[case::exponent("1e30", json!(1e30))]
    fn what_is_kept_exactly_is_read(#[case] text: &str, #[case] expected: Value) {
        assert_eq!(read(text.as_bytes()).unwrap(), expected);
    }

    #[rstest]
    #[case::long_number(
        "[123456789012345678901234567890]",
        "the whole number 123456789012345678901234567890 is too long"
    )]
    #[case::one_more("{\"a\":18446744073709551616}", "18446744073709551616")]
    #[case::one_less("-9223372036854775809", "-9223372036854775809")]
    #[case::deep(&"[".repeat(65), "64 levels")]
    #[case::many(&format!("[{}1]", "1,".repeat(100_000)), "100000 values")]
    #[case::many_names(&format!("{{{}\"a\":1}}", "\"a\":1,".repeat(100_000)), "100000 values")]
    #[case::garbled("[1,]", "trailing comma")]
    #[case::open_text("\"abc", "EOF")]
    #[case::nothing("", "EOF")]
    fn what_would_be_lost_is_refused(#[case] text: &str, #[case] expected: &str) {
        let why = read(text.as_bytes()).unwrap_err().to_string();
        assert!(why.contains(expected), "{why}");
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\",0-9eE.+-]{0,60}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
        }
    }
}
