// A data key is not written down.
use pmos_core::vault::DataKey;

fn leak(key: &DataKey) -> String {
    serde_json::to_string(key).unwrap()
}

fn main() {}
