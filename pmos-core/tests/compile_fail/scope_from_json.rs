// A scope does not come over the wire.
use pmos_core::WorkspaceScope;

fn forge(text: &str) -> WorkspaceScope {
    serde_json::from_str(text).unwrap()
}

fn main() {}
