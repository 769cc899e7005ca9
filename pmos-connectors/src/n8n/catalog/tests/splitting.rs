//! Lists that arrive in chunks.

use proptest::prelude::*;
use serde_json::Value;

use super::{
    super::split::{SplitError, Splitter},
    random::json_value,
};

fn split(text: &[u8], chunk: usize) -> Result<Vec<Vec<u8>>, SplitError> {
    let mut splitter = Splitter::default();
    let mut elements = Vec::new();
    for chunk in text.chunks(chunk) {
        elements.extend(splitter.feed(chunk)?);
    }
    splitter.finish().map(|()| elements)
}

proptest! {
    #[test]
    fn the_elements_are_the_same_however_the_list_is_cut(list in prop::collection::vec(json_value(), 0..8), chunk in 1_usize..40, pretty: bool) {
        let text = if pretty { serde_json::to_vec_pretty(&list) } else { serde_json::to_vec(&list) }.unwrap();
        let elements = split(&text, chunk).unwrap();
        let elements: Vec<Value> = elements.iter().map(|element| serde_json::from_slice(element).unwrap()).collect();
        prop_assert_eq!(elements, list);
    }

    #[test]
    fn any_bytes_are_taken_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), chunk in 1_usize..40) {
        let _ = split(&bytes, chunk);
    }
}

#[test]
fn what_is_no_list_is_refused() {
    for (text, error) in [
        ("{}", SplitError::NotAnArray),
        ("<html>", SplitError::NotAnArray),
        ("[] []", SplitError::NotAnArray),
        ("[{\"a\": [1, 2}", SplitError::Incomplete),
        ("[1, 2", SplitError::Incomplete),
        ("", SplitError::Incomplete),
    ] {
        assert_eq!(split(text.as_bytes(), 3), Err(error), "{text}");
    }
    let huge = [b"[\"".as_slice(), &vec![b'x'; 5 << 20]].concat();
    assert_eq!(split(&huge, 1 << 16), Err(SplitError::TooLarge));
}
