//! Looks through JavaScript for references, past strings, comments and regular expressions.

use super::{
    Found, Target, Written, accessor,
    literal::{identifier_end, in_identifier, read, string_end},
};

/// Finds the references in `text[at..end]`, with ranges in `text`.
///
/// A scan, not a parser: it knows where strings, comments, templates and regular expressions end, and nothing else of the
/// language. Without recursion: a text may nest templates as deep as it is long.
pub(super) fn find(text: &str, start: usize, end: usize, found: &mut Vec<Found>) {
    let text = &text[..end];
    let bytes = text.as_bytes();
    // Open braces in the code of each template that the scan is in.
    let mut templates: Vec<usize> = Vec::new();
    let mut before = Before::Operator;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' => {
                at = string_end(text, at);
                before = Before::Value;
            }
            b'`' => {
                at = template_part(text, at + 1, &mut templates);
                before = Before::Value;
            }
            b'{' => {
                templates.iter_mut().rev().take(1).for_each(|open| *open += 1);
                before = Before::Operator;
                at += 1;
            }
            b'}' => {
                at += 1;
                before = Before::Operator;
                match templates.last_mut() {
                    Some(0) => {
                        templates.pop();
                        at = template_part(text, at, &mut templates);
                        before = Before::Value;
                    }
                    Some(open) => *open -= 1,
                    None => {}
                }
            }
            b'/' => match bytes.get(at + 1) {
                Some(b'/') => at = text[at..].find('\n').map_or(text.len(), |length| at + length),
                Some(b'*') => at = text[at + 2..].find("*/").map_or(text.len(), |length| at + 4 + length),
                _ if before == Before::Value => {
                    before = Before::Operator;
                    at += 1;
                }
                _ => {
                    at = pattern_end(text, at);
                    before = Before::Value;
                }
            },
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b')' | b']' => {
                before = Before::Value;
                at += 1;
            }
            b'.' => {
                // Three dots spread a value; one leads into it.
                let spread = text[at..].starts_with("...");
                before = if spread { Before::Operator } else { Before::Dot };
                at += if spread { 3 } else { 1 };
            }
            _ => {
                let Some(c) = text[at..].chars().next() else { break };
                if !in_identifier(c) {
                    before = Before::Operator;
                    at += c.len_utf8();
                    continue;
                }
                let behind = identifier_end(text, at);
                let word = &text[at..behind];
                if before != Before::Dot
                    && let Some(reference) = reference(text, at, word)
                {
                    // The path may hold strings and further references in brackets; only what is read is skipped.
                    at = reference.range.end;
                    found.push(reference);
                } else {
                    at = behind;
                }
                before = if KEYWORDS.contains(&word) { Before::Operator } else { Before::Value };
            }
        }
    }
}

/// What a `/` or a name comes behind.
#[derive(PartialEq)]
enum Before {
    /// Something that a slash divides.
    Value,
    /// Something behind which a slash begins a regular expression.
    Operator,
    /// A dot: a name here is a property of something else.
    Dot,
}

const KEYWORDS: [&str; 10] = ["return", "typeof", "case", "in", "of", "new", "delete", "void", "throw", "else"];

/// Walks on in the plain part of a template, up to its end or into the code of its next `${`.
fn template_part(text: &str, from: usize, templates: &mut Vec<usize>) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'`' => return at + 1,
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                templates.push(0);
                return at + 2;
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The end of the regular expression that begins at `at`. One that does not end on its line is a slash.
fn pattern_end(text: &str, at: usize) -> usize {
    let mut in_class = false;
    let mut end = at + 1;
    while let Some(&byte) = text.as_bytes().get(end) {
        match byte {
            b'\n' => break,
            b'\\' => end += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return end + 1,
            _ => {}
        }
        end += 1;
    }
    at + 1
}

fn reference(text: &str, at: usize, word: &str) -> Option<Found> {
    let behind = at + word.len();
    match word {
        "$json" => {
            let path = accessor::path(text, behind);
            Some(Found { range: at..path.end, target: Target::Before, path: path.text })
        }
        "$input" => {
            let path = accessor::path_of_json(text, behind);
            Some(Found { range: at..path.end, target: Target::Before, path: path.text })
        }
        "$" | "$items" => {
            let open = accessor::expect(text, behind, '(')?;
            let (name, quote, end) = read(text, accessor::space(text, open))?;
            let start = accessor::space(text, open);
            let close = accessor::expect(text, end, ')').or_else(|| accessor::arguments_end(text, end))?;
            Some(named(text, at, close, name, Written { range: start..end, quote: Some(quote) }))
        }
        "$node" => {
            if let Some(open) = accessor::expect(text, behind, '[') {
                let start = accessor::space(text, open);
                let (name, quote, end) = read(text, start)?;
                let close = accessor::expect(text, end, ']')?;
                return Some(named(text, at, close, name, Written { range: start..end, quote: Some(quote) }));
            }
            let start = accessor::expect(text, behind, '.')?;
            let end = identifier_end(text, start);
            let name = text.get(start..end).filter(|name| !name.is_empty())?.to_owned();
            Some(named(text, at, end, name, Written { range: start - 1..end, quote: None }))
        }
        _ => None,
    }
}

fn named(text: &str, at: usize, behind: usize, name: String, written: Written) -> Found {
    let path = accessor::path_of_json(text, behind);
    Found { range: at..path.end, target: Target::Named { name, written }, path: path.text }
}
