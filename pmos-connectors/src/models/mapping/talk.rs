//! A prompt as every dialect can say it.

use std::collections::HashMap;

use pmos_core::model::{CallArguments, Prompt, PromptMessage, ProposedCall, ToolSpec};
use serde_json::{Map, Value, json};

/// What is asked, with ids that every provider takes: the one wants nine letters and digits, the next wants them not to come
/// twice in a conversation, and they may stem from a third. They go by the place of a call, so that what was said once is
/// said the same way again and a provider's cache finds it.
#[derive(Debug)]
pub(in crate::models) struct Talk {
    pub(super) instructions: String,
    pub(super) turns: Vec<Turn>,
    pub(super) tools: Vec<ToolSpec>,
    pub(super) max_output_tokens: u32,
}

/// Something that was said.
#[derive(Debug)]
pub(super) enum Turn {
    /// By the person.
    User(String),
    /// By the model. There is a text or a call.
    Assistant { text: String, calls: Vec<ToldCall> },
    /// By a tool.
    Result { id: String, tool: String, content: String },
}

/// A call of an earlier answer.
#[derive(Debug)]
pub(super) struct ToldCall {
    pub(super) id: String,
    pub(super) tool: String,
    /// Its arguments as an object; those that could not be read are a text in one, since providers read them again.
    pub(super) arguments: Map<String, Value>,
    pub(super) opaque: Option<String>,
}

impl Talk {
    /// Says a prompt in a way that every dialect can say.
    pub(in crate::models) fn of(prompt: Prompt) -> Self {
        let mut ids = HashMap::new();
        let mut calls_so_far = 0_usize;
        let mut turns = Vec::with_capacity(prompt.messages.len());
        for message in prompt.messages {
            match message {
                PromptMessage::Assistant { text, calls } => {
                    let told = calls.into_iter().map(|ProposedCall { id, tool, arguments, opaque }| {
                        calls_so_far += 1;
                        let own = format!("call{calls_so_far:05}");
                        ids.insert(id, own.clone());
                        ToldCall { id: own, tool, arguments: object(arguments), opaque }
                    });
                    let calls: Vec<_> = told.collect();
                    // A model that said nothing at all: most providers refuse to hear of it.
                    if !(text.is_empty() && calls.is_empty()) {
                        turns.push(Turn::Assistant { text, calls });
                    }
                }
                PromptMessage::ToolResult { call, tool, content } => {
                    let id = ids.get(&call).cloned().unwrap_or(call);
                    turns.push(Turn::Result { id, tool, content });
                }
                PromptMessage::User(text) => turns.push(Turn::User(text)),
                // A kind of message that is newer than this adapter.
                _ => {}
            }
        }
        let Prompt { instructions, tools, max_output_tokens, .. } = prompt;
        Self { instructions, turns, tools, max_output_tokens }
    }
}

impl ToldCall {
    /// Its arguments as the text of a JSON object.
    pub(super) fn text(&self) -> String {
        Value::from(self.arguments.clone()).to_string()
    }
}

fn object(arguments: CallArguments) -> Map<String, Value> {
    match arguments {
        CallArguments::Read(object) => object,
        CallArguments::Unreadable(text) => Map::from_iter([("unreadable".to_owned(), json!(text))]),
    }
}
