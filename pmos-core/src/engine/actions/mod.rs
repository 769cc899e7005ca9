//! What can be done with engines.

mod check;
mod connect;
mod disconnect;
mod list;
mod rotate;
mod view;

pub use check::CheckEngine;
pub use connect::ConnectEngine;
pub use disconnect::DisconnectEngine;
pub use list::ListEngines;
pub use rotate::RotateEngine;
pub use view::EngineView;

use std::sync::Arc;

use crate::{
    Error, Result,
    action::{Context, Table},
    audit::Subject,
    flow::{Field, FlowEngine, Host},
};

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<ListEngines>()
        .with::<ConnectEngine>()
        .with::<CheckEngine>()
        .with::<RotateEngine>()
        .with::<DisconnectEngine>()
}

fn subject(engine: &str) -> Subject {
    Subject::new("engine", engine)
}

/// What a workspace fills in to bring a server of its own; nothing for an engine that is built in.
fn login(engine: &dyn FlowEngine) -> Vec<Field> {
    match engine.host() {
        Host::Remote(remote) => remote.login(),
        Host::Embedded(_) => Vec::new(),
    }
}

/// An engine outside.
fn remote(cx: &Context<'_>, name: &str) -> Result<Arc<dyn FlowEngine>> {
    let engine = cx.engines().get(name).map_err(|_| Error::not_found())?.clone();
    match engine.host() {
        Host::Remote(_) => Ok(engine),
        Host::Embedded(_) => Err(Error::unsupported("connecting this engine; it is built in and always ready")),
    }
}
