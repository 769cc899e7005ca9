// An opened credential does not go into an answer.
use pmos_core::vault::Credential;

fn leak(credential: &Credential) -> String {
    serde_json::to_string(credential).unwrap()
}

fn main() {}
