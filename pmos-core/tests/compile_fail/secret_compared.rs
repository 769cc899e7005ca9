// A secret is not compared, which would tell by its time how much was right.
use pmos_core::vault::Secret;

fn leak(secret: &Secret, guess: &Secret) -> bool {
    secret == guess
}

fn main() {}
