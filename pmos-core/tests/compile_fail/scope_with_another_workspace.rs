// A scope of one workspace does not become that of another.
use pmos_core::{WorkspaceId, WorkspaceScope};

fn forge(scope: WorkspaceScope, workspace: WorkspaceId) -> WorkspaceScope {
    WorkspaceScope { workspace, ..scope.clone() }
}

fn main() {}
