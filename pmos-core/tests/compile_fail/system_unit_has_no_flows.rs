// A unit on what belongs to no workspace does not reach what belongs to one.
use pmos_core::store::SystemUnit;

async fn reach(unit: &mut dyn SystemUnit) {
    let _ = unit.flows().count().await;
}

fn main() {}
