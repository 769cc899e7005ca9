//! The messages of Anthropic.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Answer, Reader, Stop, Talk,
    answer::Draft,
    json::{count_at, document, text_at},
    talk::Turn,
};

/// The most tokens of an answer when nothing is said: the provider insists on a number.
const MAX_TOKENS: u32 = 4096;

/// What is posted.
pub(super) fn question(model: &str, talk: &Talk) -> Value {
    let most = if talk.max_output_tokens > 0 { talk.max_output_tokens } else { MAX_TOKENS };
    let mut question = json!({"model": model, "max_tokens": most, "messages": messages(&talk.turns), "stream": true});
    if !talk.instructions.is_empty() {
        question["system"] = json!(talk.instructions);
    }
    if !talk.tools.is_empty() {
        let tools = talk
            .tools
            .iter()
            .map(|tool| json!({"name": tool.name, "description": tool.description, "input_schema": tool.schema}));
        question["tools"] = tools.collect();
    }
    question
}

/// Person and model take turns: what one of them says in a row is one message, and the results of tools are the person's.
fn messages(turns: &[Turn]) -> Vec<Value> {
    let mut messages: Vec<(&str, Vec<Value>)> = Vec::new();
    for turn in turns {
        let (role, blocks) = match turn {
            Turn::User(text) => ("user", text_block(text)),
            Turn::Result { id, content, .. } => {
                ("user", vec![json!({"type": "tool_result", "tool_use_id": id, "content": content})])
            }
            Turn::Assistant { text, calls } => {
                let mut blocks = text_block(text);
                blocks.extend(calls.iter().map(
                    |call| json!({"type": "tool_use", "id": call.id, "name": call.tool, "input": call.arguments}),
                ));
                ("assistant", blocks)
            }
        };
        match messages.last_mut() {
            Some((last, content)) if *last == role => content.extend(blocks),
            _ => messages.push((role, blocks)),
        }
    }
    messages.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

/// A text; one that is empty is refused by the provider.
fn text_block(text: &str) -> Vec<Value> {
    if text.trim().is_empty() { Vec::new() } else { vec![json!({"type": "text", "text": text})] }
}

/// What reads an answer.
#[derive(Debug, Default)]
pub(super) struct MessagesReader {
    /// The places of calls in the answer, by the number of their block.
    places: BTreeMap<u64, usize>,
}

impl Reader for MessagesReader {
    fn read(&mut self, frame: &str, answer: &mut Answer) -> Result<(), Stop> {
        let event = document(frame)?;
        let block = count_at(&event, "/index");
        match text_at(&event, "/type").unwrap_or_default() {
            "message_start" => usage(&event, "/message/usage", answer),
            "content_block_start" => match text_at(&event, "/content_block/type") {
                Some("tool_use") => {
                    let part = |name| text_at(&event, name).unwrap_or_default().to_owned();
                    // Servers that only speak like the provider may have the whole input here.
                    let input = event.pointer("/content_block/input").and_then(Value::as_object);
                    let place = answer.call(Draft {
                        id: part("/content_block/id"),
                        tool: part("/content_block/name"),
                        arguments: input
                            .filter(|input| !input.is_empty())
                            .map_or_else(String::new, |input| Value::from(input.clone()).to_string()),
                        opaque: None,
                    });
                    self.places.insert(block, place);
                }
                Some("text") => text_at(&event, "/content_block/text").into_iter().for_each(|text| answer.text(text)),
                _ => {}
            },
            "content_block_delta" => self.delta(block, &event, answer),
            "message_delta" => {
                usage(&event, "/usage", answer);
                match text_at(&event, "/delta/stop_reason") {
                    None => {}
                    Some("refusal") => return Err(Stop::Refused(frame.to_owned())),
                    Some(why) => {
                        answer.is_cut = matches!(why, "max_tokens" | "model_context_window_exceeded");
                        answer.complete();
                    }
                }
            }
            "message_stop" => answer.over(),
            "error" => return Err(Stop::Failed(event)),
            _ => {}
        }
        Ok(())
    }
}

impl MessagesReader {
    fn delta(&self, block: u64, event: &Value, answer: &mut Answer) {
        if let Some(text) = text_at(event, "/delta/text") {
            answer.text(text);
        }
        if let Some(thought) = text_at(event, "/delta/thinking") {
            answer.reasoning(thought);
        }
        if let (Some(piece), Some(place)) = (text_at(event, "/delta/partial_json"), self.places.get(&block)) {
            answer.go_on(*place, |call| call.arguments.push_str(piece));
        }
    }
}

/// What it cost: told at the beginning and again at the end, where only what is told anew counts.
fn usage(event: &Value, place: &str, answer: &mut Answer) {
    let Some(usage) = event.pointer(place) else { return };
    if usage.get("input_tokens").is_some_and(Value::is_u64) {
        let cached = count_at(usage, "/cache_read_input_tokens");
        answer.usage.cached = cached;
        answer.usage.input =
            count_at(usage, "/input_tokens") + cached + count_at(usage, "/cache_creation_input_tokens");
    }
    answer.usage.output = answer.usage.output.max(count_at(usage, "/output_tokens"));
}
