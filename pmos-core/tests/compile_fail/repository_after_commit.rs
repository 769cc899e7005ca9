// What was committed is not changed any more.
use pmos_core::store::{Closing, UnitOfWork};

async fn change(mut unit: Box<dyn UnitOfWork>) {
    let flows = unit.flows();
    let _ = unit.commit(Closing::default()).await;
    let _ = flows.count().await;
}

fn main() {}
