// The repositories of a unit share one transaction, so they are used one after the other.
use pmos_core::store::UnitOfWork;

async fn change(unit: &mut dyn UnitOfWork) {
    let flows = unit.flows();
    let runs = unit.runs();
    let _ = (flows.count().await, runs.count_since(pmos_core::Timestamp::from_micros(0)).await);
}

fn main() {}
