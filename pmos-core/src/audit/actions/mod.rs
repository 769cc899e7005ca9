//! What can be done with the audit chain: read it and prove it. Nothing changes it.

mod list;
mod verify;

pub use list::{AuditActor, AuditSubject, AuditView, ListAudit, ListInstanceAudit};
pub use verify::{VerifyAudit, VerifyInstanceAudit};

use crate::action::Table;

pub(crate) fn register(table: Table) -> Table {
    table.with::<ListAudit>().with::<VerifyAudit>().with::<ListInstanceAudit>().with::<VerifyInstanceAudit>()
}
