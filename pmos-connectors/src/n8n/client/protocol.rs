//! What answers of n8n mean.

use pmos_core::vault::Secret;
use secrecy::SecretString;
use serde_json::Value;

use super::{Auth, FaultKind, READINESS};
use crate::{
    outbound::{Method, StatusCode},
    upstream::{self, Content, Endpoint, Protocol, Received, Verdict},
};

/// The longest text of n8n that is looked at, in bytes.
const READ_OF_A_MESSAGE: usize = 2_000;

pub(in crate::n8n) type Answer = upstream::Answer<N8n>;
pub(in crate::n8n) type Arriving = upstream::Arriving<N8n>;
pub(in crate::n8n) type Fault = upstream::Fault<N8n>;

/// How n8n speaks.
#[derive(Debug)]
pub(in crate::n8n) struct N8n;

impl Protocol for N8n {
    const NAME: &'static str = "n8n";
    const TITLE: &'static str = "n8n";
    const API_PATH: &'static str = "/api/v1";
    const READINESS: Endpoint = READINESS;

    /// By status and content type: while it starts, n8n answers everything with a page and status 200.
    fn judge(endpoint: &Endpoint, response: &Received<'_>) -> Result<(), Verdict> {
        // Of a question what a webhook takes only the headers count: for one that is not registered, n8n answers 500.
        if endpoint.method() == Method::OPTIONS {
            return Ok(());
        }
        Err(match (response.status.as_u16(), response.content()) {
            (200..=299, Content::Data) => return Ok(()),
            (200..=299, _) if response.is_empty() => return Ok(()),
            (200..=299 | 503, Content::Page) => FaultKind::Starting.into(),
            (404, Content::Page) => Verdict::NoSuchPath,
            (400..=499, Content::Data) | (401 | 413 | 429 | 500..=599, _) => refusal(response).into(),
            _ => FaultKind::Garbled.into(),
        })
    }

    fn said(response: &Received<'_>) -> String {
        let body = serde_json::from_slice(response.body.unwrap_or_default());
        let Ok(Value::Object(body)) = body else { return String::new() };
        let text = body.get("message").and_then(Value::as_str).unwrap_or_default();
        text[..text.floor_char_boundary(READ_OF_A_MESSAGE)].to_owned()
    }
}

/// The key of the public API.
pub(in crate::n8n) fn api_key(key: &Secret) -> Auth<'_> {
    Auth::Key("x-n8n-api-key", key)
}

/// The session that was opened with an answer, as it is sent back.
pub(in crate::n8n) fn session_of(answer: &Answer) -> Result<SecretString, Fault> {
    answer.cookie("n8n-auth").map(SecretString::from).ok_or_else(|| answer.garbled())
}

/// What came makes no sense.
pub(in crate::n8n) fn garbled() -> Fault {
    FaultKind::Garbled.into()
}

fn refusal(response: &Received<'_>) -> FaultKind {
    let said = N8n::said(response);
    match licence(&said) {
        Some(feature) if response.status == StatusCode::FORBIDDEN => FaultKind::Licence(feature),
        _ => response.fault(said),
    }
}

/// The feature in `Your license does not allow for feat:folders. To enable …`.
fn licence(said: &str) -> Option<String> {
    if said.contains("Plan lacks license") {
        return Some(String::new());
    }
    let rest = said.strip_prefix("Your license does not allow for ")?;
    Some(rest.split([' ', '.']).next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "Your license does not allow for feat:folders. To enable feat:folders, please upgrade",
        Some("feat:folders")
    )]
    #[case("Plan lacks license for this feature", Some(""))]
    #[case("Forbidden", None)]
    fn what_a_licence_lacks_is_told_from_what_a_key_may_not(#[case] said: &str, #[case] feature: Option<&str>) {
        assert_eq!(licence(said).as_deref(), feature);
    }
}
