//! What providers are asked.

use pmos_connectors::models::ModelsConfig;
use pmos_core::model::{CallArguments, ChatModel, ModelEndpoint, Prompt, PromptMessage, ProposedCall, ProviderKind};
use pmos_core::vault::Secret;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Asked, KEY, Script, Server, ask, fixture, question};

/// A conversation in which the model called two tools, one of them with what could not be read.
fn conversation(opaque: Option<&str>) -> Prompt {
    let call = |id: &str, tool: &str, arguments| ProposedCall {
        id: id.to_owned(),
        tool: tool.to_owned(),
        arguments,
        opaque: opaque.map(str::to_owned),
    };
    let read = CallArguments::Read(json!({"city": "Zürich"}).as_object().unwrap().clone());
    let mut prompt = question();
    prompt.messages.extend([
        PromptMessage::Assistant {
            text: "Let me see.".to_owned(),
            calls: vec![
                call("call#weather#0", "weather", read),
                call("x", "time", CallArguments::Unreadable("{".to_owned())),
            ],
        },
        PromptMessage::ToolResult {
            call: "call#weather#0".to_owned(),
            tool: "weather".to_owned(),
            content: "{\"sky\":\"blue\"}".to_owned(),
        },
        PromptMessage::ToolResult {
            call: "x".to_owned(),
            tool: "time".to_owned(),
            content: "not an object".to_owned(),
        },
        PromptMessage::Assistant { text: String::new(), calls: Vec::new() },
        PromptMessage::User("And tomorrow?".to_owned()),
    ]);
    prompt
}

async fn asked(kind: ProviderKind, key: bool, prompt: Prompt) -> Asked {
    let server = Server::start(Script::refusal("500 Internal Server Error", "")).await;
    let endpoint = ModelEndpoint { key: key.then(|| Secret::new(KEY)), ..server.endpoint(kind) };
    let models = server.models(ModelsConfig::default());
    assert!(models.stream(&endpoint, "m-1", prompt).await.is_err());
    server.asked().await
}

#[rstest]
#[case(ProviderKind::Openai, true, "post /v1/chat/completions ", "authorization: bearer sk-test-0123456789")]
#[case(ProviderKind::OpenaiCompatible, true, "post /v1/chat/completions ", "authorization: bearer sk-test-0123456789")]
#[case(ProviderKind::OpenaiResponses, true, "post /v1/responses ", "authorization: bearer sk-test-0123456789")]
#[case(ProviderKind::Anthropic, true, "post /v1/messages ", "x-api-key: sk-test-0123456789")]
#[case(ProviderKind::Anthropic, true, "post /v1/messages ", "anthropic-version: 2023-06-01")]
#[case(
    ProviderKind::Gemini,
    true,
    "post /v1/models/m-1:streamgeneratecontent?alt=sse ",
    "x-goog-api-key: sk-test-0123456789"
)]
#[case(ProviderKind::Ollama, false, "post /api/chat ", "content-type: application/json")]
#[case(ProviderKind::Ollama, true, "post /v1/chat/completions ", "authorization: bearer sk-test-0123456789")]
#[tokio::test]
async fn every_provider_is_asked_at_its_place_with_the_key_as_it_wants_it(
    #[case] kind: ProviderKind,
    #[case] has_key: bool,
    #[case] place: &str,
    #[case] header: &str,
) {
    let head = asked(kind, has_key, question()).await.head;
    assert!(head.starts_with(place), "{head}");
    assert!(head.lines().any(|line| line == header), "{head}");
    assert_eq!(head.matches(KEY).count(), usize::from(has_key), "{head}");
}

#[rstest]
#[case(ProviderKind::Openai, "/max_completion_tokens")]
#[case(ProviderKind::OpenaiCompatible, "/max_tokens")]
#[case(ProviderKind::OpenaiResponses, "/max_output_tokens")]
#[case(ProviderKind::Anthropic, "/max_tokens")]
#[case(ProviderKind::Gemini, "/generationConfig/maxOutputTokens")]
#[case(ProviderKind::Ollama, "/options/num_predict")]
#[tokio::test]
async fn the_most_tokens_are_told_as_the_provider_calls_them(#[case] kind: ProviderKind, #[case] place: &str) {
    let body = asked(kind, false, question()).await.body;
    assert_eq!(body.pointer(place), Some(&json!(500)), "{body}");
}

#[rstest]
#[case(ProviderKind::Openai, "/messages", json!([
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Let me see.", "tool_calls": [
        {"id": "call00001", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Zürich\"}"}},
        {"id": "call00002", "type": "function", "function": {"name": "time", "arguments": "{\"unreadable\":\"{\"}"}}]},
    {"role": "tool", "tool_call_id": "call00001", "content": "{\"sky\":\"blue\"}"},
    {"role": "tool", "tool_call_id": "call00002", "content": "not an object"},
    {"role": "user", "content": "And tomorrow?"}]))]
#[case(ProviderKind::OpenaiResponses, "/input", json!([
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Let me see."},
    {"type": "function_call", "call_id": "call00001", "name": "weather", "arguments": "{\"city\":\"Zürich\"}"},
    {"type": "function_call", "call_id": "call00002", "name": "time", "arguments": "{\"unreadable\":\"{\"}"},
    {"type": "function_call_output", "call_id": "call00001", "output": "{\"sky\":\"blue\"}"},
    {"type": "function_call_output", "call_id": "call00002", "output": "not an object"},
    {"role": "user", "content": "And tomorrow?"}]))]
