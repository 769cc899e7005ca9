// There is no scope to begin with.
use pmos_core::WorkspaceScope;

fn forge() -> WorkspaceScope {
    WorkspaceScope::default()
}

fn main() {}
