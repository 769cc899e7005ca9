// Who was lent a unit cannot commit it.
use pmos_core::store::{Closing, UnitOfWork};

async fn change(unit: &mut dyn UnitOfWork) {
    let _ = unit.commit(Closing::default()).await;
}

fn main() {}
