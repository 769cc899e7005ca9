//! Chat completions of `OpenAI`, and of the many that speak like it.

use std::collections::BTreeMap;

use pmos_core::model::{TokenUsage, ToolSpec};
use serde_json::{Map, Value, json};

use super::{
    Answer, Reader, Stop, Talk,
    answer::Draft,
    json::{count_at, document, failed, list_at, text_at},
    talk::{ToldCall, Turn},
};

/// What marks the opaque part of a call as one of this dialect: models are changed within a conversation.
const MARK: &str = "chat:";

/// What is posted. `OpenAI` itself calls the most tokens of an answer otherwise than all who followed it.
pub(super) fn question(model: &str, talk: &Talk, own: bool) -> Value {
    let mut messages = Vec::with_capacity(talk.turns.len() + 1);
    if !talk.instructions.is_empty() {
        messages.push(json!({"role": "system", "content": talk.instructions}));
    }
    messages.extend(talk.turns.iter().map(message));
    let mut question = json!({
        "model": model,
        "messages": messages,
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    if talk.max_output_tokens > 0 {
        let name = if own { "max_completion_tokens" } else { "max_tokens" };
        question[name] = json!(talk.max_output_tokens);
    }
    if !talk.tools.is_empty() {
        question["tools"] = talk.tools.iter().map(tool).collect();
    }
    question
}

/// A tool as it is told.
pub(super) fn tool(tool: &ToolSpec) -> Value {
    let ToolSpec { name, description, schema } = tool;
    json!({"type": "function", "function": {"name": name, "description": description, "parameters": schema}})
}

fn message(turn: &Turn) -> Value {
    match turn {
        Turn::User(text) => json!({"role": "user", "content": text}),
        Turn::Result { id, content, .. } => json!({"role": "tool", "tool_call_id": id, "content": content}),
        Turn::Assistant { text, calls } if calls.is_empty() => json!({"role": "assistant", "content": text}),
        Turn::Assistant { text, calls } => {
            let content = (!text.is_empty()).then_some(text);
            json!({"role": "assistant", "content": content, "tool_calls": calls.iter().map(call).collect::<Vec<_>>()})
        }
    }
}

fn call(call: &ToldCall) -> Value {
    let function = json!({"name": call.tool, "arguments": call.text()});
    let mut told = json!({"id": call.id, "type": "function", "function": function});
    let extra = call.opaque.as_deref().and_then(|opaque| opaque.strip_prefix(MARK));
    if let Some(Ok(extra)) = extra.map(serde_json::from_str::<Map<String, Value>>) {
        told["extra_content"] = extra.into();
    }
    told
}

/// What reads an answer.
#[derive(Debug, Default)]
pub(super) struct ChatReader {
    /// The places of calls in the answer, by the provider's number of them.
    places: BTreeMap<u64, usize>,
    /// The last call that was told of, for servers that do not number them.
    last: Option<usize>,
    /// The provider's id of each call.
    ids: BTreeMap<usize, String>,
    refusal: String,
}

impl Reader for ChatReader {
    fn read(&mut self, frame: &str, answer: &mut Answer) -> Result<(), Stop> {
        if frame.trim() == "[DONE]" {
            answer.over();
            return Ok(());
        }
        let chunk = failed(document(frame)?)?;
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            answer.usage = TokenUsage {
                input: count_at(usage, "/prompt_tokens"),
                output: count_at(usage, "/completion_tokens"),
                cached: count_at(usage, "/prompt_tokens_details/cached_tokens"),
                reasoning: count_at(usage, "/completion_tokens_details/reasoning_tokens"),
            };
        }
        let Some(choice) = chunk.pointer("/choices/0") else { return Ok(()) };
        let thought = text_at(choice, "/delta/reasoning_content").or_else(|| text_at(choice, "/delta/reasoning"));
        if let Some(thought) = thought {
            answer.reasoning(thought);
        }
        if let Some(text) = text_at(choice, "/delta/content") {
            answer.text(text);
        }
        for part in list_at(choice, "/delta/content").unwrap_or_default() {
            written(part, answer);
        }
        if let Some(refusal) = text_at(choice, "/delta/refusal") {
            self.refusal.push_str(refusal);
        }
        for delta in list_at(choice, "/delta/tool_calls").unwrap_or_default() {
            self.call(delta, answer);
        }
        match text_at(choice, "/finish_reason") {
            None => return Ok(()),
            Some("content_filter") => return Err(Stop::Refused(frame.to_owned())),
            Some("error") => return Err(Stop::Failed(chunk)),
            Some(_) if !self.refusal.is_empty() => return Err(Stop::Refused(std::mem::take(&mut self.refusal))),
            Some(why) => answer.is_cut = why == "length",
        }
        answer.complete();
        Ok(())
    }
}

impl ChatReader {
    /// A piece of a call. It belongs to the call of its number; but some servers number none or all of them 0, and then a
    /// new id begins a new call.
    fn call(&mut self, delta: &Value, answer: &mut Answer) {
        let number = delta.get("index").and_then(Value::as_u64);
        let known = number.map_or(self.last, |number| self.places.get(&number).copied());
        let id = text_at(delta, "/id");
        let goes_on = known.filter(|place| id.is_none_or(|id| self.ids.get(place).is_none_or(|known| known == id)));
        let place = goes_on.unwrap_or_else(|| answer.call(Draft::default()));
        self.last = Some(place);
        if let Some(number) = number {
            self.places.insert(number, place);
        }
        if let Some(id) = id {
            self.ids.insert(place, id.to_owned());
        }
        answer.go_on(place, |call| {
            if let Some(id) = id {
                id.clone_into(&mut call.id);
            }
            if let Some(name) = text_at(delta, "/function/name") {
                name.clone_into(&mut call.tool);
            }
            match delta.pointer("/function/arguments") {
                Some(Value::String(piece)) => call.arguments.push_str(piece),
                Some(whole @ Value::Object(_)) => call.arguments = whole.to_string(),
                _ => {}
            }
            if let Some(extra) = delta.get("extra_content").filter(|extra| extra.is_object()) {
                call.opaque = Some(format!("{MARK}{extra}"));
            }
        });
    }
}

/// A part of a text that comes in parts, some of which are thoughts.
fn written(part: &Value, answer: &mut Answer) {
    if let Some(text) = text_at(part, "/text") {
        answer.text(text);
    }
    for thought in list_at(part, "/thinking").unwrap_or_default() {
        if let Some(text) = text_at(thought, "/text") {
            answer.reasoning(text);
        }
    }
}
