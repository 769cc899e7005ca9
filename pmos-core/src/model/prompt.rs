//! What a model is asked, and what it answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a model is asked.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    /// What the assistant is told about itself and its work.
    pub instructions: String,
    /// What was said so far, oldest first.
    pub messages: Vec<PromptMessage>,
    /// What it may call.
    pub tools: Vec<ToolSpec>,
    /// The most tokens of its answer.
    pub max_output_tokens: u32,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PromptMessage {
    /// By the person.
    User(String),
    /// By the model.
    Assistant {
        /// What it wrote.
        text: String,
        /// What it called.
        calls: Vec<ProposedCall>,
    },
    /// By a tool that the model called.
    ToolResult {
        /// The call, by the provider's id of it.
        call: String,
        /// The tool's name.
        tool: String,
        /// What came of it.
        content: String,
    },
}

/// A tool, as it is told to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it does and when it is the right one.
    pub description: String,
    /// The JSON schema of its arguments.
    pub schema: Value,
}

/// A call that a model proposes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProposedCall {
    /// The provider's id of it. Providers repeat and invent ids, so it tells calls of one answer apart and nothing else.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// With which arguments.
    pub arguments: CallArguments,
    /// What the provider wants back with the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<String>,
}

/// The arguments of a call, as far as they can be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CallArguments {
    /// As tools take them.
    Read(Map<String, Value>),
    /// A text that is no JSON object.
    Unreadable(String),
}

/// What arrives while a model answers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelEvent {
    /// The next piece of its text.
    Text(String),
    /// The next piece of what it thinks.
    Reasoning(String),
    /// The end. What it calls is decided here and never by why it stopped, which providers tell differently.
    Finished(ModelAnswer),
}

/// How an answer ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelAnswer {
    /// What it calls, in order; none when it is done.
    pub calls: Vec<ProposedCall>,
    /// What it cost, as far as the provider said.
    pub usage: TokenUsage,
    /// Whether it ended in the middle because it may not be longer: it reached its most tokens, or the model's.
    pub is_cut: bool,
}

/// How many tokens an answer cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenUsage {
    /// Read, cached ones included.
    pub input: u64,
    /// Written, reasoning included.
    pub output: u64,
    /// Read from the provider's cache.
    pub cached: u64,
    /// Thought.
    pub reasoning: u64,
}

impl TokenUsage {
    /// Read and written ones together.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

impl std::ops::AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.cached += other.cached;
        self.reasoning += other.reasoning;
    }
}
