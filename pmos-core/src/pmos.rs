//! PMOS: ports in, one object out.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    ActAsId, Actor, Channel, Clock, Error, FlowId, Kind, Result, Role, SystemClock, UserId, WorkspaceId,
    WorkspaceScope,
    action::{Caller, GatePolicy, RefuseRisky, RequestInfo, Table},
    connection::Prober,
    engine::{Live, Watch},
    event::{Event, EventBus, LocalBus, Notice},
    flow::{Engines, FlowEngine},
    identity::{
        Accounts, Identity, Passwords, Person, Presented, Principal, Principals, Rights, SignUpPolicy, actions::Me,
    },
    keyed_lock::KeyedLock,
    observe::{NoObserver, Observer},
    quota::Limits,
    run::Runs,
    store::{Access, AnswerKey, Store},
    vault::{KeyProvider, Secret, Vault},
    workspace::{StoreWorkspaces, Workspace},
};

/// PMOS: everything it needs was handed in, everything it can do is in its table. Cheap to clone.
///
/// ```
/// # async fn doc(store: std::sync::Arc<dyn pmos_core::store::Store>, engine: std::sync::Arc<dyn pmos_core::flow::FlowEngine>) -> pmos_core::Result<()> {
/// use pmos_core::Pmos;
/// let pmos = Pmos::builder(store).engine(engine).master_key([7; 32]).build()?;
/// for job in pmos.background() {
///     tokio::spawn(job);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Pmos(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    identity: Arc<dyn Identity>,
    accounts: Option<Arc<Accounts>>,
    workspaces: Arc<dyn Workspace>,
    engines: Engines,
    clock: Arc<dyn Clock>,
    bus: Arc<dyn EventBus>,
    vault: Vault,
    passwords: Passwords,
    prober: Option<Arc<dyn Prober>>,
    observer: Arc<dyn Observer>,
    gate: Arc<dyn GatePolicy>,
    table: Table,
    limits: Limits,
    runs: Runs,
    public_url: String,
    flow_locks: KeyedLock<FlowId>,
    tenancy_locks: KeyedLock<WorkspaceId>,
    watch: Watch,
    live: Live,
    principals: Principals,
    rights: Arc<Rights>,
    in_flight: Mutex<HashSet<(Option<WorkspaceId>, AnswerKey)>>,
}

impl fmt::Debug for Pmos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pmos").field("store", &self.0.store).field("engines", &self.0.engines).finish_non_exhaustive()
    }
}

/// Gathers the ports of a [`Pmos`].
#[derive(Debug)]
pub struct Builder {
    store: Arc<dyn Store>,
    identity: Option<Arc<dyn Identity>>,
    workspaces: Option<Arc<dyn Workspace>>,
    engines: Engines,
    clock: Arc<dyn Clock>,
    bus: Arc<dyn EventBus>,
    keys: Option<Arc<dyn KeyProvider>>,
    prober: Option<Arc<dyn Prober>>,
    observer: Arc<dyn Observer>,
    gate: Arc<dyn GatePolicy>,
    table: Table,
    public_url: String,
    sign_up: SignUpPolicy,
    setup_code: Option<Secret>,
}

impl Builder {
    /// Brings people of the host's own; then there is no sign-up, password or session of ours.
    #[must_use]
    pub fn identity(mut self, identity: Arc<dyn Identity>) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Brings workspaces of the host's own.
    #[must_use]
    pub fn workspaces(mut self, workspaces: Arc<dyn Workspace>) -> Self {
        self.workspaces = Some(workspaces);
        self
    }

    /// Adds a flow engine.
    #[must_use]
    pub fn engine(mut self, engine: Arc<dyn FlowEngine>) -> Self {
        self.engines.add(engine);
        self
    }

    /// Takes time and randomness from elsewhere, as tests do.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Carries events by another bus.
    #[must_use]
    pub fn bus(mut self, bus: Arc<dyn EventBus>) -> Self {
        self.bus = bus;
        self
    }

    /// Keeps data keys under a key service.
    #[must_use]
    pub fn keys(mut self, keys: Arc<dyn KeyProvider>) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Keeps data keys under this master key.
    #[must_use]
    pub fn master_key(self, bytes: [u8; 32]) -> Self {
        let clock = self.clock.clone();
        self.keys(Arc::new(crate::vault::MasterKey::new(bytes, clock)))
    }

    /// Tries credentials by this.
    #[must_use]
    pub fn prober(mut self, prober: Arc<dyn Prober>) -> Self {
        self.prober = Some(prober);
        self
    }

    /// Tells this what takes time.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Decides by this which calls need an approval.
    #[must_use]
    pub fn gate(mut self, policy: Arc<dyn GatePolicy>) -> Self {
        self.gate = policy;
        self
    }

    /// Adds actions of the host's own to the table.
    #[must_use]
    pub fn actions(mut self, add: impl FnOnce(Table) -> Table) -> Self {
        self.table = add(self.table);
        self
    }

