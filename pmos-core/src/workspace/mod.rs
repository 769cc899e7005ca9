//! Workspaces: the wall between tenants, who belongs to them, and their settings.

pub mod actions;
mod join;
mod model;
mod port;
mod store_workspaces;
mod visits;

pub use join::InvitationView;
pub use model::*;
pub use port::*;
pub use store_workspaces::StoreWorkspaces;
