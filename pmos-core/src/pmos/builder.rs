//! From ports to a whole.

use std::sync::Arc;

use super::Pmos;
use crate::{
    Clock, Error, Result, SystemClock,
    action::{GatePolicy, HostState, OneUnit, Pipeline, RefuseRisky, Table},
    cluster::Cluster,
    connection::Prober,
    engine::{Live, Watch},
    flow::{Engines, FlowEngine},
    identity::{Accounts, Identity, Passwords, Principals, Rights, SignUpPolicy},
    observe::{NoObserver, Observer},
    quota::Limits,
    run::Runs,
    services::{Parts, Services},
    store::Store,
    vault::{KeyProvider, MasterKey, Secret, Vault},
    workspace::{StoreWorkspaces, Workspace},
};

/// Gathers the ports of a [`Pmos`].
#[derive(Debug)]
pub struct Builder {
    store: Arc<dyn Store>,
    identity: Option<Arc<dyn Identity>>,
    workspaces: Option<Arc<dyn Workspace>>,
    engines: Engines,
    clock: Arc<dyn Clock>,
    cluster: Option<Cluster>,
    keys: Option<Arc<dyn KeyProvider>>,
    prober: Option<Arc<dyn Prober>>,
    observer: Arc<dyn Observer>,
    gate: Arc<dyn GatePolicy>,
    table: Table,
    state: HostState,
    twice: Option<&'static str>,
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

    /// Works with other processes on the same store; without it, it is the only one.
    #[must_use]
    pub fn cluster(mut self, cluster: Cluster) -> Self {
        self.cluster = Some(cluster);
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
        self.keys(Arc::new(MasterKey::new(bytes, clock)))
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

    /// Gives the host's own actions something to work with, as a pool or a client: [`Context::state`](crate::action::Context::state).
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        if !self.state.insert(value) {
            self.twice = Some(std::any::type_name::<T>());
        }
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
    /// When no master key and no key service was named, or two states have one type.
    pub fn build(mut self) -> Result<Pmos> {
        if let Some(name) = self.twice {
            return Err(Error::invalid(
                "state",
                format!("there are two of the type {name}; wrap one in a type of its own"),
            ));
        }
        // No act waits for itself.
        self.store = Arc::new(OneUnit(self.store));
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
        let node = self.clock.new_id()?;
        let Cluster { bus, leases, queue } = self.cluster.unwrap_or_else(|| Cluster::local(self.store.clone()));
        let services = Services::new(Parts {
            node,
            bus,
            leases,
            queue,
            principals,
            rights,
            vault: Vault::new(keys),
            passwords,
            prober: self.prober,
            observer: self.observer,
            identity,
            accounts,
            workspaces,
            limits: Limits::new(self.store.clone(), self.clock.clone()),
            store: self.store,
            engines: self.engines,
            clock: self.clock,
            runs: Runs::new(),
            watch: Watch::default(),
            live: Live::default(),
            public_url: self.public_url,
        });
        Ok(Pmos { services, pipeline: Arc::new(Pipeline { table: self.table, gate: self.gate, state: self.state }) })
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
            cluster: None,
            keys: None,
            prober: None,
            observer: Arc::new(NoObserver),
            gate: Arc::new(RefuseRisky),
            table: Table::standard(),
            state: HostState::default(),
            twice: None,
            public_url: "http://127.0.0.1:8420".to_owned(),
            sign_up: SignUpPolicy::Open,
            setup_code: None,
        }
    }
}
