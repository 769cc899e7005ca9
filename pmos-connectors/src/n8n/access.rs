//! What opens a place, as it is sealed.

use std::fmt;

use pmos_core::{Error, Result, WorkspaceId, vault::Secret};
use serde::{Deserialize, Serialize};

use super::client::Account;

/// Everything that opens a place. Only its sealed form is kept.
#[derive(Clone, Default)]
pub(super) struct Access {
    /// The key for the public API.
    pub(super) api_key: Option<Secret>,
    /// The address of the account.
    pub(super) email: Option<String>,
    /// Its password.
    pub(super) password: Option<Secret>,
    /// The project that everything of the workspace is in.
    pub(super) project: Option<String>,
    /// The key for MCP.
    pub(super) mcp_key: Option<Secret>,
    /// The id of the user that was made for the workspace.
    pub(super) user: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Text<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    api_key: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    email: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    password: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    project: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    mcp_key: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    user: Option<std::borrow::Cow<'a, str>>,
}

impl Access {
    /// Reads the form that was sealed.
    pub(super) fn open(sealed: &Secret) -> Result<Self> {
        let text: Text<'_> =
            serde_json::from_str(sealed.expose()).map_err(|_| Error::internal("read what opens a place at n8n"))?;
        Ok(Self {
            api_key: text.api_key.map(Secret::new),
            email: text.email.map(Into::into),
            password: text.password.map(Secret::new),
            project: text.project.map(Into::into),
            mcp_key: text.mcp_key.map(Secret::new),
            user: text.user.map(Into::into),
        })
    }

    /// The form that is sealed.
    pub(super) fn seal(&self) -> Result<Secret> {
        let text = Text {
            api_key: self.api_key.as_ref().map(|key| key.expose().into()),
            email: self.email.as_deref().map(Into::into),
            password: self.password.as_ref().map(|password| password.expose().into()),
            project: self.project.as_deref().map(Into::into),
            mcp_key: self.mcp_key.as_ref().map(|key| key.expose().into()),
            user: self.user.as_deref().map(Into::into),
        };
        let text = serde_json::to_string(&text);
        text.map(Secret::new).map_err(|_| Error::internal("write what opens a place at n8n"))
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
    fn what_opens_a_place_survives_being_sealed_and_is_never_printed() {
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