#[case(ProviderKind::Anthropic, "/messages", json!([
    {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
    {"role": "assistant", "content": [
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "call00001", "name": "weather", "input": {"city": "Zürich"}},
        {"type": "tool_use", "id": "call00002", "name": "time", "input": {"unreadable": "{"}}]},
    {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "call00001", "content": "{\"sky\":\"blue\"}"},
        {"type": "tool_result", "tool_use_id": "call00002", "content": "not an object"},
        {"type": "text", "text": "And tomorrow?"}]}]))]
#[case(ProviderKind::Gemini, "/contents", json!([
    {"role": "user", "parts": [{"text": "Hello"}]},
    {"role": "model", "parts": [
        {"text": "Let me see."},
        {"functionCall": {"name": "weather", "args": {"city": "Zürich"}}},
        {"functionCall": {"name": "time", "args": {"unreadable": "{"}}}]},
    {"role": "user", "parts": [
        {"functionResponse": {"name": "weather", "response": {"sky": "blue"}}},
        {"functionResponse": {"name": "time", "response": {"result": "not an object"}}},
        {"text": "And tomorrow?"}]}]))]
#[case(ProviderKind::Ollama, "/messages", json!([
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Let me see.", "tool_calls": [
        {"function": {"name": "weather", "arguments": {"city": "Zürich"}}},
        {"function": {"name": "time", "arguments": {"unreadable": "{"}}}]},
    {"role": "tool", "tool_name": "weather", "content": "{\"sky\":\"blue\"}"},
    {"role": "tool", "tool_name": "time", "content": "not an object"},
    {"role": "user", "content": "And tomorrow?"}]))]
#[tokio::test]
async fn a_conversation_is_told_as_the_provider_reads_it(
    #[case] kind: ProviderKind,
    #[case] place: &str,
    #[case] told: Value,
) {
    let body = asked(kind, false, conversation(None)).await.body;
    assert_eq!(body.pointer(place), Some(&told), "{body:#}");
    assert!(body.to_string().contains("Tells the weather."), "{body:#}");
    assert!(body.to_string().contains("Be brief."), "{body:#}");
}

#[tokio::test]
async fn what_gemini_wants_back_with_a_call_goes_back_to_it_alone() {
    let script = Script::answer(fixture(ProviderKind::Gemini, "calls.txt"));
    let calls = ask(script, ProviderKind::Gemini, ModelsConfig::default()).await.unwrap().end().calls;
    assert!(calls[1].opaque.is_none());
    let opaque = calls[0].opaque.as_deref();
    let body = asked(ProviderKind::Gemini, true, conversation(opaque)).await.body;
    assert_eq!(body.pointer("/contents/1/parts/1/thoughtSignature"), Some(&json!("c2lnbmF0dXJl")), "{body:#}");
    for other in ProviderKind::ALL.into_iter().filter(|kind| *kind != ProviderKind::Gemini) {
        let body = asked(other, false, conversation(opaque)).await.body;
        assert!(!body.to_string().contains("c2lnbmF0dXJl"), "{body:#}");
    }
}

#[tokio::test]
async fn what_a_server_wants_back_with_a_call_goes_back_to_it() {
    let extra = json!({"google": {"thought_signature": "c2ln"}});
    let call = json!({"index": 0, "id": "a", "function": {"name": "time", "arguments": "{}"}, "extra_content": extra});
    let chunk = json!({"choices": [{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]});
    let script = Script::answer(format!("data: {chunk}\n\n"));
    let kind = ProviderKind::OpenaiCompatible;
    let calls = ask(script, kind, ModelsConfig::default()).await.unwrap().end().calls;
    let body = asked(kind, true, conversation(calls[0].opaque.as_deref())).await.body;
    assert_eq!(body.pointer("/messages/2/tool_calls/0/extra_content"), Some(&extra), "{body:#}");
}

#[rstest]
#[case(ProviderKind::Openai, "get /v1/models ")]
#[case(ProviderKind::OpenaiResponses, "get /v1/models ")]
#[case(ProviderKind::Anthropic, "get /v1/models?limit=1000 ")]
#[case(ProviderKind::Gemini, "get /v1/models?pagesize=1000 ")]
#[case(ProviderKind::Ollama, "get /api/tags ")]
#[tokio::test]
async fn the_models_of_a_provider_are_listed_in_its_order(#[case] kind: ProviderKind, #[case] place: &str) {
    let server = Server::start(Script::answer(fixture(kind, "models.json"))).await;
    let models = server.models(ModelsConfig::default());
    assert_eq!(models.models(&server.endpoint(kind)).await.unwrap(), ["m-2", "m-1"]);
    let head = server.asked().await.head;
    assert!(head.starts_with(place), "{head}");
    assert_eq!(head.contains(KEY), kind != ProviderKind::Ollama, "{head}");
}

#[tokio::test]
async fn what_is_no_list_of_models_is_a_fault() {
    for body in ["<html></html>", "{}", "{\"data\":7}"] {
        let server = Server::start(Script::answer(body)).await;
        let models = server.models(ModelsConfig::default());
        let fault = models.models(&server.endpoint(ProviderKind::Openai)).await.unwrap_err();
        assert_eq!(fault.kind, pmos_core::model::FaultKind::Provider, "{body}");
    }
}
