// Nobody gets at the bytes of a data key.
use pmos_core::vault::DataKey;

fn leak(key: &DataKey) -> [u8; 32] {
    *key.bytes()
}

fn main() {}
