//! Servers of remote engines that the operator brings.

use std::{collections::BTreeMap, path::PathBuf};

use pmos_core::{WorkspaceId, vault::Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PublicUrl, SettingsError, from_file};

/// The servers on which places can be made for workspaces.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSettings {
    /// An n8n server.
    pub n8n: Option<N8nSettings>,
    /// n8n servers that some workspaces have for themselves; these get no place on the shared one. In the file only, so
    /// they have no names of their own.
    #[schemars(skip)]
    pub n8n_dedicated: BTreeMap<WorkspaceId, N8nSettings>,
}

/// An n8n server, and what opens it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct N8nSettings {
    /// Its address, as `http://127.0.0.1:5678`. It is called exactly there, also inside.
    pub base_url: PublicUrl,
    /// Where its webhooks are reached from outside, when that is another address.
    pub webhook_url: Option<PublicUrl>,
    /// The address of its owner's account.
    pub owner_email: Option<String>,
    /// The password of that account.
    pub owner_password: Option<Secret>,
    /// A file that holds it, in place of the password itself.
    pub owner_password_file: Option<PathBuf>,
}

impl EngineSettings {
    pub(super) fn read_files(&mut self) -> Result<(), SettingsError> {
        let shared = self.n8n.iter_mut().map(|n8n| ("engines.n8n".to_owned(), n8n));
        let dedicated = self.n8n_dedicated.iter_mut();
        let dedicated = dedicated.map(|(workspace, n8n)| (format!("engines.n8n_dedicated.{workspace}"), n8n));
        shared.chain(dedicated).try_for_each(|(table, n8n)| n8n.read_file(&table))
    }
}

impl N8nSettings {
    fn read_file(&mut self, table: &str) -> Result<(), SettingsError> {
        let name = format!("{table}.owner_password");
        if let Some(text) = from_file(&name, self.owner_password.is_some(), self.owner_password_file.as_deref())? {
            self.owner_password = Some(Secret::new(text));
        }
        if self.owner_email.is_some() != self.owner_password.is_some() {
            return Err(SettingsError::new(table, "set owner_email and owner_password together"));
        }
        Ok(())
    }
}
