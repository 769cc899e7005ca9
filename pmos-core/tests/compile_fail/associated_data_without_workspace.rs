// A place is in a workspace.
use pmos_core::vault::AssociatedData;

fn leak() -> AssociatedData<'static> {
    AssociatedData { kind: "connection", id: "con_1" }
}

fn main() {}
