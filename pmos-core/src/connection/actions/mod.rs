//! What can be done with connections. No answer ever holds a secret.

mod create;
mod delete;
mod list;
mod rename;
mod replace_secret;
mod secret;
mod test;
mod view;

pub use create::CreateConnection;
pub use delete::DeleteConnection;
pub use list::ListConnections;
pub use rename::RenameConnection;
pub use replace_secret::ReplaceSecret;
pub use secret::SecretInput;
pub use test::{TestConnection, TestResult};
pub use view::{ConnectionView, UsedBy};

use crate::{ConnectionId, action::Table, audit::Subject};

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<ListConnections>()
        .with::<CreateConnection>()
        .with::<RenameConnection>()
        .with::<ReplaceSecret>()
        .with::<TestConnection>()
        .with::<DeleteConnection>()
}

pub(super) fn subject(connection: ConnectionId) -> Subject {
    Subject::new("connection", connection)
}
