//! How deep JSON from outside may nest.

/// The most levels that are read.
pub(crate) const DEEPEST: usize = 64;

/// How deep brackets nest outside of texts; looked at before the parser, so that depth costs nothing.
pub(crate) fn nesting(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_texts_do_not_count() {
        assert_eq!(nesting(br#"{"a":"[[[[\"[["}"#), 1);
        assert_eq!(nesting(b"[[{}]]"), 3);
    }
}
