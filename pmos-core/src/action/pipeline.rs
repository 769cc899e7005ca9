//! What every call passes.

use std::sync::Arc;

use super::{GatePolicy, Table};

/// All acts there are, and who decides which of them wait for an approval.
pub(crate) struct Pipeline {
    pub(crate) table: Table,
    pub(crate) gate: Arc<dyn GatePolicy>,
}
