//! What every call passes.

use std::sync::Arc;

use super::{GatePolicy, HostState, Table};

/// All acts there are, who decides which of them wait for an approval, and what they have of the host.
pub(crate) struct Pipeline {
    pub(crate) table: Table,
    pub(crate) gate: Arc<dyn GatePolicy>,
    /// What the host's own acts work with.
    pub(crate) state: HostState,
}
