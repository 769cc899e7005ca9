// People and workspaces of the host may be far away, so they are asked on the way out alone.
use pmos_core::Pmos;

fn past(pmos: &Pmos) {
    let _ = (pmos.identity(), pmos.workspaces());
}

fn main() {}
