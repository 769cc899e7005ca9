// What a secret is made of does not come out again.
use pmos_core::vault::Secret;

fn leak(secret: Secret) -> secrecy::SecretString {
    secret.0
}

fn main() {}
