//! Who signs in at a server.

use pmos_core::{Clock, Result, WorkspaceId, vault::Secret};

/// An account at a server. Two workspaces never share a session, even when they share an account.
#[derive(Debug, Clone)]
pub struct Account {
    /// For whom; the operator's own account has none.
    pub workspace: Option<WorkspaceId>,
    /// The address of the account.
    pub email: String,
    /// Its password.
    pub password: Secret,
}

/// A password of 200 random bits, with a capital and a digit, as servers want it.
///
/// # Errors
/// When there is no randomness to be had.
pub fn new_password(clock: &dyn Clock) -> Result<Secret> {
    Ok(Secret::new(format!("{}A1", clock.random_text(40)?)))
}
