//! One's own account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Accounts, Visit};
use crate::{
    Error, Page, PageRequest, Result, Role, SessionId, Timestamp, UserId, WorkspaceId,
    audit::Outcome,
    identity::{Person, Session},
    store::{Access, Removal},
    vault::Secret,
    workspace::Label,
};

/// Who one is and where one belongs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Me {
    /// The account; for a service key, which belongs to nobody, there is none.
    pub user: Option<Person>,
    /// The workspaces that are open.
    pub workspaces: Vec<WorkspaceOfMine>,
}

/// A workspace seen by one who belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkspaceOfMine {
    /// Its id.
    pub id: WorkspaceId,
    /// What people read.
    pub name: Label,
    /// What one may do there.
    pub role: Role,
}

/// What can be changed about one's own account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMe {
    /// What others read.
    pub name: Label,
}

/// A signed-in browser, seen by its owner.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
    /// The address it was made from.
    pub address: String,
    /// The browser it was made with.
    pub user_agent: String,
}

impl Accounts {
    /// Changes one's own account.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn edit(&self, user: UserId, change: EditMe, visit: &Visit) -> Result<()> {
        let mut unit = self.store.system("edit an account", Access::Write).await?;
        unit.accounts().set_name(user, &change.name).await?;
        unit.commit(vec![self.record("auth.edit", Some(user), Outcome::Done, visit)?], None).await
    }

    /// One's signed-in browsers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sessions(
        &self,
        user: UserId,
        current: Option<SessionId>,
        page: &PageRequest,
    ) -> Result<Page<SessionView>> {
        let mut unit = self.store.system("list sessions", Access::Read).await?;
        let sessions = unit.sessions().list(user, page).await?;
        Ok(sessions.map(|Session { id, created_at, last_used_at, address, user_agent, .. }| SessionView {
            current: Some(id) == current,
            id,
            created_at,
            last_used_at,
            address,
            user_agent,
        }))
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// `not_found` when it is not one's own or ended already.
    pub async fn end_session(&self, user: UserId, session: SessionId, visit: &Visit) -> Result<()> {
        let mut unit = self.store.system("end a session", Access::Write).await?;
        if !unit.sessions().remove(user, session).await? {
            return Err(Error::not_found());
        }
        unit.commit(vec![self.record("auth.end_session", Some(user), Outcome::Done, visit)?], None).await
    }

    /// Takes an account away, with its sessions, memberships and keys.
    ///
    /// # Errors
    /// `wrong_credentials`; `last_super_admin` for the only one who runs the instance; `last_admin` naming the workspace
    /// that nobody else runs.
    pub(crate) async fn remove(&self, person: &Person, password: Secret, visit: &Visit) -> Result<()> {
        let account = self.prove(&person.email, password, "auth.remove", visit).await?;
        let mut unit = self.store.system("remove an account", Access::Write).await?;
        if account.person.super_admin && unit.accounts().count_super_admins().await? == 1 {
            let message = "You are the only one who runs this instance. Make somebody else a super admin first.";
            return Err(Error::conflict("last_super_admin", message));
        }
        if let Removal::LastAdmin(workspace) = unit.accounts().remove(person.id).await? {
            drop(unit);
            let mut unit = self.store.system("name a workspace", Access::Read).await?;
            let name =
                unit.workspaces().get(workspace).await?.map_or_else(String::new, |profile| profile.name.to_string());
            let message = format!("You are the last admin of {name}. Make somebody else one, or delete it first.");
            return Err(Error::conflict("last_admin", message).with("workspace", workspace));
        }
        unit.commit(vec![self.record("auth.remove", Some(person.id), Outcome::Done, visit)?], None).await
    }

    /// Makes somebody run the instance; only the command line on the host calls this.
    ///
    /// # Errors
    /// `not_found` when there is no such account.
    pub async fn grant_super(&self, email: &crate::Email, visit: &Visit) -> Result<()> {
        let mut unit = self.store.system("grant super admin", Access::Write).await?;
        let account = unit.accounts().by_email(email).await?.ok_or_else(Error::not_found)?;
        unit.accounts().set_super_admin(account.person.id, true).await?;
        unit.commit(vec![self.record("admin.grant_super", Some(account.person.id), Outcome::Done, visit)?], None).await
    }
}
