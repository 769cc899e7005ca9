//! Trying a stored credential with the guarded HTTP client.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use pmos_core::{
    connection::{Prober, actions::TestResult},
    vault::Credential,
};

use super::sender::{HttpCall, HttpSender};
use crate::outbound::Outbound;

/// A person waits for the answer in front of a screen.
const PATIENCE: Duration = Duration::from_secs(10);
/// Only the status is looked at.
const ANSWER_BYTES: usize = 256 * 1024;

#[async_trait]
impl Prober for Outbound {
    async fn probe(&self, url: &str, credential: Credential) -> TestResult {
        let call = HttpCall {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            query: Vec::new(),
            body: Bytes::new(),
            credential: Some(credential),
            timeout: PATIENCE,
            answer_bytes: ANSWER_BYTES,
        };
        match HttpSender::send(self, call).await {
            Ok(answer) => verdict(answer.status),
            Err(refusal) => {
                TestResult { ok: Some(false), message: format!("The service was not reached: {}.", refusal.reason) }
            }
        }
    }
}

fn verdict(status: u16) -> TestResult {
    let (ok, message) = match status {
        200..=399 => (Some(true), format!("The service answered {status}: it takes this credential.")),
        401 | 403 => (Some(false), format!("The service refuses this credential ({status}). Replace the secret.")),
        _ => (
            None,
            format!(
                "The service answered {status}, which says nothing about the credential. Try an address that needs it."
            ),
        ),
    };
    TestResult { ok, message }
}

#[cfg(test)]
mod tests {
    use pmos_core::vault::{CredentialKind, Secret};
    use rstest::rstest;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::header};

    use super::*;

    async fn tried(status: u16) -> TestResult {
        let server = MockServer::start().await;
        let asked = Mock::given(header("authorization", "Bearer s3cret"));
        asked.respond_with(ResponseTemplate::new(status)).expect(1).mount(&server).await;
        let address = server.address().to_string();
        let outbound = Outbound::builder().allow(address.parse().unwrap()).build().unwrap();
        let hosts = vec![address.parse().unwrap()];
        let secret = Secret::new("s3cret");
        let credential = Credential { kind: CredentialKind::Bearer, name: String::new(), secret, hosts };
        outbound.probe(&format!("http://{address}/"), credential).await
    }

    #[rstest]
    #[case::taken(200, Some(true))]
    #[case::refused(401, Some(false))]
    #[case::unclear(404, None)]
    #[tokio::test]
    async fn the_status_says_whether_the_service_takes_the_credential(#[case] status: u16, #[case] ok: Option<bool>) {
        assert_eq!(tried(status).await.ok, ok);
    }
}
