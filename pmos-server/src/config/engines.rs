//! Servers of engines outside that the operator brings.

use std::path::PathBuf;

use pmos_core::vault::Secret;
use serde::Deserialize;

use super::{PublicUrl, SettingsError, from_file, values};

/// The servers on which places can be made for workspaces.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSettings {
    /// An n8n server.
    pub n8n: Option<N8nSettings>,
}

/// An n8n server, and what opens it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct N8nSettings {
    /// Its address, as `http://127.0.0.1:5678`. It is called exactly there, also inside.
    pub base_url: PublicUrl,
    /// Where its webhooks are reached from outside, when that is another address.
    pub webhook_url: Option<PublicUrl>,
    /// The address of its owner's account.
    pub owner_email: Option<String>,
    /// The password of that account.
    #[serde(default, deserialize_with = "values::secret")]
    pub owner_password: Option<Secret>,
    /// A file that holds it, in place of the password itself.
    pub owner_password_file: Option<PathBuf>,
}

impl EngineSettings {
    pub(super) fn read_files(&mut self) -> Result<(), SettingsError> {
        let Some(n8n) = &mut self.n8n else { return Ok(()) };
        let name = "engines.n8n.owner_password";
        if let Some(text) = from_file(name, n8n.owner_password.is_some(), n8n.owner_password_file.as_deref())? {
            n8n.owner_password = Some(Secret::new(text));
        }
        if n8n.owner_email.is_some() != n8n.owner_password.is_some() {
            return Err(SettingsError::new("engines.n8n", "set owner_email and owner_password together"));
        }
        Ok(())
    }
}
