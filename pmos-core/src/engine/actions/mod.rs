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

use crate::{action::Table, audit::Subject};

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
