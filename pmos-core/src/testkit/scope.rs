//! Scopes for the tests of stores and engines, which have no caller to get one from.

use crate::{Actor, Channel, Role, WorkspaceId, WorkspaceScope};

/// A scope in which anything may be done. Only tests have this function: the feature `testkit` is never part of a server.
pub fn scope(workspace: WorkspaceId, actor: Actor, role: Role) -> WorkspaceScope {
    WorkspaceScope::new(workspace, actor, role, Channel::Rust)
}
