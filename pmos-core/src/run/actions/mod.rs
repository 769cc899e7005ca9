//! What can be done with runs.

mod cancel;
mod dashboard;
mod get;
mod list;
mod retry;
mod start;

pub use cancel::CancelRun;
pub use dashboard::{Dashboard, FailingFlowView, GetDashboard, RunNumbers, SeriesPoint, Setup, SetupStep, Window};
pub use get::GetRun;
pub use list::ListRuns;
pub use retry::{RetryFrom, RetryRun};
pub use start::StartRun;

use crate::action::Table;

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<StartRun>()
        .with::<ListRuns>()
        .with::<GetRun>()
        .with::<CancelRun>()
        .with::<RetryRun>()
        .with::<GetDashboard>()
}
