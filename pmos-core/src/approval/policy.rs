//! What has to be approved, and by whom.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::effect::Effect;

/// What becomes of a call of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
// Fields of forms have rules, too, and both are in one document.
#[schemars(rename = "ApprovalRule")]
pub enum Rule {
    /// It is carried out.
    Auto,
    /// A person is asked.
    Ask,
    /// It is refused.
    Deny,
}

/// What has to be approved in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalPolicy {
    /// For acts with a live effect.
    #[serde(default = "ask")]
    pub write: Rule,
    /// For acts that lose something or speak outward in a way that cannot be taken back.
    #[serde(default = "ask")]
    pub destructive: Rule,
    /// For single tools, by the name of their action; they go before the rules for effects.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub tools: BTreeMap<String, Rule>,
    /// Whether another person than the one on whose behalf it is done has to approve.
    #[serde(default)]
    pub four_eyes: bool,
    /// How long a request waits for a decision, in seconds.
    #[serde(default = "a_day")]
    #[schemars(range(min = 60, max = 2_592_000))]
    pub expires_after_s: u32,
}

fn ask() -> Rule {
    Rule::Ask
}

fn a_day() -> u32 {
    86_400
}

impl Default for ApprovalPolicy {
    fn default() -> Self {
        Self { write: ask(), destructive: ask(), tools: BTreeMap::new(), four_eyes: false, expires_after_s: a_day() }
    }
}

impl ApprovalPolicy {
    /// How long a request waits for a decision.
    pub fn waits(&self) -> Duration {
        Duration::from_secs(u64::from(self.expires_after_s))
    }

    /// What becomes of a call of this action that does this to the world.
    pub fn rule(&self, action: &str, effect: Effect) -> Rule {
        if let Some(rule) = self.tools.get(action) {
            return *rule;
        }
        match effect {
            Effect::Read | Effect::Draft => Rule::Auto,
            Effect::Write => self.write,
            Effect::Destructive => self.destructive,
        }
    }
}
