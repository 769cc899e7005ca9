// The store is reached through actions alone.
use pmos_core::{Pmos, WorkspaceScope, store::Access};

async fn past(pmos: &Pmos, scope: &WorkspaceScope) {
    let _ = pmos.store().begin(scope, Access::Write).await;
}

fn main() {}
