//! The limits of a workspace. Unlimited until they are set.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What can be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuotaKey {
    /// Automations that are not deleted.
    Flows,
    /// Runs begun since midnight UTC.
    RunsPerDay,
    /// People and open invitations.
    Members,
    /// Calls of any action within a minute.
    RequestsPerMinute,
    /// Tokens that conversations use since midnight UTC.
    ChatTokensPerDay,
}

impl QuotaKey {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Flows, Self::RunsPerDay, Self::Members, Self::RequestsPerMinute, Self::ChatTokensPerDay];

    /// The name used on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flows => "flows",
            Self::RunsPerDay => "runs_per_day",
            Self::Members => "members",
            Self::RequestsPerMinute => "requests_per_minute",
            Self::ChatTokensPerDay => "chat_tokens_per_day",
        }
    }
}

impl FromStr for QuotaKey {
    type Err = serde::de::value::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(text))
    }
}
