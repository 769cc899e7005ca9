//! What can be done with limits.

mod get;
mod set;

pub(crate) use get::usage;
pub use get::{GetQuota, QuotaUse};
pub use set::SetQuota;

use crate::action::Table;

pub(crate) fn register(table: Table) -> Table {
    table.with::<GetQuota>().with::<SetQuota>()
}
