// A scope is not converted from what it is made of.
use pmos_core::{Actor, Role, WorkspaceId, WorkspaceScope};

fn forge(workspace: WorkspaceId, actor: Actor, role: Role) -> WorkspaceScope {
    (workspace, actor, role).into()
}

fn main() {}
