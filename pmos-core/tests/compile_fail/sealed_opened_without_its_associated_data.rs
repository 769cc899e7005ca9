// What is sealed opens only with the place it belongs to.
use pmos_core::vault::{DataKey, Sealed, Secret};

fn leak(key: &DataKey, sealed: &Sealed) -> Secret {
    key.open(sealed).unwrap()
}

fn main() {}
