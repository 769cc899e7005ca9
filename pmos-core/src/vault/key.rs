//! Where the master key comes from.

use async_trait::async_trait;

use super::{AssociatedData, DataKey, Sealed};
use crate::{Clock, Result, WorkspaceId};

/// Wraps and unwraps the data keys of workspaces: the master key stays behind this port, be it a file or a key service.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait KeyProvider: std::fmt::Debug + Send + Sync {
    /// Seals a data key under the master key.
    ///
    /// # Errors
    /// When the key service cannot be reached.
    async fn wrap(&self, workspace: WorkspaceId, key: &DataKey) -> Result<Sealed>;

    /// Opens a data key.
    ///
    /// # Errors
    /// When it was wrapped by another master key or for another workspace.
    async fn unwrap(&self, workspace: WorkspaceId, wrapped: &Sealed) -> Result<DataKey>;
}

/// A master key held in memory.
#[derive(Debug)]
pub struct MasterKey {
    key: DataKey,
    clock: std::sync::Arc<dyn Clock>,
}

impl MasterKey {
    /// Uses these 32 bytes.
    pub fn new(bytes: [u8; 32], clock: std::sync::Arc<dyn Clock>) -> Self {
        Self::of(DataKey::from_bytes(bytes), clock)
    }

    pub(crate) fn of(key: DataKey, clock: std::sync::Arc<dyn Clock>) -> Self {
        Self { key, clock }
    }
}

fn associated_data(workspace: WorkspaceId) -> AssociatedData<'static> {
    AssociatedData { workspace, kind: "data_key", id: "1" }
}

#[async_trait]
impl KeyProvider for MasterKey {
    async fn wrap(&self, workspace: WorkspaceId, key: &DataKey) -> Result<Sealed> {
        self.key.seal_bytes(&*self.clock, associated_data(workspace), key.bytes())
    }

    async fn unwrap(&self, workspace: WorkspaceId, wrapped: &Sealed) -> Result<DataKey> {
        let plain = self.key.open_bytes(associated_data(workspace), wrapped)?;
        let bytes = <[u8; 32]>::try_from(plain.as_slice())
            .map_err(|cause| crate::Error::internal("read a data key").because(cause))?;
        Ok(DataKey::from_bytes(bytes))
    }
}
