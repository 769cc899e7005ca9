//! Cuts a JSON array that arrives in chunks into its elements, so that no more than one of them is held at a time.

use thiserror::Error;

/// The largest descriptor of n8n 2.40 has 0.4 MB.
const MAX_ELEMENT: usize = 4 << 20;
/// The list of node types of n8n 2.40 has 17.7 MB.
const MAX_TOTAL: usize = 96 << 20;

/// Why a text is not taken as a list.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum SplitError {
    #[error("not a JSON array")]
    NotAnArray,
    #[error("the array ends too early")]
    Incomplete,
    #[error("an element or the whole is too large")]
    TooLarge,
}

/// Takes the chunks of one array.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    element: Vec<u8>,
    total: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
    ended: bool,
}

impl Splitter {
    /// Takes a chunk; the texts of the elements that end in it. They are not parsed: whether each is JSON, is seen later.
    pub(super) fn feed(&mut self, chunk: &[u8]) -> Result<Vec<Vec<u8>>, SplitError> {
        self.total += chunk.len();
        if self.total > MAX_TOTAL {
            return Err(SplitError::TooLarge);
        }
        let mut done = Vec::new();
        for &byte in chunk {
            if self.in_text {
                self.element.push(byte);
                self.in_text = self.escaped || byte != b'"';
                self.escaped = !self.escaped && byte == b'\\';
            } else if self.depth == 0 {
                match byte {
                    b'[' if !self.ended => self.depth = 1,
                    byte if byte.is_ascii_whitespace() => {}
                    _ => return Err(SplitError::NotAnArray),
                }
            } else {
                self.between_texts(byte, &mut done);
            }
            if self.element.len() > MAX_ELEMENT {
                return Err(SplitError::TooLarge);
            }
        }
        Ok(done)
    }

    fn between_texts(&mut self, byte: u8, done: &mut Vec<Vec<u8>>) {
        match byte {
            b'"' => self.in_text = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => self.depth -= 1,
            _ => {}
        }
        let between = self.depth == 1 && byte == b',';
        self.ended = self.depth == 0;
        if between || self.ended {
            let element = std::mem::take(&mut self.element);
            if !element.iter().all(u8::is_ascii_whitespace) {
                done.push(element);
            }
        } else {
            self.element.push(byte);
        }
    }

    /// Whether the array is complete, now that nothing more comes.
    pub(super) fn finish(self) -> Result<(), SplitError> {
        if self.ended { Ok(()) } else { Err(SplitError::Incomplete) }
    }
}
