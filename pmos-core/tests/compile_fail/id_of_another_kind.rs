// The id of a flow is not that of a run.
use pmos_core::{FlowId, store::UnitOfWork};

async fn mix_up(unit: &mut dyn UnitOfWork, flow: FlowId) {
    let _ = unit.runs().get(flow).await;
}

fn main() {}
