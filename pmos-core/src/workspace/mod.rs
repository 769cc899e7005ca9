//! Workspaces: the wall between tenants, who belongs to them, and their settings.

mod model;
mod port;

pub use model::*;
pub use port::*;
