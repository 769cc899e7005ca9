//! The workspaces of one person.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Label, Membership, Workspace};
use crate::{Result, Role, WorkspaceId};

/// A workspace seen by a person who belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct WorkspaceOfMine {
    /// Its id.
    pub id: WorkspaceId,
    /// What people read.
    pub name: Label,
    /// What one may do there.
    pub role: Role,
}

impl dyn Workspace + '_ {
    /// The workspaces of these memberships by name, read at once.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub async fn mine(&self, memberships: &[Membership]) -> Result<Vec<WorkspaceOfMine>> {
        let ids: Vec<_> = memberships.iter().map(|membership| membership.workspace).collect();
        let profiles = self.profiles(&ids).await?.into_iter();
        let mut mine: Vec<_> = profiles
            .filter_map(|profile| {
                let membership = memberships.iter().find(|membership| membership.workspace == profile.id)?;
                Some(WorkspaceOfMine { id: profile.id, name: profile.name, role: membership.role })
            })
            .collect();
        mine.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(mine)
    }
}
