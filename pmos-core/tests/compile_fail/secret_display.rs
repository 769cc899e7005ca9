// A secret is not printed.
use pmos_core::vault::Secret;

fn leak(secret: &Secret) -> String {
    format!("{secret}")
}

fn main() {}
