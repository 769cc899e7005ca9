//! All that PMOS itself can do.

use crate::{action::Table, api_key, audit, connection, engine, flow, identity, quota, run, workspace};

impl Table {
    /// Everything PMOS itself can do.
    pub fn standard() -> Self {
        let table = identity::actions::register(Self::default());
        let table = workspace::actions::register(table);
        let table = api_key::actions::register(table);
        let table = flow::actions::register(table);
        let table = run::actions::register(table);
        let table = engine::actions::register(table);
        let table = connection::actions::register(table);
        let table = audit::actions::register(table);
        quota::actions::register(table)
    }
}
