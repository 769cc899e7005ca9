use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Error, GrantId, Result,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
};

/// Takes back that the same act need not be asked for again.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeGrant {
    /// Which.
    pub grant: GrantId,
}

#[async_trait]
impl Action for RevokeGrant {
    const SPEC: ActionSpec = ActionSpec::write("grants.revoke", Method::Delete, "/grants/{grant}").empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("grant", self.grant))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        if cx.write().await?.approvals().remove_grant(self.grant).await? { Ok(()) } else { Err(Error::not_found()) }
    }
}
