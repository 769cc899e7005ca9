use std::collections::BTreeMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PolicyView;
use crate::{
    Channel, Error, Result,
    action::{Action, ActionSpec, Context, Method},
    approval::{ApprovalPolicy, Rule},
    effect::Effect,
    store::KeptPolicy,
};

/// Sets what has to be approved in the workspace. What is left out stays as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPolicy {
    /// For acts with a live effect.
    #[serde(default)]
    pub write: Option<Rule>,
    /// For acts that lose something or cannot be taken back.
    #[serde(default)]
    pub destructive: Option<Rule>,
    /// For single tools by the name of their action, as `runs.start`; replaces all of them.
    #[serde(default)]
    pub tools: Option<BTreeMap<String, Rule>>,
    /// Whether another person than the one who asks has to approve.
    #[serde(default)]
    pub four_eyes: Option<bool>,
    /// How long a request waits, in seconds: 60 to 2592000.
    #[serde(default)]
    pub expires_after_s: Option<u32>,
}

#[async_trait]
impl Action for SetPolicy {
    const SPEC: ActionSpec = ActionSpec::write("approvals.policy.set", Method::Put, "/approvals/policy").step_up();
    type Output = PolicyView;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let before = cx.read().await?.approvals().policy().await?;
        let old = &before.policy;
        let policy = ApprovalPolicy {
            write: self.write.unwrap_or(old.write),
            destructive: self.destructive.unwrap_or(old.destructive),
            tools: self.tools.unwrap_or_else(|| old.tools.clone()),
            four_eyes: self.four_eyes.unwrap_or(old.four_eyes),
            expires_after_s: self.expires_after_s.unwrap_or(old.expires_after_s),
        };
        check(cx, &policy)?;
        cx.note(format!("{} -> {}", written(old), written(&policy)));
        if !cx.write().await?.approvals().set_policy(before.revision, &policy).await? {
            return Err(Error::conflict(
                "conflict",
                "Another person changed the rules at the same moment. Look at them again.",
            ));
        }
        Ok(KeptPolicy { revision: before.revision + 1, policy }.into())
    }
}

fn check(cx: &Context<'_>, policy: &ApprovalPolicy) -> Result<()> {
    if !(60..=2_592_000).contains(&policy.expires_after_s) {
        return Err(Error::invalid("expires_after_s", "must be 60 to 2592000 seconds"));
    }
    for name in policy.tools.keys() {
        let tool = cx.table().get(name).filter(|entry| entry.spec.channels.admit(Channel::Agent));
        if tool.is_none_or(|entry| entry.spec.effect == Effect::Read) {
            let message = "is no act of assistants that could be asked for; name one as runs.start";
            return Err(Error::invalid(format!("tools.{name}"), message));
        }
    }
    Ok(())
}

fn written(policy: &ApprovalPolicy) -> String {
    serde_json::to_string(policy).unwrap_or_default()
}
