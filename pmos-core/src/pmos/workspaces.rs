//! Workspaces that the host keeps.

use super::Pmos;
use crate::{
    Error, Result, WorkspaceId, WorkspaceScope,
    audit::{AuditEntry, Outcome, Subject},
    cluster::Hint,
    request::RequestInfo,
    store::{Access, Closing},
    workspace::actions::delete_workspace,
};

impl Pmos {
    /// Deletes everything that PMOS has of a workspace that the host removed: its flows, runs, keys and secrets. Its audit chain
    /// stays. The host removes it on its own side first, for one that it still knows gets an empty place again when it is
    /// entered. One that PMOS never had is as good as deleted.
    ///
    /// # Errors
    /// `unsupported` where workspaces are ours, which are deleted by `workspace.delete`; `engines_connected` while it is
    /// connected to remote engines, which would keep what it has there.
    pub async fn remove_workspace(&self, workspace: WorkspaceId, request: &RequestInfo) -> Result<()> {
        if self.services.host_workspaces.is_none() {
            return Err(Error::unsupported("removing a workspace of PMOS itself; use workspace.delete"));
        }
        let scope = WorkspaceScope::system(workspace, "the host removed it");
        let mut unit = self.services.store.begin(&scope, Access::Write).await?;
        if !delete_workspace(&mut *unit).await? {
            return Ok(());
        }
        let record = AuditEntry {
            id: self.clock().new_id()?,
            at: self.clock().now(),
            actor: scope.actor(),
            action: "workspaces.remove",
            outcome: Outcome::Done,
            subject: Some(Subject::new("workspace", workspace)),
            address: request.address.map(|address| address.to_string()),
            request: request.id,
            note: None,
        };
        unit.commit(Closing { audit: vec![record], ..Closing::default() }).await?;
        self.services.hint(Hint::WorkspaceGone(workspace));
        self.services.hint(Hint::Rights);
        Ok(())
    }
}
