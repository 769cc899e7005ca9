// So does the audit chain.
use pmos_core::{audit::AuditRecord, store::UnitOfWork};

async fn change(unit: &mut dyn UnitOfWork, record: AuditRecord) {
    let _ = unit.audit().insert(record).await;
}

fn main() {}
