//! What is written behind a reference: `.item.json.body["lines"][0]`.

use super::literal::{identifier_end, in_identifier, read};

/// The part of an access chain that leads into data.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// As people read it: `body.lines[0]`.
    pub(super) text: String,
    /// Where it ends in the text.
    pub(super) end: usize,
}

/// The first place at or behind `at` that is no space.
pub(super) fn space(text: &str, at: usize) -> usize {
    text[at..].find(|c: char| !c.is_ascii_whitespace()).map_or(text.len(), |length| at + length)
}

/// The place behind `c`, if that comes next.
pub(super) fn expect(text: &str, at: usize, c: char) -> Option<usize> {
    let at = space(text, at);
    text[at..].starts_with(c).then(|| at + c.len_utf8())
}

/// The place behind the closing parenthesis, when further arguments follow. Those are plain: `$items("A", 0, 1)`.
pub(super) fn arguments_end(text: &str, at: usize) -> Option<usize> {
    let at = expect(text, at, ',')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || matches!(c, ',' | '$' | '.' | '-');
    let close = text[at..].find(|c: char| !plain(c)).map(|length| at + length)?;
    text[close..].starts_with(')').then_some(close + 1)
}

/// The path that begins at `at`.
pub(super) fn path(text: &str, at: usize) -> Path {
    let mut path = Path { text: String::new(), end: at };
    while let Some((key, end)) = access(text, path.end) {
        // What is called is a method of the value, no part of the data.
        if matches!(key, Key::Name(_)) && text[end..].starts_with('(') {
            break;
        }
        match key {
            Key::Place(place) => path.text.extend(["[", &place.to_string(), "]"]),
            Key::Name(name) | Key::Text(name) => {
                if !path.text.is_empty() {
                    path.text.push('.');
                }
                path.text.push_str(&name);
            }
        }
        path.end = end;
    }
    path
}

/// The path behind `json` in a chain such as `.first().json.body` or `[0].json["body"]`; an empty one at `at` when the
/// chain does not come to `json`.
pub(super) fn path_of_json(text: &str, at: usize) -> Path {
    let mut end = at;
    while let Some((key, behind)) = access(text, end) {
        end = behind;
        match key {
            Key::Name(name) if name == "json" => return path(text, end),
            Key::Name(name) if matches!(name.as_str(), "first" | "last" | "all" | "itemMatching" | "item") => {
                end = expect(text, end, '(').and_then(|open| call_end(text, open)).unwrap_or(end);
            }
            Key::Place(_) => {}
            _ => break,
        }
    }
    Path { text: String::new(), end: at }
}

/// The place behind a call with plain arguments, from behind its opening parenthesis.
fn call_end(text: &str, open: usize) -> Option<usize> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || matches!(c, ',' | '$' | '.' | '-');
    let close = text[open..].find(|c: char| !plain(c)).map(|length| open + length)?;
    text[close..].starts_with(')').then_some(close + 1)
}

enum Key {
    Name(String),
    Text(String),
    Place(usize),
}

/// One step of a chain: `.name`, `?.name`, `["text"]`, `[0]`.
fn access(text: &str, at: usize) -> Option<(Key, usize)> {
    let at = if text[at..].starts_with("?.[") { at + 2 } else { at };
    if let Some(open) = text[at..].strip_prefix('[').map(|_| at + 1) {
        let inner = space(text, open);
        if let Some((key, _, end)) = read(text, inner) {
            return Some((Key::Text(key), expect(text, end, ']')?));
        }
        let end = text[inner..].find(|c: char| !c.is_ascii_digit()).map(|length| inner + length)?;
        return Some((Key::Place(text[inner..end].parse().ok()?), expect(text, end, ']')?));
    }
    let dot = if text[at..].starts_with("?.") { 2 } else { 1 };
    if !text[at..].starts_with(['.', '?']) || (dot == 1 && text[at..].starts_with('?')) {
        return None;
    }
    let start = at + dot;
    text[start..].chars().next().filter(|c| in_identifier(*c) && !c.is_numeric())?;
    let end = identifier_end(text, start);
    Some((Key::Name(text[start..end].to_owned()), end))
}
