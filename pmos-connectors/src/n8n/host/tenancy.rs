//! A workspace's tenancy, opened for the calls of one act.

use pmos_core::{Error, Observer, Result, engine::Tenancy, store::ObjectKind};
use serde::de::DeserializeOwned;

use super::super::{
    access::Access,
    client::{Account, Answer, Arriving, Call, Client, Fault, FaultKind, N8n, Page, Pushes, Shared, Site, api_key},
};
use crate::upstream::Ownership;

/// An open tenancy.
pub(super) struct OpenTenancy<'a> {
    pub(super) client: &'a Client,
    pub(super) site: Site,
    pub(super) access: Access,
    pub(super) ownership: Ownership<'a>,
    account: Option<Account>,
}

impl<'a> OpenTenancy<'a> {
    pub(super) fn open(client: &'a Client, observer: &'a dyn Observer, tenancy: &Tenancy) -> Result<Self> {
        let access = Access::open(&tenancy.access)?;
        let site = Site::parse::<N8n>(&tenancy.instance)
            .map_err(|_| Error::internal("read the address of a tenancy at n8n"))?;
        let account = access.account(tenancy.workspace);
        let ownership = Ownership::of::<N8n>(tenancy, access.project.clone(), observer);
        Ok(Self { client, site, access, ownership, account })
    }

    /// Asks the public API.
    pub(super) async fn by_key(&self, call: Call) -> Result<Answer, Fault> {
        let key = self.access.api_key.as_ref().ok_or(FaultKind::Denied)?;
        self.client.send(&self.site, api_key(key), call).await
    }

    /// Asks the API of n8n's own screens.
    pub(super) async fn signed_in(&self, call: Call) -> Result<Answer, Fault> {
        let account = self.account.as_ref().ok_or(FaultKind::Absent)?;
        self.client.signed_in(&self.site, account, call).await
    }

    /// Opens a list of n8n's own screens that is too large to hold.
    pub(super) async fn open_signed_in(&self, call: Call) -> Result<Arriving, Fault> {
        let account = self.account.as_ref().ok_or(FaultKind::Absent)?;
        self.client.open_signed_in(&self.site, account, call).await
    }

    /// Has n8n tell of the run that will be started under `reference`, where it can.
    pub(super) async fn listen(&self, reference: &str) -> Result<Option<Pushes>, Fault> {
        let account = self.account.as_ref().ok_or(FaultKind::Absent)?;
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

    /// A page of a list of the public API.
    pub(super) async fn page<T: DeserializeOwned>(&self, call: Call, cursor: Option<String>) -> Result<Page<T>, Fault> {
        let call = cursor.into_iter().fold(call, |call, cursor| call.query("cursor", cursor));
        self.by_key(call).await?.json()
    }

    /// Whether an object is the workspace's, by the projects that n8n says it is in.
    pub(super) fn owns(&self, kind: ObjectKind, shared: &[Shared]) -> bool {
        self.ownership.owns(kind, shared.iter().filter_map(Shared::project))
    }
}
