// A data key is not printed.
use pmos_core::vault::DataKey;

fn leak(key: &DataKey) -> String {
    key.to_string()
}

fn main() {}
