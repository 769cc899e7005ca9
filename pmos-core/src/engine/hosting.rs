//! Whether an engine is built in or remote, for a workspace that has a tenancy there or none. The only place of this folder
//! that asks which.

use std::sync::Arc;

use super::{EngineState, Fact, FactName, FlowHost, HealthFact, Tenancy, Wall, actions::EngineView};
use crate::{
    Error, Result, Timestamp, WorkspaceScope,
    action::{Context, Outward},
    flow::{Field, FlowEngine, Host},
    store::TenancyRow,
};

/// What is said of an engine that is always ready.
const BUILT_IN: &str = "It is built in.";

impl Outward<'_> {
    /// The workspace's tenancy at a remote engine; none for an engine inside this process, which needs none.
    ///
    /// # Errors
    /// `not_connected` when the workspace has no tenancy there.
    pub(crate) async fn tenancy(&mut self, scope: &WorkspaceScope, engine: &dyn FlowEngine) -> Result<Option<Tenancy>> {
        match engine.host() {
            Host::Embedded(_) => Ok(None),
            Host::Remote(_) => self.require_tenancy(scope, engine).await.map(Some),
        }
    }
}

/// A remote engine.
pub(super) fn remote(cx: &Context<'_>, name: &str) -> Result<Arc<dyn FlowEngine>> {
    let engine = cx.engines().get(name).map_err(|_| Error::not_found())?.clone();
    match engine.host() {
        Host::Remote(_) => Ok(engine),
        Host::Embedded(_) => Err(Error::unsupported("connecting this engine; it is built in and always ready")),
    }
}

/// What a workspace fills in to bring a server of its own; nothing for an engine that is built in.
pub(super) fn login(engine: &dyn FlowEngine) -> Vec<Field> {
    match engine.host() {
        Host::Remote(remote) => remote.login(),
        Host::Embedded(_) => Vec::new(),
    }
}

/// An engine as people get it, with the workspace's tenancy there.
pub(super) fn view(
    engine: &dyn FlowEngine,
    outward: &Outward<'_>,
    tenancy: Option<TenancyRow>,
    now: Timestamp,
) -> EngineView {
    let descriptor = engine.descriptor();
    let provisions = outward.host(engine).is_ok_and(FlowHost::provisions);
    let own = tenancy.as_ref().filter(|tenancy| tenancy.wall == Wall::OwnKey);
    let address = own.map(|tenancy| tenancy.instance.clone());
    let (connected, state, wall, facts, version) = match (tenancy, engine.host()) {
        (Some(tenancy), _) => (true, tenancy.state, Some(tenancy.wall), tenancy.facts, tenancy.version),
        (None, Host::Embedded(_)) => (true, EngineState::Ready, None, built_in(now), Some(descriptor.version.clone())),
        (None, Host::Remote(_)) => (false, EngineState::ActionNeeded, None, unconnected(provisions, now), None),
    };
    EngineView {
        engine: descriptor.name.clone(),
        title: descriptor.title.clone(),
        state,
        wall,
        address,
        facts,
        version,
        connected,
        provisions,
        login: login(engine),
        capabilities: descriptor.capabilities,
    }
}

/// How an engine stands for the workspace; none for one that it is not connected to, which nothing can be wrong with.
pub(crate) fn health(engine: &dyn FlowEngine, tenancies: &[TenancyRow], now: Timestamp) -> Option<HealthFact> {
    let descriptor = engine.descriptor();
    let fact =
        |ok, message: &str, at| HealthFact { name: descriptor.title.clone(), ok, message: message.to_owned(), at };
    match engine.host() {
        Host::Embedded(_) => Some(fact(true, BUILT_IN, now)),
        Host::Remote(_) => {
            let tenancy = tenancies.iter().find(|tenancy| tenancy.engine == descriptor.name)?;
            let wrong = tenancy.facts.iter().find(|fact| fact.ok == Some(false));
            let unclear = tenancy.facts.iter().find(|fact| fact.ok.is_none());
            let message = wrong.or(unclear).map_or("It answers.", |fact| &fact.message);
            Some(fact(tenancy.state == EngineState::Ready, message, tenancy.as_of()))
        }
    }
}

fn built_in(at: Timestamp) -> Vec<Fact> {
    let fact = |name| Fact { name, ok: Some(true), message: BUILT_IN.to_owned(), action: None, at };
    FactName::OF_ENGINES.map(fact).into()
}

fn unconnected(provisions: bool, at: Timestamp) -> Vec<Fact> {
    let fact = |name| match name {
        FactName::Configured => Fact {
            name,
            ok: Some(false),
            message: "This workspace is not connected.".to_owned(),
            action: Some(if provisions {
                "Have a place made for it, or paste the address and key of your own server.".to_owned()
            } else {
                "Paste the address and key of your server.".to_owned()
            }),
            at,
        },
        _ => Fact { name, ok: None, message: "Known once it is connected.".to_owned(), action: None, at },
    };
    FactName::OF_ENGINES.map(fact).into()
}
