//! What people do with their own account.

mod change_password;
mod delete_me;
mod edit_me;
mod end_session;
mod get_me;
mod list_sessions;
mod step_up;

pub use change_password::ChangePassword;
pub use delete_me::DeleteMe;
pub use edit_me::EditMe;
pub use end_session::EndSession;
pub use get_me::{GetMe, Me};
pub use list_sessions::{ListSessions, SessionView};
pub use step_up::StepUp;

use super::{Accounts, Person};
use crate::{
    Error, Result,
    action::{Context, Table},
};

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<GetMe>()
        .with::<EditMe>()
        .with::<DeleteMe>()
        .with::<ChangePassword>()
        .with::<StepUp>()
        .with::<ListSessions>()
        .with::<EndSession>()
}

/// Our own accounts, and the person whose account an act is about.
fn own_account<'d>(cx: &Context<'d>) -> Result<(&'d Accounts, Person)> {
    let person = cx.principal().person.clone().ok_or_else(Error::unauthenticated)?;
    let accounts = cx.services().accounts.as_deref().ok_or_else(|| Error::unsupported("accounts of PMOS itself"))?;
    Ok((accounts, person))
}
