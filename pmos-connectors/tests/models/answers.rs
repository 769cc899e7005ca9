//! What models answer.

use pmos_core::model::{CallArguments, ModelAnswer, ProviderKind, TokenUsage};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Script, answer, fixture};

fn told(answer: &ModelAnswer) -> Vec<(&str, Value)> {
    let arguments = |arguments: &CallArguments| match arguments {
        CallArguments::Read(object) => Value::from(object.clone()),
        CallArguments::Unreadable(text) => json!(text),
    };
    answer.calls.iter().map(|call| (call.tool.as_str(), arguments(&call.arguments))).collect()
}

#[rstest]
#[tokio::test]
async fn a_text_is_the_same_in_whatever_pieces_it_arrives(
    #[values(
        ProviderKind::Openai,
        ProviderKind::OpenaiResponses,
        ProviderKind::Anthropic,
        ProviderKind::Gemini,
        ProviderKind::Ollama,
        ProviderKind::OpenaiCompatible
    )]
    kind: ProviderKind,
    #[values(1, 5, 10_000)] pieces: usize,
) {
    let heard = answer(Script::answer(fixture(kind, "text.txt")).in_pieces(pieces), kind).await;
    assert_eq!((heard.text.as_str(), heard.thought.as_str()), ("Grüezi 🙂", "A greeting."));
    let end = heard.end();
    assert_eq!((end.calls.len(), end.is_cut), (0, false));
    // Ollama tells less.
    let (cached, reasoning) = if kind == ProviderKind::Ollama { (0, 0) } else { (8, 4) };
    let reasoning = if kind == ProviderKind::Anthropic { 0 } else { reasoning };
    assert_eq!(end.usage, TokenUsage { input: 20, output: 9, cached, reasoning });
}

#[rstest]
#[tokio::test]
async fn a_call_arrives_with_its_arguments(
    #[values(
        ProviderKind::Openai,
        ProviderKind::OpenaiResponses,
        ProviderKind::Anthropic,
        ProviderKind::Gemini,
        ProviderKind::Ollama
    )]
    kind: ProviderKind,
    #[values(1, 10_000)] pieces: usize,
) {
    let end = answer(Script::answer(fixture(kind, "call.txt")).in_pieces(pieces), kind).await.end();
    assert_eq!(told(&end), [("weather", json!({"city": "Zürich"}))]);
    assert!(!end.calls[0].id.is_empty());
}

#[rstest]
#[tokio::test]
async fn calls_at_once_keep_their_order_and_have_ids_that_tell_them_apart(
    #[values(
        ProviderKind::Openai,
        ProviderKind::OpenaiResponses,
        ProviderKind::Anthropic,
        ProviderKind::Gemini,
        ProviderKind::Ollama
    )]
    kind: ProviderKind,
) {
    let end = answer(Script::answer(fixture(kind, "calls.txt")), kind).await.end();
    assert_eq!(told(&end), [("weather", json!({"city": "Zürich"})), ("time", json!({"zone": "CET"}))]);
    assert_ne!(end.calls[0].id, end.calls[1].id);
}

#[rstest]
#[case(ProviderKind::Openai, "{\"city\":")]
#[case(ProviderKind::OpenaiResponses, "{\"city\":")]
#[case(ProviderKind::Anthropic, "{\"city\":")]
#[case(ProviderKind::Gemini, "[\"Zürich\"]")]
#[case(ProviderKind::Ollama, "{\"city\":")]
#[tokio::test]
async fn arguments_that_are_no_object_are_passed_on_as_unreadable(#[case] kind: ProviderKind, #[case] text: &str) {
    let end = answer(Script::answer(fixture(kind, "unreadable.txt")), kind).await.end();
    assert_eq!(end.calls[0].arguments, CallArguments::Unreadable(text.to_owned()));
    assert!(end.is_cut);
}

#[rstest]
#[case::numbered_alike(
    r#"{"index":0,"id":"a","function":{"name":"weather","arguments":"{}"}}"#,
    r#"{"index":0,"id":"b","function":{"name":"time","arguments":"{}"}}"#
)]
#[case::not_numbered(
    r#"{"id":"a","function":{"name":"weather","arguments":"{}"}}"#,
    r#"{"id":"b","function":{"name":"time","arguments":{}}}"#
)]
#[tokio::test]
async fn servers_that_do_not_number_their_calls_are_understood(#[case] first: &str, #[case] second: &str) {
    let chunk = |call: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n\n");
    let body = format!("{}{}data: [DONE]", chunk(first), chunk(second));
    let end = answer(Script::answer(body), ProviderKind::OpenaiCompatible).await.end();
    assert_eq!(told(&end), [("weather", json!({})), ("time", json!({}))]);
}

#[tokio::test]
async fn an_answer_is_over_when_the_provider_says_so_though_the_connection_stays() {
    for kind in [ProviderKind::Openai, ProviderKind::OpenaiResponses, ProviderKind::Anthropic, ProviderKind::Ollama] {
        assert_eq!(answer(Script::answer(fixture(kind, "text.txt")).and_stays(), kind).await.text, "Grüezi 🙂");
    }
}
