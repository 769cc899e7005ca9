//! Settings of the adapter.

use std::collections::BTreeMap;

use pmos_core::WorkspaceId;

use crate::outbound::AllowedHosts;
pub use crate::upstream::{Instance, Limits};

/// Which servers there are and how long a call to them may take.
#[derive(Debug, Clone, Default)]
pub struct N8nConfig {
    /// The server on which places are made for workspaces that ask for one. With a key instead of the account's password
    /// that key needs `user:create`, `user:read` and `user:delete`; a place has no key for starting runs by MCP then, and
    /// one whose password was lost cannot be recovered.
    pub operator: Option<Instance>,
    /// Servers of their own for some workspaces; such a workspace gets no place on the shared one.
    pub dedicated: BTreeMap<WorkspaceId, Instance>,
    /// Inside addresses that a workspace may bring itself.
    pub allow: AllowedHosts,
    /// How long things may take.
    pub limits: Limits,
}
