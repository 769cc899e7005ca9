use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Page, Result, Timestamp, WorkspaceId,
    action::{Action, ActionSpec, Context, Intent, Method},
    store::WorkspaceEntry,
    workspace::{Label, Workspace},
};

/// Lists all workspaces of the instance.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAllWorkspaces {
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A workspace seen by those who run the instance: how big it is, not what is in it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct WorkspaceSummary {
    /// Its id.
    pub id: WorkspaceId,
    /// What people read.
    pub name: Label,
    /// How many people belong to it; none where the host keeps members.
    pub members: Option<u64>,
    /// How many automations it has.
    pub flows: u64,
    /// When it was founded.
    pub created_at: Timestamp,
}

#[async_trait]
impl Action for ListAllWorkspaces {
    const SPEC: ActionSpec =
        ActionSpec::read("admin.workspaces.list", Method::Get, "/api/v1/admin/workspaces").instance();
    type Output = Page<WorkspaceSummary>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let mut entries = cx.system().await?.workspaces().list(&page).await?;
        let kept_here = cx.services().host_workspaces.is_none();
        if !kept_here {
            name_anew(&mut entries.items, cx.outward(Intent::none()).await?.workspaces()).await?;
        }
        Ok(entries.map(|WorkspaceEntry { profile, members, flows }| WorkspaceSummary {
            id: profile.id,
            name: profile.name,
            members: kept_here.then_some(members),
            flows,
            created_at: profile.created_at,
        }))
    }
}

/// Gives entries the settings that the host has. One that the host does not know any more keeps the name it came with.
async fn name_anew(entries: &mut [WorkspaceEntry], workspaces: &dyn Workspace) -> Result<()> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.profile.id).collect();
    let profiles = workspaces.profiles(&ids).await?;
    for entry in entries {
        if let Some(profile) = profiles.iter().find(|profile| profile.id == entry.profile.id) {
            entry.profile.clone_from(profile);
        }
    }
    Ok(())
}
