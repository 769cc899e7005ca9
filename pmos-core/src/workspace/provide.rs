//! Places in our store for workspaces that none of our people founded.

use super::WorkspaceProfile;
use crate::{
    Actor, Clock, Result,
    audit::{AuditEntry, Outcome, Subject},
    request::RequestInfo,
    store::{Access, Store},
};

/// Makes sure that a workspace has its place in our store. Who needed it first stands in the audit of the instance.
///
/// # Errors
/// When the store cannot be reached.
pub(crate) async fn provide(
    store: &dyn Store,
    clock: &dyn Clock,
    profile: &WorkspaceProfile,
    actor: Actor,
    request: &RequestInfo,
) -> Result<()> {
    let known = store.system("find a workspace", Access::Read).await?.workspaces().get(profile.id).await?;
    if known.is_some() {
        return Ok(());
    }
    let mut unit = store.system("provide for a workspace", Access::Write).await?;
    if !unit.workspaces().provide(profile).await? {
        return Ok(());
    }
    let record = AuditEntry {
        id: clock.new_id()?,
        at: clock.now(),
        actor,
        action: "workspaces.provide",
        outcome: Outcome::Done,
        subject: Some(Subject::new("workspace", profile.id)),
        address: request.address.map(|address| address.to_string()),
        request: request.id,
        note: None,
    };
    unit.commit(vec![record], None).await
}
