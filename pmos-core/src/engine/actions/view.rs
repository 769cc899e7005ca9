//! An engine as people get it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    engine::{EngineState, Fact, Wall},
    flow::{Capabilities, Field},
};

/// An engine, and how it stands for the workspace.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
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
    /// The address of the server, of one that the workspace brought itself.
    pub address: Option<String>,
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
