//! The vault itself: the data key of a workspace, and what it seals and opens.

use std::{fmt, sync::Arc, time::Duration};

use moka::sync::Cache;

use super::{AssociatedData, DataKey, KeyProvider, Sealed, Secret};
use crate::{
    Error, Kind, Result, WorkspaceId, WorkspaceScope,
    outward::Outward,
    store::{Access, Closing, Store},
};

/// How long an opened data key stays in memory.
const KEPT: Duration = Duration::from_mins(5);

/// The opened data keys of workspaces, and who opens them.
pub(crate) struct Vault {
    keys: Arc<dyn KeyProvider>,
    opened: Cache<WorkspaceId, Arc<DataKey>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Vault {
    pub(crate) fn new(keys: Arc<dyn KeyProvider>) -> Self {
        Self { keys, opened: Cache::builder().max_capacity(10_000).time_to_idle(KEPT).build() }
    }
}

impl Vault {
    /// Whether secrets that are stored can be opened with the keys there are, tried with one of them; also when there are none.
    ///
    /// # Errors
    /// `unavailable` when the key service or the store cannot be reached.
    pub(crate) async fn fits(&self, store: &dyn Store) -> Result<bool> {
        let Some(workspace) = store.directory().sealed().await? else { return Ok(true) };
        let scope = WorkspaceScope::system(workspace, "try the master key");
        let Some(wrapped) = store.begin(&scope, Access::Read).await?.data_keys().get().await? else { return Ok(true) };
        match self.keys.unwrap(workspace, &wrapped).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::Unavailable => Err(error),
            Err(_) => Ok(false),
        }
    }
}

/// The key service may be far away, so it is asked with no unit open.
impl Outward<'_> {
    /// Seals a secret for its place, making the workspace's data key if this is its first.
    ///
    /// # Errors
    /// When the key service or the store cannot be reached.
    pub(crate) async fn seal(
        &mut self,
        scope: &WorkspaceScope,
        data: AssociatedData<'_>,
        secret: &Secret,
    ) -> Result<Sealed> {
        let key = match self.data_key(scope).await? {
            Some(key) => key,
            None => self.make_data_key(scope).await?,
        };
        key.seal(&*self.services().clock, data, secret)
    }

    /// Opens what was sealed for its place.
    ///
    /// # Errors
    /// When the key service or the store cannot be reached, or it was sealed for another place.
    pub(crate) async fn open(
        &mut self,
        scope: &WorkspaceScope,
        data: AssociatedData<'_>,
        sealed: &Sealed,
    ) -> Result<Secret> {
        let key = self.data_key(scope).await?.ok_or_else(|| Error::internal("find a data key"))?;
        key.open(data, sealed)
    }

    async fn data_key(&mut self, scope: &WorkspaceScope) -> Result<Option<Arc<DataKey>>> {
        let (services, workspace) = (self.services(), scope.workspace());
        let vault = &services.vault;
        if let Some(key) = vault.opened.get(&workspace) {
            return Ok(Some(key));
        }
        let Some(wrapped) = self.look(scope).await?.data_keys().get().await? else { return Ok(None) };
        let key = Arc::new(vault.keys.unwrap(workspace, &wrapped).await?);
        vault.opened.insert(workspace, key.clone());
        Ok(Some(key))
    }

    /// Another act may make it at the same time; the first one counts.
    async fn make_data_key(&mut self, scope: &WorkspaceScope) -> Result<Arc<DataKey>> {
        let services = self.services();
        let key = DataKey::generate(&*services.clock)?;
        let wrapped = services.vault.keys.wrap(scope.workspace(), &key).await?;
        let mut unit = services.store.begin(scope, Access::Write).await?;
        if unit.data_keys().put(&wrapped).await? {
            unit.commit(Closing::default()).await?;
        }
        self.data_key(scope).await?.ok_or_else(|| Error::internal("find a data key"))
    }
}
