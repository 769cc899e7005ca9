//! Names that are not taken yet.

use std::collections::BTreeSet;

use super::error::Fault;
use crate::flow::{MAX_NAME_CHARS, StepId};

/// `wanted` as a step id, numbered when it is taken: `http`, `http_2`, `http_3` …
pub(super) fn free_id(wanted: &str, taken: impl Fn(&StepId) -> bool) -> Result<StepId, Fault> {
    if let Some(id) = wanted.parse().ok().filter(|id| !taken(id)) {
        return Ok(id);
    }
    let plain: String =
        wanted.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(SHORT).collect();
    numbered(if plain.is_empty() { "step" } else { &plain })
        .filter_map(|text| text.parse().ok())
        .find(|id| !taken(id))
        .ok_or_else(|| Fault::new("step.id", "no number is free behind it; choose another"))
}

/// Leaves room for a number.
pub(super) const SHORT: usize = 50;

/// A text, then the same with 2, 3 … behind it; a number that stands there already is counted on.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = String> + use<> {
    let (base, from) = match text.rsplit_once('_').map(|(base, number)| (base, number.parse::<u32>())) {
        Some((base, Ok(number))) if !base.is_empty() => (base.to_owned(), u64::from(number) + 1),
        _ => (text.to_owned(), 2),
    };
    std::iter::once(text.to_owned()).chain((from..).map(move |number| format!("{base}_{number}")))
}

/// `wanted` as the name of a step, numbered when another has it: `Slack`, `Slack 2`, `Slack 3` …
pub(super) fn free_name(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let (base, from) = match wanted.rsplit_once(' ').map(|(base, number)| (base, number.parse::<u32>())) {
        Some((base, Ok(number))) if !base.is_empty() => (base, u64::from(number) + 1),
        _ => (wanted, 2),
    };
    let short: String = base.chars().take(MAX_NAME_CHARS - 20).collect();
    let numbered = |number: u64| format!("{short} {number}");
    (from..u64::MAX).map(numbered).find(|name| !taken(name)).unwrap_or(short)
}

/// A name for a copy that no other step has.
pub(super) fn free_title(name: &str, taken: &BTreeSet<String>) -> String {
    let short: String = name.chars().take(MAX_NAME_CHARS - 20).collect();
    let copies = (2_u64..).map(|number| format!("{short} (copy {number})"));
    std::iter::once(format!("{short} (copy)")).chain(copies).find(|title| !taken.contains(title)).unwrap_or(short)
}
