// Nor is a membership, which anybody can write down.
use pmos_core::{
    store::{Access, Store},
    workspace::Membership,
};

async fn reach(store: &dyn Store, membership: Membership) {
    let _ = store.begin(&membership, Access::Write).await;
}

fn main() {}
