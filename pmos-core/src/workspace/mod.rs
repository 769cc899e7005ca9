//! Workspaces: the wall between tenants, who belongs to them, and their settings.

pub mod actions;
mod host_workspaces;
mod mine;
mod model;
mod port;
mod provide;
mod store_workspaces;

pub(crate) use host_workspaces::HostWorkspaces;
pub use mine::WorkspaceOfMine;
pub use model::*;
pub use port::*;
pub(crate) use provide::provide;
pub use store_workspaces::StoreWorkspaces;
