//! Settings of the adapter, and where providers are.

use std::time::Duration;

use pmos_core::model::ProviderKind;

/// How long an answer may take, and how much it may be.
#[derive(Debug, Clone)]
pub struct ModelsConfig {
    /// The time for a whole answer. The HTTP client has a longest time of its own, and the shorter one holds.
    pub deadline: Duration,
    /// The time in which something of an answer that has begun must arrive.
    pub idle: Duration,
    /// The most that an answer may be: its text, what was thought, and the arguments of its calls.
    pub max_answer_bytes: usize,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self { deadline: Duration::from_mins(2), idle: Duration::from_mins(1), max_answer_bytes: 2 * 1024 * 1024 }
    }
}

/// Where a provider is when nothing else is said; none when only the workspace can know.
pub fn default_base_url(kind: ProviderKind) -> Option<&'static str> {
    match kind {
        ProviderKind::Openai | ProviderKind::OpenaiResponses => Some("https://api.openai.com/v1/"),
        ProviderKind::Anthropic => Some("https://api.anthropic.com/v1/"),
        ProviderKind::Gemini => Some("https://generativelanguage.googleapis.com/v1beta/"),
        ProviderKind::Ollama => Some("http://localhost:11434/"),
        ProviderKind::OpenaiCompatible => None,
    }
}
