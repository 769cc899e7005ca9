//! The responses of `OpenAI`.

use pmos_core::model::TokenUsage;
use serde_json::{Value, json};

use super::{
    Answer, Reader, Stop, Talk,
    answer::Draft,
    json::{count_at, document, text_at},
    talk::Turn,
};

/// What is posted. Nothing is stored at the provider: what was said is told anew each time.
pub(super) fn question(model: &str, talk: &Talk) -> Value {
    let mut question = json!({
        "model": model,
        "input": talk.turns.iter().flat_map(items).collect::<Vec<_>>(),
        "stream": true,
        "store": false,
    });
    if !talk.instructions.is_empty() {
        question["instructions"] = json!(talk.instructions);
    }
    if talk.max_output_tokens > 0 {
        question["max_output_tokens"] = json!(talk.max_output_tokens);
    }
    if !talk.tools.is_empty() {
        let tools = talk.tools.iter().map(|tool| {
            // Strict is what it is when nothing is said, and then only few forms of schemas are taken.
            json!({"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.schema,
                "strict": false})
        });
        question["tools"] = tools.collect();
    }
    question
}

fn items(turn: &Turn) -> Vec<Value> {
    match turn {
        Turn::User(text) => vec![json!({"role": "user", "content": text})],
        Turn::Result { id, content, .. } => {
            vec![json!({"type": "function_call_output", "call_id": id, "output": content})]
        }
        Turn::Assistant { text, calls } => {
            let said = (!text.is_empty()).then(|| json!({"role": "assistant", "content": text}));
            let called = calls.iter().map(|call| {
                json!({"type": "function_call", "call_id": call.id, "name": call.tool, "arguments": call.text()})
            });
            said.into_iter().chain(called).collect()
        }
    }
}

/// What reads an answer.
#[derive(Debug, Default)]
pub(super) struct ResponsesReader {
    refusal: String,
}

impl Reader for ResponsesReader {
    fn read(&mut self, frame: &str, answer: &mut Answer) -> Result<(), Stop> {
        if frame.trim() == "[DONE]" {
            return Ok(());
        }
        let event = document(frame)?;
        let delta = text_at(&event, "/delta").unwrap_or_default();
        match text_at(&event, "/type").unwrap_or_default() {
            "response.output_text.delta" => answer.text(delta),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => answer.reasoning(delta),
            "response.refusal.delta" => self.refusal.push_str(delta),
            "response.output_item.done" if text_at(&event, "/item/type") == Some("function_call") => {
                let part = |name| text_at(&event, name).unwrap_or_default().to_owned();
                answer.call(Draft {
                    id: part("/item/call_id"),
                    tool: part("/item/name"),
                    arguments: part("/item/arguments"),
                    opaque: None,
                });
            }
            "response.completed" if !self.refusal.is_empty() => {
                return Err(Stop::Refused(std::mem::take(&mut self.refusal)));
            }
            "response.completed" => ended(&event, answer),
            "response.incomplete" => {
                if text_at(&event, "/response/incomplete_details/reason") == Some("content_filter") {
                    return Err(Stop::Refused(frame.to_owned()));
                }
                answer.is_cut = true;
                ended(&event, answer);
            }
            "response.failed" => return Err(Stop::Failed(json!({"error": event.pointer("/response/error")}))),
            "error" => return Err(Stop::Failed(json!({"error": event}))),
            _ => {}
        }
        Ok(())
    }
}

fn ended(event: &Value, answer: &mut Answer) {
    answer.usage = TokenUsage {
        input: count_at(event, "/response/usage/input_tokens"),
        output: count_at(event, "/response/usage/output_tokens"),
        cached: count_at(event, "/response/usage/input_tokens_details/cached_tokens"),
        reasoning: count_at(event, "/response/usage/output_tokens_details/reasoning_tokens"),
    };
    answer.over();
}
