//! Ollama's own protocol.

use pmos_core::model::TokenUsage;
use serde_json::{Value, json};

use super::{
    Answer, Reader, Stop, Talk,
    answer::Draft,
    chat,
    json::{count_at, document, failed, list_at, text_at},
    talk::Turn,
};

/// What is posted.
pub(super) fn question(model: &str, talk: &Talk) -> Value {
    let system = (!talk.instructions.is_empty()).then(|| json!({"role": "system", "content": talk.instructions}));
    let messages: Vec<_> = system.into_iter().chain(talk.turns.iter().map(message)).collect();
    let mut question = json!({"model": model, "messages": messages, "stream": true});
    if talk.max_output_tokens > 0 {
        question["options"] = json!({"num_predict": talk.max_output_tokens});
    }
    if !talk.tools.is_empty() {
        question["tools"] = talk.tools.iter().map(chat::tool).collect();
    }
    question
}

fn message(turn: &Turn) -> Value {
    match turn {
        Turn::User(text) => json!({"role": "user", "content": text}),
        Turn::Result { tool, content, .. } => json!({"role": "tool", "tool_name": tool, "content": content}),
        Turn::Assistant { text, calls } => {
            let calls: Vec<_> = calls
                .iter()
                .map(|call| json!({"function": {"name": call.tool, "arguments": call.arguments}}))
                .collect();
            json!({"role": "assistant", "content": text, "tool_calls": calls})
        }
    }
}

/// What reads an answer.
#[derive(Debug, Default)]
pub(super) struct OllamaReader;

impl Reader for OllamaReader {
    fn read(&mut self, frame: &str, answer: &mut Answer) -> Result<(), Stop> {
        let chunk = failed(document(frame)?)?;
        if let Some(thought) = text_at(&chunk, "/message/thinking") {
            answer.reasoning(thought);
        }
        if let Some(text) = text_at(&chunk, "/message/content") {
            answer.text(text);
        }
        for call in list_at(&chunk, "/message/tool_calls").unwrap_or_default() {
            let arguments = match call.pointer("/function/arguments") {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let text = |name| text_at(call, name).unwrap_or_default().to_owned();
            answer.call(Draft { id: text("/id"), tool: text("/function/name"), arguments, opaque: None });
        }
        if chunk.get("done") == Some(&Value::Bool(true)) {
            answer.usage = TokenUsage {
                input: count_at(&chunk, "/prompt_eval_count"),
                output: count_at(&chunk, "/eval_count"),
                ..TokenUsage::default()
            };
            answer.is_cut = text_at(&chunk, "/done_reason") == Some("length");
            answer.over();
        }
        Ok(())
    }
}
