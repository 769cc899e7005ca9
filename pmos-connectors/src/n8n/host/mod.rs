//! Our port, implemented with the wire.

mod credentials;
mod facts;
mod flows;
mod live;
mod owner;
mod provisioning;
mod publish;
mod refusal;
mod runs;
mod start;
mod steps;
mod store;
mod tenancy;
mod types;
mod workflow;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use moka::sync::Cache;
use pmos_core::{
    Clock, Error, Observer, Result, WorkspaceId,
    engine::{
        Begun, ExternalId, FlowHost, Health, HostedCredentials, HostedKeys, Provisioning, RemoteEntry, RemoteFlow,
        RemoteRunDetails, RemoteRuns, RemoteStart, RunControl, Stored, Tenancy,
    },
    flow::{Document, Field},
};
use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

use self::{
    owner::{Owner, OwnerKey},
    tenancy::OpenTenancy,
    workflow::Body,
};
use super::{
    client::{Client, N8n, Site},
    config::N8nConfig,
    document::N8nDocument,
};
use crate::outbound::OutboundBuildError;

/// How many flows are remembered as being written to.
const FLOWS: u64 = 10_000;

/// Speaks to n8n for workspaces; see the [module](super).
pub struct N8nHost {
    config: N8nConfig,
    client: Client,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    owner_key: OwnerKey,
    turns: Cache<(Site, ExternalId), Arc<Mutex<()>>>,
}

impl N8nHost {
    /// A host with these servers, which tells `observer` when one of them answers with what is foreign.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        config: N8nConfig,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, OutboundBuildError> {
        let client = Client::new(&config)?;
        Ok(Self { config, client, clock, observer, owner_key: OwnerKey::default(), turns: Cache::new(FLOWS) })
    }

    /// A workflow on its way to the server, with what it wants and was not decided of the nodes that it does not hold yet.
    fn completed(&self, document: &Document, held: &Body) -> Result<Body> {
        let mut document = N8nDocument::read(document)
            .map_err(|cause| Error::invalid("document", "is not a workflow of n8n").because(cause))?;
        document.complete(&held.ids(), || self.random_uuid())?;
        Body::of(document)
    }

    fn random_uuid(&self) -> Result<Uuid> {
        let mut random = [0; 16];
        self.clock.random(&mut random)?;
        Ok(uuid::Builder::from_random_bytes(random).into_uuid())
    }

    fn open(&self, tenancy: &Tenancy) -> Result<OpenTenancy<'_>> {
        OpenTenancy::open(&self.client, &*self.observer, tenancy)
    }

    fn owner(&self) -> Result<Owner<'_>> {
        let instance = self.config.operator.as_ref();
        let instance =
            instance.ok_or_else(|| Error::unsupported("making a place at n8n; no server is set up for it"))?;
        let site = Site::parse::<N8n>(&instance.base_url).map_err(|why| Error::invalid("base_url", why))?;
        Ok(Owner { client: &self.client, site, instance, clock: &*self.clock, key: &self.owner_key })
    }

    /// Where webhooks of a server are reached from outside.
    fn webhooks_of(&self, site: &Site) -> String {
        let mut instances = self.config.operator.iter().chain(self.config.dedicated.values());
        let instance = instances.find(|instance| Site::parse::<N8n>(&instance.base_url).as_ref() == Ok(site));
        let named = instance.and_then(|instance| instance.webhook_url.as_deref());
        named.unwrap_or(site.as_str()).trim_end_matches('/').to_owned()
    }

    /// One write to a flow at a time: n8n mixes simultaneous ones up.
    async fn turn(&self, opened: &OpenTenancy<'_>, flow: &ExternalId) -> OwnedMutexGuard<()> {
        self.turns.get_with((opened.site.clone(), flow.clone()), Arc::default).lock_owned().await
    }
}

#[async_trait]
impl FlowHost for N8nHost {
    async fn join(&self, workspace: WorkspaceId, how: &Provisioning) -> Result<Tenancy> {
        match how {
            Provisioning::Managed => self.provision(workspace).await,
            Provisioning::OwnCredentials(own) => self.take_own(workspace, own).await,
        }
    }

    async fn check(&self, tenancy: &Tenancy) -> Health {
        self.look(tenancy).await
    }

    async fn release(&self, tenancy: &Tenancy, flows: &[ExternalId]) -> Result<()> {
        self.give_up(tenancy, flows).await
    }

    async fn flows(&self, tenancy: &Tenancy) -> Result<Vec<RemoteEntry>> {
        Ok(self.list(&self.open(tenancy)?).await?)
    }

    async fn fetch(&self, tenancy: &Tenancy, flow: &ExternalId) -> Result<Option<RemoteFlow>> {
        let opened = self.open(tenancy)?;
        self.read(&opened, flow).await?.map(|read| self.flow(&opened, read)).transpose()
    }

    async fn create(&self, tenancy: &Tenancy, name: &str, document: &Document) -> Result<RemoteFlow> {
        self.make(&self.open(tenancy)?, name, document).await
    }

    async fn store(&self, tenancy: &Tenancy, base: &RemoteFlow, name: &str, document: &Document) -> Result<Stored> {
        self.put(&self.open(tenancy)?, base, name, document).await
    }

    async fn publish<'a>(
        &self,
        tenancy: &Tenancy,
        flow: &ExternalId,
        enable: bool,
        note: Option<&'a str>,
    ) -> Result<RemoteFlow> {
        self.take_live(&self.open(tenancy)?, flow, enable, note).await
    }

    async fn set_enabled<'a>(
        &self,
        tenancy: &Tenancy,
        flow: &ExternalId,
        version: Option<&'a ExternalId>,
        enabled: bool,
    ) -> Result<RemoteFlow> {
        self.switch(&self.open(tenancy)?, flow, version, enabled).await
    }

    async fn delete(&self, tenancy: &Tenancy, flow: &ExternalId) -> Result<()> {
        let opened = self.open(tenancy)?;
        let _turn = self.turn(&opened, flow).await;
        self.remove(&opened, flow).await
    }

    async fn start(&self, tenancy: &Tenancy, flow: &ExternalId, order: &RemoteStart) -> Result<Begun> {
        self.begin(&self.open(tenancy)?, flow, order).await
    }

    async fn runs<'a>(&self, tenancy: &Tenancy, after: Option<&'a str>) -> Result<RemoteRuns> {
        self.runs_since(&self.open(tenancy)?, after).await
    }

    async fn run(&self, tenancy: &Tenancy, run: &ExternalId) -> Result<Option<RemoteRunDetails>> {
        self.details(&self.open(tenancy)?, run).await
    }

    fn login(&self) -> Vec<Field> {
        provisioning::login()
    }

    fn provisions(&self) -> bool {
        self.config.operator.is_some()
    }

    fn keys(&self) -> Option<&dyn HostedKeys> {
        Some(self)
    }

    fn run_control(&self) -> Option<&dyn RunControl> {
        Some(self)
    }

    fn credentials(&self) -> Option<&dyn HostedCredentials> {
        Some(self)
    }
}

impl fmt::Debug for N8nHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("N8nHost").field("config", &self.config).finish_non_exhaustive()
    }
}
