use std::collections::BTreeMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Result, WorkspaceId,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    cluster::Hint,
    quota::QuotaKey,
    store::Closing,
};

/// Sets limits of a workspace; `null` lifts one, what is left out stays.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetQuota {
    /// Whose.
    pub workspace: WorkspaceId,
    /// The limits by name.
    pub limits: BTreeMap<QuotaKey, Option<u64>>,
}

#[async_trait]
impl Action for SetQuota {
    const SPEC: ActionSpec =
        ActionSpec::write("quota.set", Method::Put, "/api/v1/admin/workspaces/{workspace}/quota").instance().empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("workspace", self.workspace))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        cx.must_exist(self.workspace).await?;
        let audit = vec![cx.record()?];
        let mut unit = cx.elsewhere(self.workspace, "set limits").await?;
        for (key, limit) in &self.limits {
            unit.quotas().set(*key, *limit).await?;
        }
        unit.close(Closing { audit, ..Closing::default() }).await?;
        cx.hint(Hint::Limits(self.workspace));
        Ok(())
    }
}
