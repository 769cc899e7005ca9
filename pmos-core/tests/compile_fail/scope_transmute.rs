// Bytes do not become a scope where unsafe code is forbidden, as it is in every crate of PMOS.
#![forbid(unsafe_code)]

use pmos_core::WorkspaceScope;

fn forge() -> WorkspaceScope {
    unsafe { std::mem::zeroed() }
}

fn main() {}
