//! An answer while it is written.

use futures::{StreamExt, stream};
use pmos_core::model::{ModelEvent, ModelFault, ModelStream};
use tokio::time::timeout;

use super::{
    client::{Body, Frames},
    config::ModelsConfig,
    fault,
    mapping::{Answer, Reader, Stop},
    site::Site,
};

/// How much of a body is kept that has nothing of an answer in it.
const BEGINNING_BYTES: usize = 4 * 1024;

/// Reads an answer that has begun. The time for the whole of it is kept by the client that the body comes from.
pub(super) fn stream(site: Site, config: &ModelsConfig, body: Body) -> ModelStream {
    let dialect = site.dialect;
    let answering = Answering {
        site,
        config: config.clone(),
        body,
        // The last event of an answer may have all of it once more, written as JSON.
        frames: Frames::new(dialect.framing(), config.max_answer_bytes.saturating_mul(2)),
        reader: dialect.reader(),
        answer: Answer::default(),
        beginning: Some(Vec::new()),
    };
    stream::unfold(Some(answering), |answering| async {
        let mut answering = answering?;
        let event = answering.next().await;
        // After its end or a fault nothing is read any more, and the connection is let go.
        let is_last = !matches!(event, Ok(ModelEvent::Text(_) | ModelEvent::Reasoning(_)));
        Some((event, (!is_last).then_some(answering)))
    })
    .boxed()
}

struct Answering {
    site: Site,
    config: ModelsConfig,
    body: Body,
    frames: Frames,
    reader: Box<dyn Reader>,
    answer: Answer,
    /// What came so far while no frame was found in it.
    beginning: Option<Vec<u8>>,
}

impl Answering {
    async fn next(&mut self) -> Result<ModelEvent, ModelFault> {
        loop {
            if let Some(event) = self.answer.pop() {
                return Ok(event);
            }
            if self.answer.is_over() {
                return self.finish();
            }
            if let Some(frame) = self.frames.next().map_err(|_| fault::too_large(self.config.max_answer_bytes))? {
                self.read(&frame)?;
                continue;
            }
            let idle = self.config.idle;
            match timeout(idle, self.body.next()).await {
                Ok(Some(Ok(chunk))) => {
                    if let Some(beginning) = self.beginning.as_mut().filter(|read| read.len() < BEGINNING_BYTES) {
                        beginning.extend_from_slice(&chunk);
                    }
                    self.frames.push(&chunk);
                }
                Ok(None) => self.end()?,
                // The answer is whole; only what it cost may be missing.
                _ if self.answer.is_complete() => self.answer.over(),
                Ok(Some(Err(error))) => return Err(fault::unreached(&error)),
                Err(_) => return Err(fault::silent(idle)),
            }
        }
    }

    fn read(&mut self, frame: &[u8]) -> Result<(), ModelFault> {
        self.beginning = None;
        let limit = self.config.max_answer_bytes;
        let read = match std::str::from_utf8(frame) {
            Ok(text) => self.reader.read(text, &mut self.answer),
            Err(_) => Err(Stop::garbage("a part of the answer is no text", &String::from_utf8_lossy(frame))),
        };
        read.map_err(|stop| fault::stopped(&self.site, stop))?;
        if self.answer.size() > limit { Err(fault::too_large(limit)) } else { Ok(()) }
    }

    /// Nothing more arrives: the answer is complete by now, or it never will be.
    fn end(&mut self) -> Result<(), ModelFault> {
        if let Some(frame) = self.frames.rest().map_err(|_| fault::too_large(self.config.max_answer_bytes))? {
            self.read(&frame)?;
        }
        if self.answer.is_complete() {
            self.answer.over();
            return Ok(());
        }
        Err(match self.beginning.take().filter(|read| !read.is_empty()) {
            Some(read) => fault::unreadable(&self.site, "this is no answer", &String::from_utf8_lossy(&read)),
            None => fault::cut(),
        })
    }

    fn finish(&mut self) -> Result<ModelEvent, ModelFault> {
        let answer = std::mem::take(&mut self.answer).finish();
        answer.map(ModelEvent::Finished).map_err(|stop| fault::stopped(&self.site, stop))
    }
}
