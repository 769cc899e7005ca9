//! How large a flow may be, so that whatever is sent stays cheap to read, change and compare.

use std::io;

use serde::Serialize;

use super::Step;

/// The most steps a flow may have.
pub const MAX_STEPS: usize = 1_000;
/// The most edges a flow may have.
pub const MAX_EDGES: usize = 5_000;
/// The most bytes the JSON of a graph may have.
pub const MAX_GRAPH_BYTES: usize = 256 * 1024;
/// The most characters the name of a flow or step may have.
pub const MAX_NAME_CHARS: usize = 200;
/// The most edits one request may carry.
pub const MAX_EDITS: usize = 1_000;

/// What is wrong with a name, if anything.
pub(super) fn name_fault(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("is empty; give it a name".to_owned());
    }
    let length = name.chars().count();
    (length > MAX_NAME_CHARS).then(|| format!("has {length} characters; {MAX_NAME_CHARS} is the most"))
}

/// The first part of a step that is out of its range, with what would be right.
pub(super) fn step_fault(step: &Step) -> Option<(&'static str, String)> {
    if let Some(fault) = name_fault(&step.name) {
        return Some(("name", fault));
    }
    if let Some(retry) = &step.retry {
        if !(1..=10).contains(&retry.times) {
            return Some(("retry.times", "must be from 1 to 10".to_owned()));
        }
        if retry.backoff_s > 3_600 {
            return Some(("retry.backoff_s", "must be at most 3600 seconds".to_owned()));
        }
    }
    if step.timeout_s.is_some_and(|seconds| !(1..=86_400).contains(&seconds)) {
        return Some(("timeout_s", "must be from 1 to 86400 seconds".to_owned()));
    }
    None
}

/// How many bytes `value` takes as JSON, without keeping them.
pub(super) fn json_bytes(value: &impl Serialize) -> usize {
    struct Counter(usize);
    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        // What has no JSON form fits nowhere.
        Err(_) => usize::MAX,
    }
}

/// The beginning of a text that was sent, for a message.
pub(super) fn clip(text: &str) -> &str {
    text.char_indices().nth(80).map_or(text, |(end, _)| &text[..end])
}
