//! A workspace's place, opened for the calls of one act.

use pmos_core::{
    Error, Observer, Result, WorkspaceId,
    engine::{Tenancy, Wall},
    store::ObjectKind,
};

use super::super::{
    access::Access,
    client::{Account, Answer, Arriving, Call, Client, Fault, Opening, Pushes, Shared, Site},
    lens::NAME,
};

/// A place that is open.
pub(super) struct OpenTenancy<'a> {
    pub(super) client: &'a Client,
    pub(super) site: Site,
    pub(super) access: Access,
    pub(super) wall: Wall,
    account: Option<Account>,
    workspace: WorkspaceId,
    observer: &'a dyn Observer,
}

impl<'a> OpenTenancy<'a> {
    pub(super) fn open(client: &'a Client, observer: &'a dyn Observer, tenancy: &Tenancy) -> Result<Self> {
        let access = Access::open(&tenancy.access)?;
        let site = Site::parse(&tenancy.instance).map_err(|_| Error::internal("read the address of a place at n8n"))?;
        let account = access.account(tenancy.workspace);
        Ok(Self { client, site, access, wall: tenancy.wall, account, workspace: tenancy.workspace, observer })
    }

    /// Asks the public API.
    pub(super) async fn by_key(&self, call: Call) -> Result<Answer, Fault> {
        let key = self.access.api_key.as_ref().ok_or(Fault::Denied)?;
        self.client.send(&self.site, Opening::Key(key), call).await
    }

    /// Asks the API of n8n's own screens.
    pub(super) async fn signed_in(&self, call: Call) -> Result<Answer, Fault> {
        let account = self.account.as_ref().ok_or(Fault::Absent)?;
        self.client.signed_in(&self.site, account, call).await
    }

    /// Opens a list of n8n's own screens that is too large to hold.
    pub(super) async fn open_signed_in(&self, call: Call) -> Result<Arriving, Fault> {
        let account = self.account.as_ref().ok_or(Fault::Absent)?;
        self.client.open_signed_in(&self.site, account, call).await
    }

    /// Has n8n tell of the run that will be started under `reference`, where it can.
    pub(super) async fn listen(&self, reference: &str) -> Result<Option<Pushes>, Fault> {
        let account = self.account.as_ref().ok_or(Fault::Absent)?;
        self.client.listen(&self.site, account, reference).await
    }

    /// Whether it can sign in.
    pub(super) fn has_account(&self) -> bool {
        self.account.is_some()
    }

    /// Whether it has a key for MCP.
    pub(super) fn can_use_mcp(&self) -> bool {
        self.access.mcp_key.is_some()
    }

    /// Whether an object is the workspace's, by the projects that n8n says it is in. What a workspace brought itself
    /// has no wall of ours, unless it named its project.
    pub(super) fn owns(&self, kind: ObjectKind, shared: &[Shared]) -> bool {
        let Some(project) = self.access.project.as_deref() else {
            return matches!(self.wall, Wall::Instance | Wall::OwnKey);
        };
        let owned = shared.iter().any(|shared| shared.project() == Some(project));
        if !owned {
            self.found_foreign(kind);
        }
        owned
    }

    /// Tells that the server answered with what is somebody else's, or is not what it was asked for.
    pub(super) fn found_foreign(&self, kind: ObjectKind) {
        tracing::warn!(
            target: "pmos::isolation", workspace = %self.workspace, engine = NAME, kind = kind.as_str(),
            "n8n answered with an object of somebody else; it is left out"
        );
        self.observer.foreign_object(NAME, kind);
    }

    /// What a refusal of one object means. A user of our own making may do everything with what is its own, so what it
    /// may not touch is somebody else's, and is as if it were not there.
    pub(super) fn hidden(&self, fault: &Fault) -> bool {
        match fault {
            Fault::NotFound => true,
            Fault::Forbidden => matches!(self.wall, Wall::User | Wall::Project),
            _ => false,
        }
    }

    /// The answer for an object that may not be there.
    pub(super) fn if_there<T>(&self, answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match answer {
            Ok(found) => Ok(Some(found)),
            Err(fault) if self.hidden(&fault) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}
