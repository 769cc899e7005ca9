//! What can be done with API keys.

mod create;
mod list;
mod revoke;

pub use create::{CreateApiKey, CreatedApiKey};
pub use list::{ApiKeyView, ListApiKeys};
pub use revoke::RevokeApiKey;

use crate::action::Table;

pub(crate) fn register(table: Table) -> Table {
    table.with::<ListApiKeys>().with::<CreateApiKey>().with::<RevokeApiKey>()
}
