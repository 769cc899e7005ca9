//! An engine as people get it.

use schemars::JsonSchema;
use serde::Serialize;

use super::login;
use crate::{
    Timestamp,
    action::Outward,
    engine::{EngineState, Fact, FactName, FlowHost, Wall},
    flow::{Capabilities, Field, FlowEngine, Host},
    store::TenancyRow,
};

/// An engine, and how it stands for the workspace.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EngineView {
    /// A slug, as `embedded`.
    pub engine: String,
    /// What people read.
    pub title: String,
    /// Whether it can be worked with.
    pub state: EngineState,
    /// What keeps the workspace apart from others on the same server; none before it is connected, and for an engine
    /// inside this process.
    pub wall: Option<Wall>,
    /// What must be true, one by one.
    pub facts: Vec<Fact>,
    /// The version of the server.
    pub version: Option<String>,
    /// Whether the workspace has a place there.
    pub connected: bool,
    /// Whether the operator named a server on which a place can be made.
    pub provisions: bool,
    /// What to fill in besides the address to bring a server of one's own.
    pub login: Vec<Field>,
    /// What it can do.
    pub capabilities: Capabilities,
}

pub(super) fn view(
    engine: &dyn FlowEngine,
    outward: &Outward<'_>,
    row: Option<TenancyRow>,
    now: Timestamp,
) -> EngineView {
    let descriptor = engine.descriptor();
    let embedded = matches!(engine.host(), Host::Embedded(_));
    let provisions = outward.host(engine).is_ok_and(FlowHost::provisions);
    let connected = row.is_some();
    let (state, wall, facts, version) = match row {
        Some(row) => (row.state, Some(row.wall), row.facts, row.version),
        None if embedded => (EngineState::Ready, None, built_in(now), Some(descriptor.version.clone())),
        None => (EngineState::ActionNeeded, None, unconnected(provisions, now), None),
    };
    EngineView {
        engine: descriptor.name.clone(),
        title: descriptor.title.clone(),
        state,
        wall,
        facts,
        version,
        connected: connected || embedded,
        provisions,
        login: login(engine),
        capabilities: descriptor.capabilities,
    }
}

fn built_in(at: Timestamp) -> Vec<Fact> {
    let fact = |name| Fact { name, ok: Some(true), message: "It is built in.".to_owned(), action: None, at };
    FactName::ALL.map(fact).into()
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
    FactName::ALL.map(fact).into()
}
