//! What providers say, and what we mean by it. Pure: nothing is called here.

mod answer;
mod anthropic;
mod chat;
mod dialect;
mod gemini;
mod json;
mod ollama;
mod responses;
mod talk;

pub(super) use answer::{Answer, Stop};
pub(super) use dialect::{Dialect, Reader};
pub(super) use talk::Talk;
