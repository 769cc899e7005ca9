//! What providers refuse.

use std::time::Duration;

use pmos_core::model::{FaultKind, ProviderKind};
use rstest::rstest;

use super::support::{Script, fault, fixture};

const KINDS: [ProviderKind; 5] = [
    ProviderKind::Openai,
    ProviderKind::OpenaiResponses,
    ProviderKind::Anthropic,
    ProviderKind::Gemini,
    ProviderKind::Ollama,
];

#[rstest]
#[case("400 Bad Request", "context.json", FaultKind::ContextLength)]
#[case("401 Unauthorized", "key.json", FaultKind::Auth)]
#[case("404 Not Found", "unknown.json", FaultKind::UnknownModel)]
#[case("429 Too Many Requests", "busy.json", FaultKind::RateLimited)]
#[tokio::test]
async fn a_refusal_has_its_kind_at_every_provider(
    #[case] status: &'static str,
    #[case] body: &str,
    #[case] expected: FaultKind,
) {
    for kind in KINDS {
        let fault = fault(Script::refusal(status, fixture(kind, body)), kind, expected).await;
        assert!(fault.detail.starts_with("status 4"), "{}", fault.detail);
    }
}

#[tokio::test]
async fn asked_too_often_tells_how_long_to_wait() {
    for kind in KINDS {
        let script = Script::refusal("429 Too Many Requests", fixture(kind, "busy.json")).header("retry-after", "7");
        let fault = fault(script, kind, FaultKind::RateLimited).await;
        assert_eq!(fault.retry_after, Some(Duration::from_secs(7)));
    }
}

#[tokio::test]
async fn asked_too_often_in_the_middle_of_an_answer_ends_it() {
    for kind in KINDS {
        fault(Script::answer(fixture(kind, "busy.txt")), kind, FaultKind::RateLimited).await;
    }
}

#[tokio::test]
async fn an_answer_that_the_provider_declines_is_a_refusal() {
    for kind in KINDS.into_iter().filter(|kind| *kind != ProviderKind::Ollama) {
        fault(Script::answer(fixture(kind, "refusal.txt")), kind, FaultKind::Refusal).await;
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_says_to_check_the_address() {
    let script = Script::refusal("404 Not Found", "<html>the model of a page</html>");
    let fault = fault(script, ProviderKind::OpenaiCompatible, FaultKind::Provider).await;
    assert!(fault.message.contains("`base_url`"), "{fault}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let script = Script::refusal("307 Temporary Redirect", "").header("location", "http://127.0.0.1:1/");
    let fault = fault(script, ProviderKind::OpenaiCompatible, FaultKind::Provider).await;
    assert!(fault.message.contains("another address"), "{fault}");
}

#[tokio::test]
async fn what_a_provider_says_is_kept_for_the_log_but_not_all_of_it() {
    let script = Script::refusal("500 Internal Server Error", "x".repeat(200_000));
    let fault = fault(script, ProviderKind::Openai, FaultKind::Provider).await;
    assert!(fault.detail.len() < 2100, "{}", fault.detail.len());
}
