//! From ports to a whole.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::Pmos;
use crate::{
    Clock, Error, Result, SystemClock,
    action::{GatePolicy, HostState, OneUnit, Pipeline, Table, WorkspaceRules},
    chat::TurnsAtWork,
    cluster::Cluster,
    connection::Prober,
    engine::{Live, Watch},
    flow::{Engines, FlowEngine},
    identity::{Accounts, Identity, Passwords, Principals, Rights, SignUpPolicy},
    model::ChatModel,
    observe::{NoObserver, Observer},
    quota::Limits,
    run::Runs,
    services::{Parts, Services},
    store::Store,
    vault::{DataKey, KeyProvider, MasterKey, Secret, Vault},
    workspace::{HostWorkspaces, StoreWorkspaces, Workspace},
};

/// How long runs may go on once the process stops, unless the host says otherwise.
const GRACE: Duration = Duration::from_secs(8);

/// Gathers the ports of a [`Pmos`], in any order.
#[must_use = "nothing is made of it before `build`"]
#[derive(Debug)]
pub struct Builder {
    store: Arc<dyn Store>,
    identity: Option<Arc<dyn Identity>>,
    workspaces: Option<Arc<dyn Workspace>>,
    engines: Vec<Arc<dyn FlowEngine>>,
    default_engine: Option<String>,
    clock: Arc<dyn Clock>,
    cluster: Option<Cluster>,
    keys: Option<Arc<dyn KeyProvider>>,
    master_key: Option<DataKey>,
    prober: Option<Arc<dyn Prober>>,
    chat_model: Option<Arc<dyn ChatModel>>,
    observer: Arc<dyn Observer>,
    gate: Arc<dyn GatePolicy>,
    table: Table,
    state: HostState,
    twice: Option<&'static str>,
    public_url: String,
    sign_up: Option<SignUpPolicy>,
    setup_code: Option<Secret>,
    grace: Duration,
}

impl Builder {
    /// Brings people of the host's own; then there is no sign-up, password or session of ours.
    pub fn identity(mut self, identity: Arc<dyn Identity>) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Brings workspaces of the host's own; then they are founded, changed and joined there only, see [`Workspace`].
    pub fn workspaces(mut self, workspaces: Arc<dyn Workspace>) -> Self {
        self.workspaces = Some(workspaces);
        self
    }

    /// Adds a flow engine. The first one is that of new workspaces, unless [`default_engine`](Self::default_engine) says
    /// otherwise.
    pub fn engine(mut self, engine: Arc<dyn FlowEngine>) -> Self {
        self.engines.push(engine);
        self
    }

    /// Names the engine of new workspaces.
    pub fn default_engine(mut self, name: impl Into<String>) -> Self {
        self.default_engine = Some(name.into());
        self
    }

    /// Takes time and randomness from elsewhere, as tests do.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Works with other processes on the same store; without it, it is the only one.
    pub fn cluster(mut self, cluster: Cluster) -> Self {
        self.cluster = Some(cluster);
        self
    }

    /// Keeps data keys under a key service.
    pub fn keys(mut self, keys: Arc<dyn KeyProvider>) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Keeps data keys under this master key.
    pub fn master_key(mut self, bytes: [u8; 32]) -> Self {
        self.master_key = Some(DataKey::from_bytes(bytes));
        self
    }

    /// Tries credentials by this.
    pub fn prober(mut self, prober: Arc<dyn Prober>) -> Self {
        self.prober = Some(prober);
        self
    }

    /// Speaks to models by this; without it the assistant only takes commands.
    pub fn chat_model(mut self, model: Arc<dyn ChatModel>) -> Self {
        self.chat_model = Some(model);
        self
    }

    /// Tells this what takes time.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Decides by this which calls need an approval.
    pub fn gate(mut self, policy: Arc<dyn GatePolicy>) -> Self {
        self.gate = policy;
        self
    }

