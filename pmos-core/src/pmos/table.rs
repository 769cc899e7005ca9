//! All that PMOS itself can do.

use crate::{
    action::Table, api_key, approval, audit, chat, connection, engine, flow, identity, model, quota, run, workspace,
};

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
        let table = model::actions::register(table);
        let table = chat::actions::register(table);
        let table = approval::actions::register(table);
        quota::actions::register(table)
    }
}
