//! The vault itself: the data key of a workspace, and what it seals and opens.

use std::{fmt, sync::Arc, time::Duration};

use moka::sync::Cache;

use super::{AssociatedData, DataKey, KeyProvider, Sealed, Secret};
use crate::{Clock, Error, Result, WorkspaceId, store::UnitOfWork};

/// How long an opened data key stays in memory.
const KEPT: Duration = Duration::from_mins(5);

/// Seals and opens the secrets of workspaces.
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

    /// Seals a secret for its place, making the workspace's data key if this is its first.
    pub(crate) async fn seal(
        &self,
        unit: &mut dyn UnitOfWork,
        clock: &dyn Clock,
        data: AssociatedData<'_>,
        secret: &Secret,
    ) -> Result<Sealed> {
        let key = match self.key(unit, data.workspace).await? {
            Some(key) => key,
            None => self.make(unit, clock, data.workspace).await?,
        };
        key.seal(clock, data, secret)
    }

    /// Opens what was sealed for its place.
    pub(crate) async fn open(
        &self,
        unit: &mut dyn UnitOfWork,
        data: AssociatedData<'_>,
        sealed: &Sealed,
    ) -> Result<Secret> {
        let key = self.key(unit, data.workspace).await?.ok_or_else(|| Error::internal("find a data key"))?;
        key.open(data, sealed)
    }

    async fn key(&self, unit: &mut dyn UnitOfWork, workspace: WorkspaceId) -> Result<Option<Arc<DataKey>>> {
        if let Some(key) = self.opened.get(&workspace) {
            return Ok(Some(key));
        }
        let Some(wrapped) = unit.data_keys().get().await? else { return Ok(None) };
        let key = Arc::new(self.keys.unwrap(workspace, &wrapped).await?);
        self.opened.insert(workspace, key.clone());
        Ok(Some(key))
    }

    /// The new key is not kept in memory: its unit may still fail.
    async fn make(&self, unit: &mut dyn UnitOfWork, clock: &dyn Clock, workspace: WorkspaceId) -> Result<Arc<DataKey>> {
        let key = DataKey::generate(clock)?;
        let wrapped = self.keys.wrap(workspace, &key).await?;
        if unit.data_keys().put(&wrapped).await? {
            return Ok(Arc::new(key));
        }
        self.key(unit, workspace).await?.ok_or_else(|| Error::internal("find a data key"))
    }
}
