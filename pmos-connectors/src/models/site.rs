//! Where one call goes, in which dialect and with which key.

use pmos_core::{
    model::{FaultKind, ModelEndpoint, ModelFault, ProviderKind},
    vault::{Credential, CredentialKind, Secret},
};

use super::{config::default_base_url, mapping::Dialect};
use crate::outbound::{Echo, Url};

/// The most of what a provider said that is kept for the log.
const SAID_BYTES: usize = 2 * 1024;

/// An endpoint that can be called.
pub(super) struct Site {
    /// What is spoken there.
    pub(super) dialect: Dialect,
    /// Below which all paths are; it ends with a slash.
    base: Url,
    key: Option<Secret>,
    echo: Echo,
}

impl Site {
    /// Reads where an endpoint is. An Ollama that asks for a key is spoken to as `OpenAI` is: its own protocol knows none.
    pub(super) fn of(endpoint: &ModelEndpoint) -> Result<Self, ModelFault> {
        let key = endpoint.key.clone().filter(|key| !key.expose().is_empty());
        let text = endpoint.base_url.as_deref().or_else(|| default_base_url(endpoint.kind));
        let mut base = text.map_or_else(|| Err(bad("is missing; name the address of the server")), base_of)?;
        if endpoint.kind == ProviderKind::Ollama {
            // Both are addresses that people copy from its manual.
            let path = base.path();
            let root = path.strip_suffix("/v1/").or_else(|| path.strip_suffix("/api/")).map(|root| format!("{root}/"));
            let root = root.unwrap_or_else(|| path.to_owned());
            base.set_path(&if key.is_some() { format!("{root}v1/") } else { root });
        }
        let echo = Echo::of(key.iter().map(Secret::expose));
        Ok(Self { dialect: Dialect::of(endpoint.kind, key.is_some()), base, key, echo })
    }

    /// The address of a path, whose segments are encoded.
    pub(super) fn url(&self, path: &[impl AsRef<str>]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The key as the provider wants it, for its own host and port and for no other.
    pub(super) fn credential(&self) -> Option<Credential> {
        let secret = self.key.clone()?;
        let host = format!("{}:{}", self.base.host_str()?, self.base.port_or_known_default()?);
        let (kind, name) = match self.dialect {
            Dialect::Anthropic => (CredentialKind::Header, "x-api-key"),
            Dialect::Gemini => (CredentialKind::Header, "x-goog-api-key"),
            _ => (CredentialKind::Bearer, ""),
        };
        Some(Credential { kind, name: name.to_owned(), secret, hosts: vec![host.parse().ok()?] })
    }

    /// What the provider said, for the operator's log: without the key, and not all of it.
    pub(super) fn said(&self, text: &str) -> String {
        let text = self.echo.hide(text).unwrap_or_else(|| text.to_owned());
        text[..text.floor_char_boundary(SAID_BYTES)].to_owned()
    }
}

/// The address below which all paths are.
fn base_of(text: &str) -> Result<Url, ModelFault> {
    let mut url: Url = text.parse().map_err(|_| bad("cannot be read; write it as https://host/path/"))?;
    if !url.has_host() || url.query().is_some() || url.fragment().is_some() {
        return Err(bad("must have a host, and nothing after its path; write it as https://host/path/"));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn bad(problem: &str) -> ModelFault {
    ModelFault::new(
        FaultKind::Provider,
        format!("The `base_url` of the provider {problem}."),
        "the address cannot be used",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn site(kind: ProviderKind, base: Option<&str>, key: Option<&str>) -> Result<Site, ModelFault> {
        Site::of(&ModelEndpoint { kind, base_url: base.map(str::to_owned), key: key.map(Secret::new) })
    }

    #[rstest]
    #[case(ProviderKind::Openai, None, None, "https://api.openai.com/v1/models")]
    #[case(ProviderKind::OpenaiCompatible, Some("https://a.example/v1"), None, "https://a.example/v1/models")]
    #[case(ProviderKind::OpenaiCompatible, Some("https://a.example/x/v1/"), None, "https://a.example/x/v1/models")]
    #[case(ProviderKind::Ollama, Some("https://a.example"), None, "https://a.example/models")]
    #[case(ProviderKind::Ollama, Some("https://a.example/v1"), None, "https://a.example/models")]
    #[case(ProviderKind::Ollama, Some("https://a.example/api/"), None, "https://a.example/models")]
    #[case(ProviderKind::Ollama, Some("https://a.example"), Some("key"), "https://a.example/v1/models")]
    #[case(ProviderKind::Ollama, Some("https://a.example/v1/"), Some("key"), "https://a.example/v1/models")]
    fn every_spelling_of_an_address_leads_to_the_same_paths(
        #[case] kind: ProviderKind,
        #[case] base: Option<&str>,
        #[case] key: Option<&str>,
        #[case] models: &str,
    ) {
        assert_eq!(site(kind, base, key).unwrap().url(&["models"]).as_str(), models);
    }

    #[rstest]
    #[case(None)]
    #[case(Some("a.example/v1"))]
    #[case(Some("mailto:a@a.example"))]
    #[case(Some("https://a.example/v1?key=1"))]
    fn an_address_that_cannot_be_used_names_the_field(#[case] base: Option<&str>) {
        let fault = site(ProviderKind::OpenaiCompatible, base, None).err().unwrap();
        assert_eq!(fault.kind, FaultKind::Provider);
        assert!(fault.message.contains("`base_url`"), "{fault}");
    }

    #[test]
    fn a_name_of_a_model_stays_one_segment_of_the_path() {
        let site = site(ProviderKind::Gemini, Some("https://a.example/"), None).unwrap();
        let url = site.url(&["models", "../x?y#z:go"]);
        assert_eq!(url.as_str(), "https://a.example/models/..%2Fx%3Fy%23z:go");
    }

    #[test]
    fn the_key_goes_to_the_providers_own_host_and_is_taken_out_of_what_it_says() {
        let site = site(ProviderKind::Anthropic, Some("https://a.example:8443/v1/"), Some("sk-0123456789")).unwrap();
        let credential = site.credential().unwrap();
        assert_eq!((credential.kind, credential.name.as_str()), (CredentialKind::Header, "x-api-key"));
        assert!(credential.hosts[0].covers(&"https://a.example:8443/".parse().unwrap()));
        assert!(!credential.hosts[0].covers(&"https://a.example/".parse().unwrap()));
        assert!(!site.said("no such key: sk-0123456789").contains("0123456789"));
        assert_eq!(site.said(&"é".repeat(3000)).len(), 2048);
    }
}