    /// The address people and webhooks reach us at, without a slash at its end.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        url.into().trim_end_matches('/').clone_into(&mut self.public_url);
        self
    }

    /// Whether strangers may make accounts.
    #[must_use]
    pub fn sign_up(mut self, policy: SignUpPolicy) -> Self {
        self.sign_up = policy;
        self
    }

    /// What the very first sign-up has to give.
    #[must_use]
    pub fn setup_code(mut self, code: Secret) -> Self {
        self.setup_code = Some(code);
        self
    }

    /// Puts everything together.
    ///
    /// # Errors
    /// When no master key and no key service was named.
    pub fn build(self) -> Result<Pmos> {
        let keys = self
            .keys
            .ok_or_else(|| Error::invalid("master_key", "is missing; give 32 random bytes that are kept safe"))?;
        let accounts = match self.identity {
            Some(_) => None,
            None => {
                Some(Arc::new(Accounts::new(self.store.clone(), self.clock.clone(), self.sign_up, self.setup_code)?))
            }
        };
        let passwords = match &accounts {
            Some(accounts) => accounts.passwords().clone(),
            None => Passwords::new()?,
        };
        let identity: Arc<dyn Identity> = match (self.identity, &accounts) {
            (Some(identity), _) => identity,
            (None, Some(accounts)) => accounts.clone(),
            (None, None) => return Err(Error::internal("choose an identity")),
        };
        let workspaces = self.workspaces.unwrap_or_else(|| Arc::new(StoreWorkspaces::new(self.store.clone())));
        let rights = accounts.as_ref().map_or_else(|| Arc::new(Rights::new()), |accounts| accounts.rights().clone());
        let principals = Principals {
            store: self.store.clone(),
            identity: identity.clone(),
            workspaces: workspaces.clone(),
            clock: self.clock.clone(),
            rights: rights.clone(),
        };
        Ok(Pmos(Arc::new(Inner {
            principals,
            rights,
            vault: Vault::new(keys),
            passwords,
            prober: self.prober,
            observer: self.observer,
            gate: self.gate,
            identity,
            accounts,
            workspaces,
            store: self.store,
            engines: self.engines,
            clock: self.clock,
            bus: self.bus,
            table: self.table,
            limits: Limits::new(),
            runs: Runs::new(),
            flow_locks: KeyedLock::default(),
            tenancy_locks: KeyedLock::default(),
            watch: Watch::new(),
            live: Live::new(),
            public_url: self.public_url,
            in_flight: Mutex::default(),
        })))
    }
}

impl RequestInfo {
    /// A request of the embedding program itself.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn internal(pmos: &Pmos) -> Result<Self> {
        Self::new(pmos.clock())
    }
}

impl Pmos {
    /// Begins with a store; everything else has a default.
    pub fn builder(store: Arc<dyn Store>) -> Builder {
        Builder {
            store,
            identity: None,
            workspaces: None,
            engines: Engines::default(),
            clock: Arc::new(SystemClock),
            bus: Arc::new(LocalBus::default()),
            keys: None,
            prober: None,
            observer: Arc::new(NoObserver),
            gate: Arc::new(RefuseRisky),
            table: Table::standard(),
            public_url: "http://127.0.0.1:8420".to_owned(),
            sign_up: SignUpPolicy::Open,
            setup_code: None,
        }
    }

    /// Recognises somebody by what he shows.
    ///
    /// # Errors
    /// `unauthenticated` for an unknown or dead credential.
    pub async fn authenticate(&self, presented: Presented<'_>) -> Result<Arc<Principal>> {
        self.0.principals.authenticate(presented).await
    }

    /// Vouches for a person: the embedding program knows him, or acts for him as an assistant, MCP endpoint or schedule.
    ///
    /// # Errors
    /// `not_found` when there is no such person.
    pub async fn vouch(&self, user: UserId, channel: Channel) -> Result<Arc<Principal>> {
        self.0.principals.vouch(user, channel).await
    }

    /// Lets somebody into a workspace.
    ///
    /// # Errors
    /// `not_found` when the workspace is missing or not open to him.
    pub fn enter(&self, principal: &Arc<Principal>, workspace: WorkspaceId, request: RequestInfo) -> Result<Caller> {
        let role = principal.role_in(workspace).ok_or_else(Error::not_found)?;
        let scope = WorkspaceScope::new(workspace, principal.actor, role, principal.channel);
        Ok(Caller::new(self.clone(), principal.clone(), Some(scope), None, request))
    }

