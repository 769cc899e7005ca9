// The directory answers with ids; it does not hand out what is behind them.
use pmos_core::{FlowId, store::Store};

async fn reach(store: &dyn Store, flow: FlowId) {
    let _ = store.directory().flow(flow).await;
}

fn main() {}
