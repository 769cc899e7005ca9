// A secret does not pass for a text.
use pmos_core::vault::Secret;

fn leak(secret: &Secret) -> &str {
    secret
}

fn main() {}
