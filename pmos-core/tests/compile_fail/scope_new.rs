// Only `Pmos::enter` makes a scope.
use pmos_core::{Actor, Channel, Role, UserId, WorkspaceId, WorkspaceScope};

fn forge(workspace: WorkspaceId, user: UserId) -> WorkspaceScope {
    WorkspaceScope::new(workspace, Actor::Person(user), Role::WorkspaceAdmin, Channel::Rust)
}

fn main() {}