    /// Lets a super admin into a workspace that is not his, for the time and the reason he gave.
    ///
    /// # Errors
    /// `not_found` when he did not say why he acts there, or the time is over.
    pub async fn enter_as(
        &self,
        principal: &Arc<Principal>,
        workspace: WorkspaceId,
        act_as: ActAsId,
        request: RequestInfo,
    ) -> Result<Caller> {
        let mut unit = self.store().system("enter a foreign workspace", Access::Read).await?;
        let found = unit.sessions().act_as(act_as).await?;
        drop(unit);
        let valid = found.filter(|found| {
            principal.super_admin
                && principal.actor == Actor::Person(found.user)
                && found.workspace == workspace
                && self.clock().now() < found.expires_at
        });
        let found = valid.ok_or_else(Error::not_found)?;
        let scope = WorkspaceScope::new(workspace, principal.actor, Role::WorkspaceAdmin, principal.channel);
        Ok(Caller::new(self.clone(), principal.clone(), Some(scope), Some(found.reason.into()), request))
    }

    /// Lets in a caller that shows nothing; it may do only what anyone may.
    pub fn stranger(&self, request: RequestInfo) -> Caller {
        Caller::new(self.clone(), Arc::new(Principal::unknown()), None, None, request)
    }

    /// Lets a person in for themselves, or for the instance.
    pub fn welcome(&self, principal: &Arc<Principal>, request: RequestInfo) -> Caller {
        Caller::new(self.clone(), principal.clone(), None, None, request)
    }

    /// Who a person is and where they belong.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn me(&self, person: &Person) -> Result<Me> {
        Me::of(person.clone(), self.workspaces()).await
    }

    /// Passes what was committed on to those who watch, and forgets what it made untrue.
    pub(crate) fn publish(&self, workspace: WorkspaceId, events: Vec<Event>) {
        for event in &events {
            self.0.runs.learn(event);
        }
        if !events.is_empty() {
            self.0.bus.publish(workspace, events.into_iter().map(Notice::Logged).collect());
        }
    }

    /// Makes a change of rights felt at once, by the next request and by every open stream. For a host that keeps people or
    /// workspaces itself; what PMOS changes, it makes felt by itself.
    pub fn rights_changed(&self) {
        self.0.rights.changed();
    }

    /// Tells streams when rights may have changed, so that they look again.
    pub fn watch_rights(&self) -> watch::Receiver<u64> {
        self.0.rights.watch()
    }

    pub(crate) fn in_flight(&self, workspace: Option<WorkspaceId>, key: &AnswerKey) -> Result<InFlight> {
        let key = (workspace, key.clone());
        if !self.0.in_flight.lock().insert(key.clone()) {
            let message = "The first request with this Idempotency-Key is still at work. Ask again in a moment.";
            return Err(Error::new(Kind::Conflict, "in_progress", message).retry_after(Duration::from_secs(1)));
        }
        Ok(InFlight { pmos: self.clone(), key })
    }

    /// Where everything is kept. Nobody outside gets at it: what can be done with it is in the table.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Whether the store can be read and written at this moment.
    ///
    /// # Errors
    /// `unavailable` with the cause.
    pub async fn ready(&self) -> Result<()> {
        self.0.store.ready().await
    }

    /// Writes out what is under way and lets go of the store; the last thing that is done with an instance.
    pub async fn close(&self) {
        self.0.store.close().await;
    }

    /// Who is calling.
    pub(crate) fn identity(&self) -> &dyn Identity {
        &*self.0.identity
    }

    /// Our own accounts; none when the host brought its own people.
    pub fn accounts(&self) -> Option<&Accounts> {
        self.0.accounts.as_deref()
    }

    /// Which workspaces there are.
    pub(crate) fn workspaces(&self) -> &dyn Workspace {
        &*self.0.workspaces
    }

    /// The engines of the instance.
    pub fn engines(&self) -> &Engines {
        &self.0.engines
    }

    /// Where time and randomness come from.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// What carries events to those who watch.
    pub fn bus(&self) -> &dyn EventBus {
        &*self.0.bus
    }

    /// All actions.
    pub fn table(&self) -> &Table {
        &self.0.table
    }

    /// The address people and webhooks reach us at.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn prober(&self) -> Option<&dyn Prober> {
        self.0.prober.as_deref()
    }

    pub(crate) fn gate(&self) -> &dyn GatePolicy {
        &*self.0.gate
    }

    pub(crate) fn observer(&self) -> &dyn Observer {
        &*self.0.observer
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.0.watch
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    /// Locks for changes of what is kept of a workspace's tenancies, so that no old key is written over a new one.
    pub(crate) fn tenancy_locks(&self) -> &KeyedLock<WorkspaceId> {
        &self.0.tenancy_locks
    }

    pub(crate) fn flow_locks(&self) -> &KeyedLock<FlowId> {
        &self.0.flow_locks
    }

    /// Runs that are under way in this process.
    pub fn runs(&self) -> &Runs {
        &self.0.runs
    }
}

/// That a request with this key is at work; ends when dropped.
pub(crate) struct InFlight {
    pmos: Pmos,
    key: (Option<WorkspaceId>, AnswerKey),
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.pmos.0.in_flight.lock().remove(&self.key);
    }
}
