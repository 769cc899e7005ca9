// A unit is committed once.
use pmos_core::store::{Closing, UnitOfWork};

async fn change(unit: Box<dyn UnitOfWork>) {
    let _ = unit.commit(Closing::default()).await;
    let _ = unit.commit(Closing::default()).await;
}

fn main() {}
