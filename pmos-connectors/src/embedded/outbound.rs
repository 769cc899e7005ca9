//! The guarded HTTP client as the sender of `http` steps.

use async_trait::async_trait;
use pmos_core::vault::{Credential, CredentialKind};
use secrecy::SecretString;
use url::Url;

use super::sender::{HttpAnswer, HttpCall, HttpSender, NoAnswer};
use crate::outbound::{self, BoundHosts, ErrorKind, Method, Outbound, OutboundError, OutboundRequest, Sent};

#[async_trait]
impl HttpSender for Outbound {
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        let answer = Outbound::send(self, request(call)?).await?;
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers = answer.headers.iter().map(header).collect();
        Ok(HttpAnswer { status: answer.status.as_u16(), headers, body: answer.body })
    }
}

fn request(call: HttpCall) -> Result<OutboundRequest, NoAnswer> {
    let method = Method::from_bytes(call.method.as_bytes()).map_err(|_| refused("the method is not one of HTTP"))?;
    let mut request = OutboundRequest::new(method, &call.url)?.body(call.body).timeout(call.timeout);
    if let Some(stored) = &call.credential {
        request = request.credential(credential(stored, &call.url)?);
    }
    for (name, value) in &call.headers {
        request = request.header(name, value)?;
    }
    for (name, value) in &call.query {
        request = request.query(name, value);
    }
    Ok(request.max_response_bytes(call.answer_bytes))
}

fn credential(stored: &Credential, url: &str) -> Result<outbound::Credential, NoAnswer> {
    // The stored pattern is narrower than the client's: without a port it means the usual ports alone.
    let address = Url::parse(url).map_err(|_| refused("the address cannot be read"))?;
    let target = address.host_str().zip(address.port_or_known_default());
    if !target.is_some_and(|(host, port)| stored.hosts.iter().any(|pattern| pattern.covers(host, port))) {
        return Err(refused(
            "the connection may not be used for this host and port; add them to the connection or use another one",
        ));
    }
    let hosts = BoundHosts::parse(stored.hosts.iter().map(ToString::to_string));
    let hosts = hosts.map_err(|_| refused("the connection names no host it may be used for; add one"))?;
    let secret = SecretString::from(stored.secret.expose());
    Ok(match stored.kind {
        CredentialKind::Bearer => outbound::Credential::bearer(&secret, hosts),
        CredentialKind::Basic => outbound::Credential::basic(&stored.name, &secret, hosts),
        CredentialKind::Header => outbound::Credential::new(hosts).with_header(&stored.name, secret)?,
        CredentialKind::Query => outbound::Credential::new(hosts).with_query(&stored.name, secret),
    })
}

fn refused(reason: &str) -> NoAnswer {
    NoAnswer { reason: reason.to_owned(), perhaps_received: false, temporary: false }
}

impl From<OutboundError> for NoAnswer {
    fn from(error: OutboundError) -> Self {
        // An answer that is too large is an answer: the service has acted.
        let answered = matches!(error.kind(), ErrorKind::ResponseTooLarge { .. });
        let perhaps_received = error.sent() == Sent::Maybe && !answered;
        Self { reason: error.to_string(), perhaps_received, temporary: error.is_temporary() }
    }
}
