//! Answers that break off, hang, do not end or are none.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use pmos_connectors::{
    models::{Models, ModelsConfig},
    outbound::Outbound,
};
use pmos_core::model::{ChatModel, FaultKind, ModelEndpoint, ModelEvent, ProviderKind};
use rstest::rstest;
use tokio::net::TcpListener;

use super::support::{Script, Server, ask, fault, fixture, question};

#[rstest]
#[case(ProviderKind::Openai, "\"finish_reason\":\"stop\"")]
#[case(ProviderKind::OpenaiResponses, "\"usage\"")]
#[case(ProviderKind::Anthropic, "\"end_turn\"")]
#[case(ProviderKind::Gemini, "\"STOP\"")]
#[case(ProviderKind::Ollama, "\"done\":true")]
#[tokio::test]
async fn wherever_an_answer_breaks_off_it_is_no_success(#[case] kind: ProviderKind, #[case] end: &str) {
    let body = fixture(kind, "text.txt");
    let end = body.find(end).unwrap();
    for cut in (0..end).step_by(end / 40) {
        fault(Script::answer(&body.as_bytes()[..cut]), kind, FaultKind::Provider).await;
    }
    // The same where the end of the body would have been told.
    let script = Script::answer(&body.as_bytes()[..end]).header("content-length", "100000");
    fault(script, kind, FaultKind::Provider).await;
}

#[tokio::test]
async fn what_is_no_answer_is_a_fault() {
    let garbage: [&[u8]; 5] = [
        b"",
        b"<html><body>Welcome</body></html>",
        b"data: {\"choices\": oops\n\n",
        b"data: \xff\xfe\n\n",
        b"{\"choices\":[{\"message\":{\"content\":\"not streamed\"}}]}",
    ];
    for body in garbage {
        for kind in ProviderKind::ALL {
            fault(Script::answer(body), kind, FaultKind::Provider).await;
        }
    }
    let packed = Script::answer("data: [DONE]\n\n").header("content-encoding", "gzip");
    fault(packed, ProviderKind::Openai, FaultKind::Provider).await;
}

#[tokio::test]
async fn silence_within_an_answer_ends_it() {
    let config = ModelsConfig { idle: Duration::from_millis(50), ..ModelsConfig::default() };
    let begun = fixture(ProviderKind::Openai, "busy.txt").split_once("\n\n").unwrap().0.to_owned() + "\n\n";
    let fault = ask(Script::answer(begun).and_stays(), ProviderKind::Openai, config).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Timeout, "{fault:?}");
}

#[tokio::test]
async fn silence_after_an_answer_is_its_end() {
    let config = ModelsConfig { idle: Duration::from_millis(50), ..ModelsConfig::default() };
    let whole = fixture(ProviderKind::Openai, "text.txt");
    let whole = whole.split_once("data: [DONE]").unwrap().0;
    let heard = ask(Script::answer(whole).and_stays(), ProviderKind::Openai, config).await.unwrap();
    assert_eq!(heard.text, "Grüezi 🙂");
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_its_time_is_given_up() {
    let config = ModelsConfig { deadline: Duration::from_millis(50), ..ModelsConfig::default() };
    let fault = ask(Script::answer("").and_stays(), ProviderKind::Anthropic, config).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Timeout, "{fault:?}");
}

#[rstest]
#[case::many_pieces(&"data: {\"choices\":[{\"delta\":{\"content\":\"abcdefghij\"}}]}\n\n".repeat(60))]
#[case::one_piece(&format!("data: {}", "x".repeat(5000)))]
#[case::a_call(&format!(
    "data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{}\"}}}}]}}}}]}}\n\n",
    "x".repeat(600)
))]
#[tokio::test]
async fn an_answer_without_end_is_given_up(#[case] body: &str) {
    let config = ModelsConfig { max_answer_bytes: 500, ..ModelsConfig::default() };
    let fault = ask(Script::answer(body).and_stays(), ProviderKind::Openai, config).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Provider);
    assert!(fault.message.contains("500 bytes"), "{fault}");
}

#[tokio::test]
async fn dropping_an_answer_closes_its_connection() {
    let begun = fixture(ProviderKind::Gemini, "busy.txt").split_once("\n\n").unwrap().0.to_owned() + "\n\n";
    let server = Server::start(Script::answer(begun).and_stays()).await;
    let models = server.models(ModelsConfig::default());
    let mut stream = models.stream(&server.endpoint(ProviderKind::Gemini), "m-1", question()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), ModelEvent::Text("Grüezi".to_owned()));
    drop(stream);
    server.asked().await;
}

#[tokio::test]
async fn an_inside_address_is_not_reached_unless_the_operator_names_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = Some(format!("http://{}/", listener.local_addr().unwrap()));
    let models = Models::new(ModelsConfig::default(), Arc::new(Outbound::builder().build().unwrap()));
    let endpoint = ModelEndpoint { kind: ProviderKind::Ollama, base_url, key: None };
    let fault = models.stream(&endpoint, "m-1", question()).await.err().unwrap();
    assert_eq!(fault.kind, FaultKind::Provider);
    assert!(!fault.message.contains("127.0.0.1"), "{fault}");
    assert_eq!(models.models(&endpoint).await.unwrap_err().kind, FaultKind::Provider);
    let own = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().1, own.local_addr().unwrap(), "the address was connected to");
}
