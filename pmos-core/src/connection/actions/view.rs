//! A connection as people get it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{ConnectionId, FlowId, Timestamp, vault::HostBinding, workspace::Label};

/// A stored credential without its secret.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// What people read.
    pub name: Label,
    /// How it is shown to the service; for a remote engine its own name of the kind.
    pub kind: String,
    /// The only hosts it may be sent to.
    pub hosts: Vec<HostBinding>,
    /// The engine that keeps it; ours are used by the embedded engine.
    pub engine: String,
    /// The header, parameter or user name.
    pub secret_name: Option<String>,
    /// The last four characters of a long secret.
    pub last_four: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The automations that use it.
    pub used_by: Vec<UsedBy>,
}

/// An automation that uses a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct UsedBy {
    /// The automation.
    pub id: FlowId,
    /// What people read.
    pub name: Label,
}
