//! One answer of a model, streamed.

use std::time::Duration;

use futures::StreamExt as _;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::journal::TurnJournal;
use crate::{
    MessageId, Result,
    chat::Happening,
    model::{ChatModel, FaultKind, ModelAnswer, ModelEndpoint, ModelEvent, ModelFault, ModelStream, Prompt},
};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_mins(3);
/// Pieces of text are put together for this long before they are written down.
const PIECE: Duration = Duration::from_millis(50);
/// How often a model is asked again that could not be asked; once it began to answer it is not.
const TRIES: u32 = 3;
/// How long is waited for that altogether.
const WAITS: Duration = Duration::from_secs(30);
/// How long an answer may be, in bytes.
const LONGEST: usize = 1_000_000;

/// How an answer ended.
pub(super) enum Answered {
    /// With what it wrote and calls.
    Whole { text: String, answer: ModelAnswer },
    /// The person stopped it. What was written until then is kept.
    Stopped { text: String },
    /// With a fault.
    Failed { text: String, fault: ModelFault },
}

/// Asks a model and writes its text down while it comes.
///
/// # Errors
/// When the journal cannot be written.
pub(super) async fn ask(
    wire: &dyn ChatModel,
    endpoint: &ModelEndpoint,
    model: &str,
    prompt: &Prompt,
    journal: &mut TurnJournal,
    message: MessageId,
    stop: &CancellationToken,
) -> Result<Answered> {
    let begun = Instant::now();
    let mut tries = 1;
    loop {
        let first = tokio::select! {
            () = stop.cancelled() => return Ok(Answered::Stopped { text: String::new() }),
            first = timeout_at(begun + PATIENCE, first(wire, endpoint, model, prompt.clone())) => first,
        };
        match first {
            Ok(Ok((event, stream))) => return listen(event, stream, journal, message, stop, begun + PATIENCE).await,
            Ok(Err(fault)) => {
                let wait = fault.retry_after.unwrap_or(Duration::from_secs(1) * tries);
                if !fault.kind.is_temporary() || tries >= TRIES || begun.elapsed() + wait > WAITS {
                    return Ok(Answered::Failed { text: String::new(), fault });
                }
                tracing::debug!(%fault, ?wait, "a model is asked again");
                tries += 1;
                tokio::select! {
                    () = stop.cancelled() => return Ok(Answered::Stopped { text: String::new() }),
                    () = tokio::time::sleep(wait) => {}
                }
            }
            Err(_) => return Ok(Answered::Failed { text: String::new(), fault: too_slow() }),
        }
    }
}

/// The first thing that a model says: until then it may be asked again.
async fn first(
    wire: &dyn ChatModel,
    endpoint: &ModelEndpoint,
    model: &str,
    prompt: Prompt,
) -> Result<(ModelEvent, ModelStream), ModelFault> {
    let mut stream = wire.stream(endpoint, model, prompt).await?;
    match stream.next().await {
        Some(event) => Ok((event?, stream)),
        None => Err(broke_off()),
    }
}

async fn listen(
    first: ModelEvent,
    mut stream: ModelStream,
    journal: &mut TurnJournal,
    message: MessageId,
    stop: &CancellationToken,
    deadline: Instant,
) -> Result<Answered> {
    let (mut text, mut piece, mut thought) = (String::new(), String::new(), String::new());
    let mut due = None;
    let mut next = Some(Ok(first));
    let ended = loop {
        match next.take() {
            Some(Ok(ModelEvent::Text(more))) => {
                piece.push_str(&more);
                text.push_str(&more);
            }
            Some(Ok(ModelEvent::Reasoning(more))) => thought.push_str(&more),
            Some(Ok(ModelEvent::Finished(answer))) => break Ok(Some(answer)),
            Some(Err(fault)) => break Err(fault),
            None => {}
        }
        if text.len() > LONGEST {
            let message = "The answer of the model was too long, so it was cut off.";
            break Err(ModelFault::new(FaultKind::Provider, message, "more than 1 MB of text"));
        }
        if Instant::now() >= deadline {
            break Err(too_slow());
        }
        if due.is_none() && !(piece.is_empty() && thought.is_empty()) {
            due = Some(Instant::now() + PIECE);
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => break Ok(None),
            () = sleep_until(due.unwrap_or(deadline)) => {
                if due.take().is_none() {
                    break Err(too_slow());
                }
                if journal.write(pieces(message, &mut piece, &mut thought)).await? {
                    break Ok(None);
                }
            }
            event = stream.next() => next = Some(event.unwrap_or_else(|| Err(broke_off()))),
        }
    };
    // Closed before anything else: a provider stops working on what no one waits for.
    drop(stream);
    let rest = pieces(message, &mut piece, &mut thought);
    if !rest.is_empty() {
        journal.write(rest).await?;
    }
    Ok(match ended {
        Ok(Some(answer)) => Answered::Whole { text, answer },
        Ok(None) => Answered::Stopped { text },
        Err(fault) => Answered::Failed { text, fault },
    })
}

fn pieces(message: MessageId, piece: &mut String, thought: &mut String) -> Vec<Happening> {
    let mut events = Vec::new();
    if !thought.is_empty() {
        events.push(Happening::ReasoningDelta { delta: std::mem::take(thought) });
    }
    if !piece.is_empty() {
        events.push(Happening::TextDelta { message, delta: std::mem::take(piece) });
    }
    events
}

fn broke_off() -> ModelFault {
    ModelFault::new(FaultKind::Provider, "The answer of the model broke off.", "the stream ended without its end")
}

fn too_slow() -> ModelFault {
    ModelFault::new(FaultKind::Timeout, "The model took too long to answer.", "longer than three minutes")
}
