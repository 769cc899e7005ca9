//! Gemini.

use pmos_core::model::TokenUsage;
use serde_json::{Value, json};

use super::{
    Answer, Reader, Stop, Talk,
    answer::Draft,
    json::{count_at, document, failed, list_at, text_at},
    talk::{ToldCall, Turn},
};

/// What marks the opaque part of a call as one of this dialect: models are changed within a conversation.
const MARK: &str = "gemini:";

/// The name of a model without the folder that lists put before it.
pub(super) fn short_name(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

/// Whether a model of the list writes answers, and does not only embed or draw.
pub(super) fn can_answer(model: &Value) -> bool {
    list_at(model, "/supportedGenerationMethods").is_none_or(|all| all.iter().any(|way| way == "generateContent"))
}

/// What is posted; the model stands in the address.
pub(super) fn question(talk: &Talk) -> Value {
    let mut question = json!({"contents": contents(&talk.turns)});
    if !talk.instructions.is_empty() {
        question["systemInstruction"] = json!({"parts": [{"text": talk.instructions}]});
    }
    if talk.max_output_tokens > 0 {
        question["generationConfig"] = json!({"maxOutputTokens": talk.max_output_tokens});
    }
    if !talk.tools.is_empty() {
        let tools: Vec<_> = talk
            .tools
            .iter()
            .map(
                |tool| json!({"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.schema}),
            )
            .collect();
        question["tools"] = json!([{"functionDeclarations": tools}]);
    }
    question
}

/// Person and model take turns, and the results of all calls of an answer are one message.
fn contents(turns: &[Turn]) -> Vec<Value> {
    let mut contents: Vec<(&str, Vec<Value>)> = Vec::new();
    for turn in turns {
        let (role, parts) = match turn {
            Turn::User(text) => ("user", vec![json!({"text": text})]),
            Turn::Result { tool, content, .. } => ("user", vec![result(tool, content)]),
            Turn::Assistant { text, calls } => {
                let said = (!text.is_empty()).then(|| json!({"text": text}));
                ("model", said.into_iter().chain(calls.iter().map(call)).collect())
            }
        };
        match contents.last_mut() {
            Some((last, all)) if *last == role => all.extend(parts),
            _ => contents.push((role, parts)),
        }
    }
    contents.into_iter().map(|(role, parts)| json!({"role": role, "parts": parts})).collect()
}

fn call(call: &ToldCall) -> Value {
    let mut part = json!({"functionCall": {"name": call.tool, "args": call.arguments}});
    if let Some(signature) = call.opaque.as_deref().and_then(|opaque| opaque.strip_prefix(MARK)) {
        part["thoughtSignature"] = json!(signature);
    }
    part
}

/// What came of a call, which is always an object.
fn result(tool: &str, content: &str) -> Value {
    let object = serde_json::from_str::<Value>(content).ok().filter(Value::is_object);
    let response = object.unwrap_or_else(|| json!({"result": content}));
    json!({"functionResponse": {"name": tool, "response": response}})
}

/// What reads an answer.
#[derive(Debug, Default)]
pub(super) struct GeminiReader;

impl Reader for GeminiReader {
    fn read(&mut self, frame: &str, answer: &mut Answer) -> Result<(), Stop> {
        let chunk = failed(document(frame)?)?;
        if let Some(usage) = chunk.get("usageMetadata") {
            let reasoning = count_at(usage, "/thoughtsTokenCount");
            answer.usage = TokenUsage {
                input: count_at(usage, "/promptTokenCount") + count_at(usage, "/toolUsePromptTokenCount"),
                output: count_at(usage, "/candidatesTokenCount") + reasoning,
                cached: count_at(usage, "/cachedContentTokenCount"),
                reasoning,
            };
        }
        if text_at(&chunk, "/promptFeedback/blockReason").is_some() {
            return Err(Stop::Refused(frame.to_owned()));
        }
        for part in list_at(&chunk, "/candidates/0/content/parts").unwrap_or_default() {
            read_part(part, answer);
        }
        match text_at(&chunk, "/candidates/0/finishReason") {
            None | Some("FINISH_REASON_UNSPECIFIED") => return Ok(()),
            Some("STOP") => {}
            Some("MAX_TOKENS") => answer.is_cut = true,
            Some("MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "MALFORMED_RESPONSE" | "OTHER") => {
                return Err(Stop::garbage("the model wrote what the provider cannot read", frame));
            }
            // Safety, recitation, forbidden words and the like: the list grows.
            Some(_) => return Err(Stop::Refused(frame.to_owned())),
        }
        answer.complete();
        Ok(())
    }
}

fn read_part(part: &Value, answer: &mut Answer) {
    if let Some(text) = text_at(part, "/text") {
        if part.get("thought") == Some(&Value::Bool(true)) { answer.reasoning(text) } else { answer.text(text) }
    }
    if let Some(call) = part.get("functionCall") {
        let text = |name| text_at(call, name).unwrap_or_default().to_owned();
        answer.call(Draft {
            id: text("/id"),
            tool: text("/name"),
            arguments: call.get("args").filter(|args| !args.is_null()).map_or_else(String::new, Value::to_string),
            opaque: text_at(part, "/thoughtSignature").map(|signature| format!("{MARK}{signature}")),
        });
    }
}
