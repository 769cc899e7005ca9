//! The `pmos-server` binary.

fn main() {}
