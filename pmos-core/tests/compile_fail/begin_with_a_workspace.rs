// The id of a workspace is no right to act in it.
use pmos_core::{
    WorkspaceId,
    store::{Access, Store},
};

async fn reach(store: &dyn Store, workspace: WorkspaceId) {
    let _ = store.begin(&workspace, Access::Read).await;
}

fn main() {}
