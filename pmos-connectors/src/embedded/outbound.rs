//! The guarded HTTP client as the sender of `http` steps.

use async_trait::async_trait;
use pmos_core::content::header_text;

use super::sender::{HttpAnswer, HttpCall, HttpSender, NoAnswer};
use crate::outbound::{ErrorKind, Method, Outbound, OutboundError, OutboundRequest, Sent};

#[async_trait]
impl HttpSender for Outbound {
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        let answer = Outbound::send(self, request(call)?).await?;
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.as_str().to_owned(), header_text(value.as_bytes()).into_owned())
        };
        let headers = answer.headers.iter().map(header).collect();
        Ok(HttpAnswer { status: answer.status.as_u16(), headers, body: answer.body })
    }
}

fn request(call: HttpCall) -> Result<OutboundRequest, NoAnswer> {
    let method = Method::from_bytes(call.method.as_bytes()).map_err(|_| refused("the method is not one of HTTP"))?;
    let mut request = OutboundRequest::new(method, &call.url)?.body(call.body).timeout(call.timeout);
    if let Some(credential) = call.credential {
        request = request.credential(credential);
    }
    for (name, value) in &call.headers {
        request = request.header(name, value)?;
    }
    for (name, value) in &call.query {
        request = request.query(name, value);
    }
    Ok(request.max_response_bytes(call.answer_bytes))
}

fn refused(reason: &str) -> NoAnswer {
    NoAnswer { reason: reason.to_owned(), perhaps_received: false, temporary: false }
}

impl From<OutboundError> for NoAnswer {
    fn from(error: OutboundError) -> Self {
        // An answer that is too large or cannot be read is an answer: the service has acted.
        let answered = matches!(error.kind(), ErrorKind::ResponseTooLarge { .. } | ErrorKind::Unreadable(_));
        let perhaps_received = error.sent() == Sent::Maybe && !answered;
        Self { reason: error.to_string(), perhaps_received, temporary: error.is_temporary() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use pmos_core::vault::{Credential, CredentialKind, Secret};
    use rstest::rstest;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{body_string, header, method, path, query_param},
    };

    use super::*;

    fn sender(server: &MockServer) -> Outbound {
        Outbound::builder().allow(server.address().to_string().parse().unwrap()).build().unwrap()
    }

    fn call(url: String) -> HttpCall {
        HttpCall {
            method: "POST".to_owned(),
            url,
            headers: vec![("x-a".to_owned(), "1".to_owned())],
            query: vec![("q".to_owned(), "a b".to_owned())],
            body: Bytes::from_static(b"hello"),
            credential: None,
            timeout: Duration::from_secs(5),
            answer_bytes: 1_000,
        }
    }

    fn stored(kind: CredentialKind, name: &str, host: &str) -> Credential {
        Credential { kind, name: name.to_owned(), secret: Secret::new("s3cret"), hosts: vec![host.parse().unwrap()] }
    }

    #[rstest]
    #[case::bearer(CredentialKind::Bearer, "", "authorization", "Bearer s3cret")]
    #[case::basic(CredentialKind::Basic, "ada", "authorization", "Basic YWRhOnMzY3JldA==")]
    #[case::header(CredentialKind::Header, "x-api-key", "x-api-key", "s3cret")]
    #[tokio::test]
    async fn a_call_arrives_with_its_credential(
        #[case] kind: CredentialKind,
        #[case] name: &str,
        #[case] header_name: &str,
        #[case] value: &str,
    ) {
        let server = MockServer::start().await;
        let expected =
            Mock::given(method("POST")).and(path("/orders")).and(query_param("q", "a b")).and(header("x-a", "1"));
        let expected = expected.and(header(header_name, value)).and(body_string("hello"));
        expected
            .respond_with(ResponseTemplate::new(201).insert_header("x-b", "2").set_body_string("done"))
            .mount(&server)
            .await;
        let mut call = call(format!("{}/orders", server.uri()));
        call.credential = Some(stored(kind, name, &server.address().to_string()));
        let answer = HttpSender::send(&sender(&server), call).await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (201, &b"done"[..]));
        assert!(answer.headers.contains(&("x-b".to_owned(), "2".to_owned())));
    }

    #[tokio::test]
    async fn a_query_credential_is_added_to_the_address() {
        let server = MockServer::start().await;
        let expected = Mock::given(query_param("key", "s3cret")).respond_with(ResponseTemplate::new(200));
        expected.mount(&server).await;
        let mut call = call(server.uri());
        call.credential = Some(stored(CredentialKind::Query, "key", &server.address().to_string()));
        assert_eq!(HttpSender::send(&sender(&server), call).await.unwrap().status, 200);
    }

    /// Without a port a stored host means the usual ports alone.
    #[rstest]
    #[case("other.test")]
    #[case("127.0.0.1")]
    #[tokio::test]
    async fn a_credential_for_another_place_is_not_sent(#[case] host: &str) {
        let server = MockServer::start().await;
        let mut call = call(server.uri());
        call.credential = Some(stored(CredentialKind::Bearer, "", host));
        let none = HttpSender::send(&sender(&server), call).await.unwrap_err();
        assert!(none.reason.contains("may not be sent to this host and port"), "{none:?}");
        assert!(!none.perhaps_received && !none.temporary);
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_may_have_been_received_is_told_from_what_never_left() {
        let server = MockServer::start().await;
        Mock::given(path("/slow"))
            .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_mins(1)))
            .mount(&server)
            .await;
        Mock::given(path("/large"))
            .respond_with(ResponseTemplate::new(200).set_body_string("x".repeat(2_000)))
            .mount(&server)
            .await;
        let sender = sender(&server);
        let mut slow = call(format!("{}/slow", server.uri()));
        slow.timeout = Duration::from_millis(200);
        let slow = HttpSender::send(&sender, slow).await.unwrap_err();
        let large = HttpSender::send(&sender, call(format!("{}/large", server.uri()))).await.unwrap_err();
        let inside = HttpSender::send(&sender, call("http://127.0.0.1:1/".to_owned())).await.unwrap_err();
        let told = [&slow, &large, &inside].map(|none| (none.perhaps_received, none.temporary));
        assert_eq!(told, [(true, true), (false, false), (false, false)], "{slow:?} {large:?} {inside:?}");
    }
}
