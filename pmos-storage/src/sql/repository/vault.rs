//! The sealed data key of the workspace.

use async_trait::async_trait;
use pmos_core::{Result, store::DataKeyRepository, vault::Sealed};

use super::{super::Unit, query, rows};

statements! {
    GET = "select sealed from data_keys where workspace_id = $1";
    PUT = "insert into data_keys (workspace_id, sealed) values ($1, $2) on conflict (workspace_id) do nothing";
}

#[async_trait]
impl DataKeyRepository for Unit {
    async fn get(&mut self) -> Result<Option<Sealed>> {
        let get = rows::<(Vec<u8>,)>(GET).bind(self.workspace);
        Ok(self.find("read the data key", get).await?.map(|(sealed,)| Sealed::from_bytes(sealed)))
    }

    async fn put(&mut self, wrapped: &Sealed) -> Result<bool> {
        let put = query(PUT).bind(self.workspace).bind(wrapped.bytes());
        Ok(self.change("keep the data key", put).await? > 0)
    }
}
