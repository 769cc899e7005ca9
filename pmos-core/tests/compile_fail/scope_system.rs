// The scope of PMOS itself is not for others to take.
use pmos_core::{WorkspaceId, WorkspaceScope};

fn forge(workspace: WorkspaceId) -> WorkspaceScope {
    WorkspaceScope::system(workspace, "because I can")
}

fn main() {}
