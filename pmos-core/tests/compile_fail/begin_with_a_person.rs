// Nor is the id of a person.
use pmos_core::{
    UserId,
    store::{Access, Store},
};

async fn reach(store: &dyn Store, user: UserId) {
    let _ = store.begin(&user, Access::Read).await;
}

fn main() {}
