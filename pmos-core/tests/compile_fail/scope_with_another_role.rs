// A role is not raised after the fact.
use pmos_core::{Role, WorkspaceScope};

fn forge(mut scope: WorkspaceScope) -> WorkspaceScope {
    scope.role = Role::WorkspaceAdmin;
    scope
}

fn main() {}
