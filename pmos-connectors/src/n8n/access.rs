//! What opens a tenancy, as it is sealed.

use std::fmt;

use pmos_core::{Result, WorkspaceId, vault::Secret};
use serde::{Deserialize, Serialize};

use super::client::Account;
use crate::upstream::sealed;

/// Everything that opens a tenancy. Only its sealed form is kept.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Access {
    /// The key for the public API.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "sealed::exposed")]
    pub(super) api_key: Option<Secret>,
    /// The address of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    /// Its password.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "sealed::exposed")]
    pub(super) password: Option<Secret>,
    /// The project that everything of the workspace is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<String>,
    /// The key for MCP.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "sealed::exposed")]
    pub(super) mcp_key: Option<Secret>,
    /// The id of the user that was made for the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
}

impl Access {
    /// Reads the form that was sealed.
    pub(super) fn open(text: &Secret) -> Result<Self> {
        sealed::open(text)
    }

    /// The form that is sealed.
    pub(super) fn seal(&self) -> Result<Secret> {
        sealed::seal(self)
    }

    /// The account that signs in, when there is one.
    pub(super) fn account(&self, workspace: WorkspaceId) -> Option<Account> {
        let (email, password) = self.email.clone().zip(self.password.clone())?;
        Some(Account { workspace: Some(workspace), email, password })
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Access(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_a_tenancy_survives_being_sealed_and_is_never_printed() {
        let access = Access {
            api_key: Some(Secret::new("k\"1")),
            email: Some("ws@pmos.invalid".to_owned()),
            password: Some(Secret::new("p1")),
            project: Some("P1".to_owned()),
            mcp_key: None,
            user: Some("U1".to_owned()),
        };
        let again = Access::open(&access.seal().unwrap()).unwrap();
        assert_eq!(again.api_key.as_ref().unwrap().expose(), "k\"1");
        assert_eq!(again.password.as_ref().unwrap().expose(), "p1");
        assert_eq!((again.project.as_deref(), again.user.as_deref()), (Some("P1"), Some("U1")));
        assert!(again.mcp_key.is_none());
        assert!(!format!("{access:?}").contains("p1"));
    }
}