    /// Adds actions of the host's own to the table.
    pub fn actions(mut self, add: impl FnOnce(Table) -> Table) -> Self {
        self.table = add(self.table);
        self
    }

    /// Gives the host's own actions something to work with, as a pool or a client: [`Context::state`](crate::action::Context::state).
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        if !self.state.insert(value) {
            self.twice = Some(std::any::type_name::<T>());
        }
        self
    }

    /// The address people and webhooks reach us at, without a slash at its end.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        url.into().trim_end_matches('/').clone_into(&mut self.public_url);
        self
    }

    /// Whether strangers may make accounts.
    pub fn sign_up(mut self, policy: SignUpPolicy) -> Self {
        self.sign_up = Some(policy);
        self
    }

    /// What the very first sign-up has to give.
    pub fn setup_code(mut self, code: Secret) -> Self {
        self.setup_code = Some(code);
        self
    }

    /// How long runs that are under way may go on after [`Pmos::shut_down`]; 8 seconds when it is not said. The next process goes
    /// on with those that take longer.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Puts everything together.
    ///
    /// # Errors
    /// `invalid_input` when no engine was given or two have one name; when neither a master key nor a key service was given, or
    /// both; when there is a policy for sign-ups that another identity does not ask for; when two states have one type.
    pub fn build(mut self) -> Result<Pmos> {
        if let Some(name) = self.twice {
            return Err(Error::invalid(
                "state",
                format!("there are two of the type {name}; wrap one in a type of its own"),
            ));
        }
        // No act waits for itself.
        self.store = Arc::new(OneUnit(self.store));
        let mut engines = Engines::default();
        for engine in self.engines {
            engines.add(engine)?;
        }
        if let Some(name) = self.default_engine {
            engines.prefer(&name).map_err(|error| error.at("default_engine", "names no engine"))?;
        }
        engines.preferred()?;
        let keys: Arc<dyn KeyProvider> = match (self.keys, self.master_key) {
            (Some(keys), None) => keys,
            (None, Some(key)) => Arc::new(MasterKey::of(key, self.clock.clone())),
            (None, None) => {
                return Err(Error::invalid("master_key", "is missing; give 32 random bytes that are kept safe"));
            }
            (Some(_), Some(_)) => {
                return Err(Error::invalid("master_key", "is given beside a key service; choose one"));
            }
        };
        let accounts = match self.identity {
            Some(_) if self.sign_up.is_some() || self.setup_code.is_some() => {
                return Err(Error::invalid("identity", "has sign-ups of its own; leave sign_up and setup_code out"));
            }
            Some(_) => None,
            None => {
                let policy = self.sign_up.unwrap_or_default();
                Some(Arc::new(Accounts::new(self.store.clone(), self.clock.clone(), policy, self.setup_code)?))
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
        let host_workspaces = self
            .workspaces
            .as_ref()
            .map(|theirs| HostWorkspaces::new(self.store.clone(), theirs.clone(), self.clock.clone()));
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
        // Those who share a cluster know of each other.
        let alone = self.cluster.is_none();
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
            host_workspaces,
            limits: Limits::new(self.store.clone(), self.clock.clone()),
            store: self.store,
            engines,
            clock: self.clock,
            runs: Runs::new(),
            decided: Notify::new(),
            turns: TurnsAtWork::default(),
            chat_model: self.chat_model,
            watch: Watch::default(),
            live: Live::default(),
            public_url: self.public_url,
            grace: self.grace,
            alone,
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
            engines: Vec::new(),
            default_engine: None,
            clock: Arc::new(SystemClock),
            cluster: None,
            keys: None,
            master_key: None,
            prober: None,
            chat_model: None,
            observer: Arc::new(NoObserver),
            gate: Arc::new(WorkspaceRules),
            table: Table::standard(),
            state: HostState::default(),
            twice: None,
            public_url: "http://127.0.0.1:8420".to_owned(),
            sign_up: None,
            setup_code: None,
            grace: GRACE,
        }
    }
}
