// A journal is not written without saying whose.
use pmos_core::store::{RunBatch, Store};

async fn reach(store: &dyn Store, batch: RunBatch) {
    let _ = store.journal().append(batch).await;
}

fn main() {}
