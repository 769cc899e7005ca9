//! A provider of models, as a workspace connects it.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use url::Url;

use crate::{
    Error, Timestamp,
    engine::{EngineState, Fact},
    vault::{Sealed, Secret},
};

/// Which protocol a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// `OpenAI`, chat completions.
    Openai,
    /// `OpenAI`, responses.
    OpenaiResponses,
    /// Anthropic, messages.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Ollama.
    Ollama,
    /// Any server that speaks `OpenAI`'s chat completions.
    OpenaiCompatible,
}

impl ProviderKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Openai, Self::OpenaiResponses, Self::Anthropic, Self::Gemini, Self::Ollama, Self::OpenaiCompatible];

    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::OpenaiResponses => "openai_responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::OpenaiCompatible => "openai_compatible",
        }
    }
}

impl FromStr for ProviderKind {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}

/// A model by its full name, `provider/model`: the workspace's own name of the provider, then the provider's name of the model,
/// which may have slashes itself.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct ModelRef(String);

/// A text that does not name a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("name it as provider/model, for instance openai/gpt-5")]
pub struct ModelRefError;

impl ModelRef {
    /// The longest name that is taken, in bytes.
    pub const LONGEST: usize = 256;

    /// The model of this provider.
    ///
    /// # Errors
    /// When one of them is empty or has no place in a name.
    pub fn new(provider: &str, model: &str) -> Result<Self, ModelRefError> {
        format!("{provider}/{model}").parse()
    }

    /// The workspace's name of the provider.
    pub fn provider(&self) -> &str {
        self.0.split_once('/').map_or("", |(provider, _)| provider)
    }

    /// The provider's name of the model.
    pub fn model(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, model)| model)
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ModelRef {
    type Err = ModelRefError;
    fn from_str(text: &str) -> Result<Self, ModelRefError> {
        let whole = |part: &str| !part.is_empty() && part.trim() == part && !part.chars().any(char::is_control);
        match text.split_once('/') {
            Some((provider, model)) if whole(provider) && whole(model) && text.len() <= Self::LONGEST => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(ModelRefError),
        }
    }
}

impl<'de> Deserialize<'de> for ModelRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A provider that a workspace connected.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The workspace's own name of it, a slug.
    pub name: String,
    /// Which protocol it speaks.
    pub kind: ProviderKind,
    /// Where it is, with a slash at its end; none for the provider's own address.
    pub base_url: Option<String>,
    /// The sealed key; none where none is needed.
    pub key: Option<Sealed>,
    /// The model that is used unless another one is named.
    pub default_model: Option<String>,
    /// Whether its default model is that of the workspace. One provider at most is.
    pub preferred: bool,
    /// The models that it said it has, by name.
    pub models: Vec<String>,
    /// How it stood when it was last looked at.
    pub state: EngineState,
    /// What was found then.
    pub facts: Vec<Fact>,
    /// When it was connected or changed.
    pub updated_at: Timestamp,
}

/// Refuses what cannot be the workspace's own name of a provider.
///
/// # Errors
/// `invalid_input`.
pub(crate) fn provider_name(name: &str) -> Result<(), Error> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if (1..=40).contains(&name.len()) && name.bytes().all(fits) && name != "catalog" {
        return Ok(());
    }
    Err(Error::invalid("provider", "must be 1 to 40 small letters, digits, - or _, and not `catalog`"))
}

/// The address of a provider in the one form that is kept: with a slash at its end, without what follows `?` or `#`.
///
/// # Errors
/// `invalid_input` for what is no address of the web, or has a name or password in it.
pub(crate) fn base_url(text: &str) -> Result<String, Error> {
    let refused = || Error::invalid("base_url", "must be an address such as https://models.example.com/v1");
    let mut url = Url::parse(text.trim()).map_err(|_| refused())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || text.len() > 2048 {
        return Err(refused());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid("base_url", "must not have a name or password in it; give the key as api_key"));
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url.into())
}

/// Where a model is reached, for one call.
#[derive(Debug, Clone)]
pub struct ModelEndpoint {
    /// Which protocol is spoken.
    pub kind: ProviderKind,
    /// Where, with a slash at its end; none for the provider's own address.
    pub base_url: Option<String>,
    /// The workspace's own key.
    pub key: Option<Secret>,
}
