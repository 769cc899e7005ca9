// The bytes of a data key are not given out.
use pmos_core::vault::DataKey;

fn leak(key: &DataKey) -> [u8; 32] {
    *key.bytes()
}

fn main() {}
