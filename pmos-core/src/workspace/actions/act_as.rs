use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ActAsId, Error, Result, Timestamp, WorkspaceId,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    identity::ActAs,
    store::Closing,
};

/// How long one may act.
const SPAN: Duration = Duration::from_mins(30);

/// Lets a super admin act in a workspace that is not theirs, for half an hour and for a reason its admins can read.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActAsWorkspace {
    /// Where.
    pub workspace: WorkspaceId,
    /// Why, 3 to 500 characters.
    #[schemars(length(min = 3, max = 500))]
    pub reason: String,
}

/// What opens the workspace, sent as the header `x-pmos-act-as` with each request.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ActingAs {
    /// What to send.
    pub id: ActAsId,
    /// After this it opens nothing.
    pub expires_at: Timestamp,
}

#[async_trait]
impl Action for ActAsWorkspace {
    const SPEC: ActionSpec =
        ActionSpec::write("admin.act_as", Method::Post, "/api/v1/admin/act-as").instance().step_up().created();
    type Output = ActingAs;

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("workspace", self.workspace))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let reason = self.reason.trim().to_owned();
        if !(3..=500).contains(&reason.chars().count()) {
            return Err(Error::invalid("reason", "must have 3 to 500 characters; the workspace's admins will read it"));
        }
        let user = cx.actor().person().ok_or_else(Error::not_found)?;
        let act_as =
            ActAs { id: cx.new_id()?, user, workspace: self.workspace, reason, expires_at: cx.now().plus(SPAN) };
        cx.must_exist(self.workspace).await?;
        cx.note(act_as.reason.clone());
        // First where its admins read it: the two chains are two commits.
        let audit = vec![cx.record()?];
        cx.elsewhere(self.workspace, "announce a super admin")
            .await?
            .close(Closing { audit, ..Closing::default() })
            .await?;
        cx.system().await?.sessions().insert_act_as(&act_as).await?;
        Ok(ActingAs { id: act_as.id, expires_at: act_as.expires_at })
    }
}
