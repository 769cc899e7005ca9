//! A body cut into the pieces that mean something: the events of an event stream, or lines.

use bytes::{Buf, BytesMut};

/// How a body is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::models) enum Framing {
    /// Server-sent events; a frame is the data of one.
    Events,
    /// Lines; a frame is one that is not empty.
    Lines,
}

/// A frame is longer than any that makes sense.
#[derive(Debug)]
pub(in crate::models) struct Overlong;

/// What has arrived and was not read yet. Every byte is looked at once, however small the pieces are that it comes in.
#[derive(Debug)]
pub(in crate::models) struct Frames {
    framing: Framing,
    longest: usize,
    arrived: BytesMut,
    /// How much of it is known to have no end of a line.
    looked_at: usize,
    /// The data of the event that has begun.
    event: Option<Vec<u8>>,
}

impl Frames {
    pub(in crate::models) fn new(framing: Framing, longest: usize) -> Self {
        Self { framing, longest, arrived: BytesMut::new(), looked_at: 0, event: None }
    }

    /// Takes what arrived.
    pub(in crate::models) fn push(&mut self, bytes: &[u8]) {
        self.arrived.extend_from_slice(bytes);
    }

    /// The next frame that is whole.
    pub(in crate::models) fn next(&mut self) -> Result<Option<Vec<u8>>, Overlong> {
        while let Some(end) = self.arrived[self.looked_at..].iter().position(|byte| *byte == b'\n') {
            let line = self.arrived.split_to(self.looked_at + end);
            self.arrived.advance(1);
            self.looked_at = 0;
            if let Some(frame) = self.line(line.strip_suffix(b"\r").unwrap_or(&line))? {
                return Ok(Some(frame));
            }
        }
        self.looked_at = self.arrived.len();
        self.checked(self.arrived.len())?;
        Ok(None)
    }

    /// What is left when nothing more arrives. Some servers leave out the empty line after their last event.
    pub(in crate::models) fn rest(&mut self) -> Result<Option<Vec<u8>>, Overlong> {
        let line = self.arrived.split();
        self.looked_at = 0;
        let frame = self.line(line.strip_suffix(b"\r").unwrap_or(&line))?;
        Ok(frame.or_else(|| self.event.take()))
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<Vec<u8>>, Overlong> {
        self.checked(line.len())?;
        if self.framing == Framing::Lines {
            return Ok((!line.trim_ascii().is_empty()).then(|| line.to_vec()));
        }
        if line.is_empty() {
            return Ok(self.event.take());
        }
        let Some(data) = line.strip_prefix(b"data:") else { return Ok(None) };
        let data = data.strip_prefix(b" ").unwrap_or(data);
        match &mut self.event {
            None => self.event = Some(data.to_vec()),
            Some(event) => {
                event.push(b'\n');
                event.extend_from_slice(data);
            }
        }
        self.checked(0)?;
        Ok(None)
    }

    fn checked(&self, more: usize) -> Result<(), Overlong> {
        let held = self.event.as_ref().map_or(0, Vec::len);
        if held + more > self.longest { Err(Overlong) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn cut(framing: Framing, body: &str, pieces: usize) -> Vec<String> {
        let mut frames = Frames::new(framing, 64);
        let mut found = Vec::new();
        for piece in body.as_bytes().chunks(pieces) {
            frames.push(piece);
            while let Some(frame) = frames.next().unwrap() {
                found.push(String::from_utf8(frame).unwrap());
            }
        }
        found.extend(frames.rest().unwrap().map(|frame| String::from_utf8(frame).unwrap()));
        found
    }

    #[rstest]
    #[case("data: a\n\ndata:b\n\n", &["a", "b"])]
    #[case("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"])]
    #[case(": hello\nevent: x\nid: 1\ndata: a\n\n\n\n: ping\n\ndata: b\n\n", &["a", "b"])]
    #[case("data: a\ndata: b\n\n", &["a\nb"])]
    #[case("data: é\n\ndata: [DONE]", &["é", "[DONE]"])]
    #[case("<html>\n\n</html>", &[])]
    fn events_are_the_same_in_whatever_pieces_they_arrive(
        #[case] body: &str,
        #[case] frames: &[&str],
        #[values(1, 2, 7, 100)] pieces: usize,
    ) {
        assert_eq!(cut(Framing::Events, body, pieces), frames);
    }

    #[rstest]
    fn lines_are_the_same_in_whatever_pieces_they_arrive(#[values(1, 3, 100)] pieces: usize) {
        assert_eq!(
            cut(Framing::Lines, "{\"a\":1}\r\n\n{\"b\":2}\n{\"c\"", pieces),
            ["{\"a\":1}", "{\"b\":2}", "{\"c\""]
        );
    }

    #[rstest]
    #[case(&"x".repeat(65))]
    #[case(&format!("data: {}\n", "x".repeat(80)))]
    #[case(&"data: xxxxxxxxxxxxxx\n".repeat(6))]
    fn a_frame_that_does_not_end_is_given_up(#[case] body: &str) {
        let mut frames = Frames::new(Framing::Events, 64);
        frames.push(body.as_bytes());
        assert!(frames.next().is_err());
    }
}
