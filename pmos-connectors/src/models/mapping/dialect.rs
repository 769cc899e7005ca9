//! The protocols there are, and how each is spoken.

use std::borrow::Cow;

use pmos_core::model::ProviderKind;
use serde_json::Value;

use super::{
    Answer, Stop, Talk, anthropic, chat, gemini,
    json::{list_at, text_at},
    ollama, responses,
};
use crate::models::client::Framing;

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::models) enum Dialect {
    /// Chat completions, of `OpenAI` itself or of one of the many servers that speak like it.
    Chat { own: bool },
    /// The responses of `OpenAI`.
    Responses,
    /// The messages of Anthropic.
    Anthropic,
    /// Gemini.
    Gemini,
    /// Ollama's own.
    Ollama,
}

/// What makes an answer out of its frames.
pub(in crate::models) trait Reader: Send {
    /// Reads the next frame. What is not known in it is passed over.
    fn read(&mut self, frame: &str, answer: &mut Answer) -> Result<(), Stop>;
}

impl Dialect {
    /// What a provider of this kind is spoken to in.
    pub(in crate::models) fn of(kind: ProviderKind, has_key: bool) -> Self {
        match kind {
            ProviderKind::Openai => Self::Chat { own: true },
            ProviderKind::OpenaiResponses => Self::Responses,
            ProviderKind::Anthropic => Self::Anthropic,
            ProviderKind::Gemini => Self::Gemini,
            ProviderKind::Ollama if !has_key => Self::Ollama,
            ProviderKind::Ollama | ProviderKind::OpenaiCompatible => Self::Chat { own: false },
        }
    }

    /// The path at which a model answers, below the address of the provider.
    pub(in crate::models) fn answers_at(self, model: &str) -> Vec<Cow<'static, str>> {
        match self {
            Self::Chat { .. } => vec!["chat".into(), "completions".into()],
            Self::Responses => vec!["responses".into()],
            Self::Anthropic => vec!["messages".into()],
            Self::Gemini => {
                vec!["models".into(), format!("{}:streamGenerateContent", gemini::short_name(model)).into()]
            }
            Self::Ollama => vec!["api".into(), "chat".into()],
        }
    }

    /// What is said in the address beside the path.
    pub(in crate::models) fn answers_query(self) -> Option<&'static str> {
        (self == Self::Gemini).then_some("alt=sse")
    }

    /// What is posted.
    pub(in crate::models) fn question(self, model: &str, talk: &Talk) -> Value {
        match self {
            Self::Chat { own } => chat::question(model, talk, own),
            Self::Responses => responses::question(model, talk),
            Self::Anthropic => anthropic::question(model, talk),
            Self::Gemini => gemini::question(talk),
            Self::Ollama => ollama::question(model, talk),
        }
    }

    /// How an answer is cut.
    pub(in crate::models) fn framing(self) -> Framing {
        if self == Self::Ollama { Framing::Lines } else { Framing::Events }
    }

    /// What reads an answer.
    pub(in crate::models) fn reader(self) -> Box<dyn Reader> {
        match self {
            Self::Chat { .. } => Box::<chat::ChatReader>::default(),
            Self::Responses => Box::<responses::ResponsesReader>::default(),
            Self::Anthropic => Box::<anthropic::MessagesReader>::default(),
            Self::Gemini => Box::<gemini::GeminiReader>::default(),
            Self::Ollama => Box::<ollama::OllamaReader>::default(),
        }
    }

    /// Where the list of models is, with what is said beside the path.
    pub(in crate::models) fn lists_at(self) -> (&'static [&'static str], Option<&'static str>) {
        match self {
            Self::Chat { .. } | Self::Responses => (&["models"], None),
            Self::Anthropic => (&["models"], Some("limit=1000")),
            Self::Gemini => (&["models"], Some("pageSize=1000")),
            Self::Ollama => (&["api", "tags"], None),
        }
    }

    /// The names in a list of models; none when it is no such list.
    pub(in crate::models) fn names(self, list: &Value) -> Option<Vec<String>> {
        let (place, name) = match self {
            Self::Chat { .. } | Self::Responses | Self::Anthropic => ("/data", "/id"),
            Self::Gemini | Self::Ollama => ("/models", "/name"),
        };
        // An Ollama without models answers the list with nothing in it.
        let models =
            list_at(list, place).or_else(|| list.pointer(place).filter(|list| list.is_null()).map(|_| &[][..]))?;
        let named = models.iter().filter(|model| self != Self::Gemini || gemini::can_answer(model));
        let names = named.filter_map(|model| text_at(model, name));
        Some(names.map(|name| if self == Self::Gemini { gemini::short_name(name) } else { name }.to_owned()).collect())
    }
}
