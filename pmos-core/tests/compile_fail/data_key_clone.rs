// A data key is not copied.
use pmos_core::vault::DataKey;

fn leak(key: &DataKey) -> DataKey {
    key.clone()
}

fn main() {}
