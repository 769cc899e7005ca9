//! What people can do about acts that wait for them.

mod decide;
mod get;
mod get_policy;
mod list;
mod list_grants;
mod revoke_grant;
mod set_policy;
mod view;

pub use decide::Decide;
pub use get::GetApproval;
pub use get_policy::{GetPolicy, PolicyView};
pub use list::ListApprovals;
pub use list_grants::{GrantView, ListGrants};
pub use revoke_grant::RevokeGrant;
pub use set_policy::SetPolicy;
pub use view::ApprovalView;

use crate::action::Table;

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<ListApprovals>()
        .with::<GetPolicy>()
        .with::<SetPolicy>()
        .with::<GetApproval>()
        .with::<Decide>()
        .with::<ListGrants>()
        .with::<RevokeGrant>()
}
