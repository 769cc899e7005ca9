// A place is in a workspace.
use pmos_core::vault::Place;

fn leak() -> Place<'static> {
    Place { kind: "connection", id: "con_1" }
}

fn main() {}
