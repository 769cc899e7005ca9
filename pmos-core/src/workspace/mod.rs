//! Workspaces: the wall between tenants, who belongs to them, and their settings.

pub mod actions;
mod mine;
mod model;
mod port;
mod store_workspaces;

pub use mine::WorkspaceOfMine;
pub use model::*;
pub use port::*;
pub use store_workspaces::StoreWorkspaces;
