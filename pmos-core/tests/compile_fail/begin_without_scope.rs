// A unit of work is not begun without saying where.
use pmos_core::store::{Access, Store};

async fn reach(store: &dyn Store) {
    let _ = store.begin(Access::Read).await;
}

fn main() {}
