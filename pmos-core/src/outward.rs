//! The way outward.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use crate::{
    Error, FlowId, Result, WorkspaceId, WorkspaceScope,
    audit::Outcome,
    connection::Prober,
    engine::{FlowHost, RemoteFlow, Tenancy, follow},
    event::NewEvent,
    flow::{Catalog, FlowEngine, Host},
    identity::Identity,
    model::ChatModel,
    services::Services,
    store::{Access, Closing, RunBatch, UnitOfWork},
    workspace::Workspace,
};

/// What is written down before something leaves. A call out has to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent(Option<Outcome>);

impl Intent {
    /// Nothing: the call changes nothing out there.
    pub const fn none() -> Self {
        Self(None)
    }

    /// That the act begins: its audit record says so before the call leaves, and whatever becomes of it later.
    pub const fn begun() -> Self {
        Self(Some(Outcome::Begun))
    }

    pub(crate) const fn outcome(self) -> Option<Outcome> {
        self.0
    }
}

/// The way to engines, connectors and models. While it is held no unit of work is open.
pub struct Outward<'a> {
    services: &'a Services,
    refreshes: bool,
}

/// A unit of those on their way outward. It borrows the way, so that nothing else goes out while it is held.
pub(crate) struct Lent<'o> {
    unit: Box<dyn UnitOfWork>,
    services: &'o Services,
    workspace: WorkspaceId,
}

impl<'o> Lent<'o> {
    pub(crate) async fn begin(services: &'o Services, scope: &WorkspaceScope, access: Access) -> Result<Self> {
        Ok(Self { unit: services.store.begin(scope, access).await?, services, workspace: scope.workspace() })
    }

    /// Makes it true, and tells what happened.
    pub(crate) async fn commit(self, events: Vec<NewEvent>) -> Result<()> {
        self.close(Closing { events, ..Closing::default() }).await
    }

    /// The same with all that may be written down with it.
    pub(crate) async fn close(self, closing: Closing) -> Result<()> {
        let events = self.unit.commit(closing).await?;
        self.services.publish(self.workspace, events);
        Ok(())
    }
}

impl Deref for Lent<'_> {
    type Target = dyn UnitOfWork;
    fn deref(&self) -> &Self::Target {
        &*self.unit
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.unit
    }
}

impl<'a> Outward<'a> {
    /// The way of those who hold no unit of work because none was lent to them: PMOS's own rounds.
    pub(crate) fn of(services: &'a Services) -> Self {
        Self { services, refreshes: true }
    }

    pub(crate) fn within(services: &'a Services, refreshes: bool) -> Self {
        Self { services, refreshes }
    }

    /// What speaks to a remote engine.
    ///
    /// # Errors
    /// `unsupported` for an engine inside this process.
    pub fn host<'s>(&'s self, engine: &'s dyn FlowEngine) -> Result<&'s dyn FlowHost> {
        match engine.host() {
            Host::Remote(remote) => Ok(remote.through(self)),
            Host::Embedded(_) => Err(Error::unsupported("a remote engine; this one runs inside this process")),
        }
    }

    /// What flows of an engine can be built of.
    pub fn catalog<'s>(&'s self, engine: &'s dyn FlowEngine) -> &'s dyn Catalog {
        engine.catalog().through(self)
    }

    /// Takes what the engine has into our mirror of a flow, so that what follows begins with the truth; what the engine
    /// has. The caller has the flow's turn.
    ///
    /// # Errors
    /// `not_found` when it is not there any more; what the engine refuses.
    pub(crate) async fn follow(
        &mut self,
        engine: &dyn FlowEngine,
        tenancy: &Tenancy,
        flow: FlowId,
    ) -> Result<RemoteFlow> {
        follow(self, engine, tenancy, flow).await?.ok_or_else(Error::not_found)
    }

    /// A look at a workspace.
    pub(crate) async fn look(&mut self, scope: &WorkspaceScope) -> Result<Lent<'_>> {
        Lent::begin(self.services, scope, Access::Read).await
    }

    /// What brings our mirrors and caches of what is remote up to date. It is no person's act, so no audit record comes of
    /// it. Only PMOS's own rounds have it, actions that change something, and those that say in the table that they
    /// refresh.
    ///
    /// # Errors
    /// `internal` in another action.
    pub(crate) async fn refresh(&mut self, scope: &WorkspaceScope) -> Result<Lent<'_>> {
        self.must_refresh()?;
        Lent::begin(self.services, scope, Access::Write).await
    }

    /// The same for the steps of a run that a remote engine made.
    pub(crate) async fn append(&mut self, scope: &WorkspaceScope, batch: RunBatch) -> Result<()> {
        self.must_refresh()?;
        self.services.store.journal().append(scope, batch).await.map(drop)
    }

    fn must_refresh(&self) -> Result<()> {
        if self.refreshes {
            return Ok(());
        }
        Err(Error::internal("refresh what is kept in an action that does not say so"))
    }

    pub(crate) fn services(&self) -> &'a Services {
        self.services
    }

    /// Who people are; a host may keep them elsewhere.
    pub fn identity(&self) -> &'_ dyn Identity {
        &*self.services.identity
    }

    /// Which workspaces there are; a host may keep them elsewhere.
    pub fn workspaces(&self) -> &'_ dyn Workspace {
        &*self.services.workspaces
    }

    /// What speaks to models.
    ///
    /// # Errors
    /// `unsupported` when the host brought nothing that does.
    pub fn chat_model(&self) -> Result<&'a dyn ChatModel> {
        self.services.chat_model.as_deref().ok_or_else(|| Error::unsupported("models"))
    }

    /// What tries credentials.
    ///
    /// # Errors
    /// `unsupported` when the host brought nothing that can.
    pub fn prober(&self) -> Result<&'_ dyn Prober> {
        self.services.prober.as_deref().ok_or_else(|| Error::unsupported("trying a connection"))
    }
}

impl fmt::Debug for Outward<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outward")
    }
}
