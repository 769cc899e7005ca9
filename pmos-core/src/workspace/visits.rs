//! Who may come in, told to those who live there.

use crate::{
    Actor, Error, Pmos, RequestId, Result, Timestamp, WorkspaceScope,
    audit::{AuditEntry, Outcome, Subject},
    identity::{ActAs, Visit, WorkspaceOfMine},
    principal::Principal,
    store::{Access, Closing},
    vault::Secret,
};

impl Pmos {
    /// The workspaces that are open to somebody, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn workspaces_of(&self, principal: &Principal) -> Result<Vec<WorkspaceOfMine>> {
        let mut mine = Vec::with_capacity(principal.memberships().len());
        for membership in principal.memberships() {
            if let Some(profile) = self.workspaces().profile(membership.workspace).await? {
                mine.push(WorkspaceOfMine { id: profile.id, name: profile.name, role: membership.role });
            }
        }
        mine.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(mine)
    }

    /// Takes somebody's account away, unless a workspace or the instance would be left without an admin.
    ///
    /// # Errors
    /// `last_admin` naming the workspace; `wrong_credentials`; `last_super_admin`; `unsupported` when the host brought its
    /// own people.
    pub async fn remove_account(&self, principal: &Principal, password: Secret, visit: &Visit) -> Result<()> {
        let accounts = self.accounts().ok_or_else(|| Error::unsupported("accounts of PMOS itself"))?;
        let person = principal.person.as_ref().ok_or_else(Error::unauthenticated)?;
        accounts.remove(person, password, visit).await?;
        self.rights_changed();
        Ok(())
    }

    /// Writes into the workspace's own audit that a super admin will act there, and why.
    pub(crate) async fn record_act_as(&self, act_as: &ActAs, now: Timestamp) -> Result<()> {
        let scope = WorkspaceScope::system(act_as.workspace, "announce a super admin");
        let unit = self.store().begin(&scope, Access::Write).await?;
        let request: RequestId = self.clock().new_id()?;
        let entry = AuditEntry {
            id: self.clock().new_id()?,
            at: now,
            actor: Actor::Person(act_as.user),
            action: "admin.act_as",
            outcome: Outcome::Done,
            subject: Some(Subject::new("workspace", act_as.workspace)),
            address: None,
            request,
            note: Some(act_as.reason.clone()),
        };
        unit.commit(Closing { audit: vec![entry], ..Closing::default() }).await?;
        Ok(())
    }
}
