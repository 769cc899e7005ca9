// The log grows by commits alone.
use pmos_core::{event::Event, store::UnitOfWork};

async fn change(unit: &mut dyn UnitOfWork, event: Event) {
    let _ = unit.events().insert(event).await;
}

fn main() {}
