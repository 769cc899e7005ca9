use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_here;
use crate::{
    Error, InvitationId, Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
};

/// Takes an invitation back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeInvitation {
    /// Which.
    pub id: InvitationId,
}

#[async_trait]
impl Action for RevokeInvitation {
    const SPEC: ActionSpec =
        ActionSpec::write("invitations.revoke", Method::Delete, "/invitations/{id}").channels(Channels::HANDS).empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("invitation", self.id))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        kept_here(cx)?;
        if cx.write().await?.invitations().remove(self.id).await? { Ok(()) } else { Err(Error::not_found()) }
    }
}
