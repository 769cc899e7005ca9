//! How much of a value people are shown.

use serde_json::{json, value::RawValue};

/// How many bytes of the input and of the output of a step are shown.
pub const SHOWN_BYTES: usize = 256 * 1024;
/// How much of a value that is too large is shown of its beginning.
const HEAD_BYTES: usize = 4 * 1024;

/// The value itself, or, when its JSON text has more than [`SHOWN_BYTES`], a remark with its size and beginning:
/// `{"truncated": true, "bytes": …, "head": "…"}`.
pub fn shown(value: Box<RawValue>) -> Box<RawValue> {
    let text = value.get();
    if text.len() <= SHOWN_BYTES {
        return value;
    }
    let head = &text[..text.floor_char_boundary(HEAD_BYTES)];
    let remark = json!({"truncated": true, "bytes": text.len(), "head": head});
    // A text cannot fail to be JSON; if it ever does, nothing is better than everything.
    serde_json::value::to_raw_value(&remark).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_large_value_is_shown_by_its_size_and_beginning() {
        let large = serde_json::value::to_raw_value(&"é".repeat(SHOWN_BYTES)).unwrap();
        let bytes = large.get().len();
        let remark: Value = serde_json::from_str(shown(large).get()).unwrap();
        assert_eq!((&remark["truncated"], &remark["bytes"]), (&Value::Bool(true), &bytes.into()));
        assert!(remark["head"].as_str().unwrap().starts_with("\"éé"));
    }

    #[test]
    fn a_small_value_is_shown_as_it_is() {
        let small = serde_json::value::to_raw_value(&[1, 2]).unwrap();
        assert_eq!(shown(small).get(), "[1,2]");
    }
}
