//! Between the types of PMOS and what both databases have in common: 64-bit integers, texts, byte strings.

use std::str::FromStr;

use pmos_core::{Error, Result, flow::Document};
use serde_json::value::RawValue;

/// A stored value that none of our own writes can have left there. It names the column, never the value.
#[derive(Debug, thiserror::Error)]
#[error("the stored value of {0} cannot be read")]
struct Unreadable(&'static str);

pub(crate) fn unreadable(column: &'static str) -> Error {
    Error::internal("read a stored row").because(Unreadable(column))
}

/// Reads a text that has a form of its own, as a role or a status.
pub(crate) fn parsed<T: FromStr>(column: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| unreadable(column))
}

/// Reads what was checked when it was written.
pub(crate) fn kept<T, E>(column: &'static str, value: std::result::Result<T, E>) -> Result<T> {
    value.map_err(|_| unreadable(column))
}

/// Reads a count, a number or a length.
pub(crate) fn number<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T> {
    T::try_from(value).map_err(|_| unreadable(column))
}

/// Reads a byte string of fixed length.
pub(crate) fn bytes<const N: usize>(column: &'static str, value: &[u8]) -> Result<[u8; N]> {
    value.try_into().map_err(|_| unreadable(column))
}

/// Reads a JSON text without looking into it.
pub(crate) fn raw(column: &'static str, text: String) -> Result<Box<RawValue>> {
    RawValue::from_string(text).map_err(|_| unreadable(column))
}

/// Reads an engine's document.
pub(crate) fn document(column: &'static str, text: String) -> Result<Document> {
    Document::parse(text).map_err(|_| unreadable(column))
}

/// Reads what is kept as JSON.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(column: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| unreadable(column))
}

/// Reads a list that is kept as JSON.
pub(crate) fn list<T: serde::de::DeserializeOwned>(column: &'static str, text: &str) -> Result<Vec<T>> {
    from_json(column, text)
}

/// Writes a value as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|cause| Error::internal("write a value as JSON").because(cause))
}

/// A number as databases keep it. What does not fit counts as the largest there is; no counter gets that far.
pub(crate) fn big(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Milliseconds as shown, from microseconds as kept.
pub(crate) fn millis(micros: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact below 285 years")]
    let micros = micros as f64;
    micros / 1_000.0
}

/// Microseconds as kept, from milliseconds as shown.
pub(crate) fn micros(millis: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "exact below 285 years, and capped beyond")]
    let micros = (millis * 1_000.0).round() as i64;
    micros
}

/// The pattern of texts that hold this one, in capitals or not, in every alphabet. Both databases read it alike.
pub(crate) fn in_any_case(text: &str) -> String {
    format!("(?i){}", regex::escape(text))
}

/// The pattern that finds a text anywhere, for `like … escape '\'`.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_for_a_wildcard_finds_only_the_character_itself() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
    }

    #[test]
    fn a_duration_survives_the_way_through_the_database() {
        assert!((millis(micros(12.345)) - 12.345).abs() < f64::EPSILON);
    }
}
