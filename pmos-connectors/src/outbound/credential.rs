//! Secrets that go out with a request, and only to their own hosts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use pmos_core::vault::{Credential, CredentialKind};
use url::Url;
use zeroize::Zeroizing;

use super::error::ErrorKind;
use super::request;

/// Adds the secret; a header of the same name in the request is replaced. Of a parameter both name and value are encoded.
pub(super) fn apply(credential: &Credential, url: &mut Url, headers: &mut HeaderMap) -> Result<(), ErrorKind> {
    let Credential { kind, name, secret, .. } = credential;
    let secret = secret.expose();
    match kind {
        CredentialKind::Bearer => header(headers, AUTHORIZATION, &Zeroizing::new(format!("Bearer {secret}"))),
        CredentialKind::Basic => {
            let pair = Zeroizing::new(format!("{name}:{secret}"));
            let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
            header(headers, AUTHORIZATION, &Zeroizing::new(format!("Basic {}", *encoded)))
        }
        CredentialKind::Header => header(headers, request::header_name(name)?, secret),
        CredentialKind::Query => {
            url.query_pairs_mut().append_pair(name, secret);
            Ok(())
        }
    }
}

fn header(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), ErrorKind> {
    let mut value = HeaderValue::from_str(value).map_err(|_| ErrorKind::InvalidRequest {
        field: name.to_string(),
        problem: "of the credential has characters a header cannot carry; check for line breaks",
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// Takes a secret parameter out of a URL that upstream built from ours, as servers do when they redirect to the same page
/// at another host.
pub(super) fn remove_from(credential: &Credential, url: &mut Url) {
    let is_ours = |name: &str, value: &str| {
        credential.kind == CredentialKind::Query && credential.name == name && credential.secret.expose() == value
    };
    if !url.query_pairs().any(|(name, value)| is_ours(&name, &value)) {
        return;
    }
    let kept: Vec<_> = url.query_pairs().into_owned().filter(|(name, value)| !is_ours(name, value)).collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
}
