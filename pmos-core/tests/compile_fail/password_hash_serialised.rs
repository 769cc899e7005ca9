// A password hash does not go into an answer.
use pmos_core::identity::Account;

fn leak(account: &Account) -> String {
    serde_json::to_string(account).unwrap()
}

fn main() {}
