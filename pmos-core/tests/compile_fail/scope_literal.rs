// A scope cannot be written down.
use pmos_core::{Actor, Channel, Role, UserId, WorkspaceId, WorkspaceScope};

fn forge(workspace: WorkspaceId, user: UserId) -> WorkspaceScope {
    WorkspaceScope { workspace, actor: Actor::Person(user), role: Role::WorkspaceAdmin, channel: Channel::Rust }
}

fn main() {}
