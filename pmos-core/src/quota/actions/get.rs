use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, Timestamp,
    action::{Action, ActionSpec, Context, Method},
    quota::{QuotaKey, midnight_before},
};

/// Shows the limits of the workspace and what is used of them.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetQuota {}

/// A limit and what is used of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct QuotaUse {
    /// What is limited.
    pub key: QuotaKey,
    /// The limit; none when there is none.
    pub limit: Option<u64>,
    /// What is used; none where nothing is counted.
    pub used: Option<u64>,
    /// When counting begins anew, for limits over time.
    pub resets_at: Option<Timestamp>,
}

#[async_trait]
impl Action for GetQuota {
    const SPEC: ActionSpec = ActionSpec::read("quota.get", Method::Get, "/quota");
    type Output = Vec<QuotaUse>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        usage(cx).await
    }
}

/// All limits with what is used of them.
pub(crate) async fn usage(cx: &mut Context<'_>) -> Result<Vec<QuotaUse>> {
    let midnight = midnight_before(cx.now());
    let kept_here = cx.services().host_workspaces.is_none();
    let unit = cx.read().await?;
    let set = unit.quotas().all().await?;
    let flows = unit.flows().count().await?;
    let runs = unit.runs().count_since(midnight).await?;
    let tokens = unit.chat().tokens_since(midnight, None).await?;
    let members = unit.members().count(None).await? + unit.invitations().count().await?;
    let entry = |key| {
        let limit = set.iter().find(|(known, _)| *known == key).map(|(_, limit)| *limit);
        let (used, resets_at) = match key {
            QuotaKey::Flows => (Some(flows), None),
            QuotaKey::Members => (kept_here.then_some(members), None),
            QuotaKey::RunsPerDay => (Some(runs), Some(midnight.plus(Duration::from_hours(24)))),
            QuotaKey::ChatTokensPerDay => (Some(tokens), Some(midnight.plus(Duration::from_hours(24)))),
            QuotaKey::RequestsPerMinute => (None, None),
        };
        QuotaUse { key, limit, used, resets_at }
    };
    Ok(QuotaKey::ALL.into_iter().map(entry).collect())
}
