// Only the door makes a scope.
use pmos_core::{Actor, Caller, Role, UserId, WorkspaceId, WorkspaceScope};

fn forge(workspace: WorkspaceId, user: UserId) -> WorkspaceScope {
    WorkspaceScope::new(workspace, Actor::Person(user), Role::WorkspaceAdmin, Caller::Rust)
}

fn main() {}
