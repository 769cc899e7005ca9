//! Limits of the workspace.

use async_trait::async_trait;
use pmos_core::{Result, quota::QuotaKey, store::QuotaRepository};

use super::{super::Unit, query, rows};
use crate::sql::value::parsed;

statements! {
    ALL_SET = "select key, most from quotas where workspace_id = $1 order by key";
    GET = "select most from quotas where workspace_id = $1 and key = $2";
    SET = "insert into quotas (workspace_id, key, most) values ($1, $2, $3) \
           on conflict (workspace_id, key) do update set most = excluded.most";
    LIFT = "delete from quotas where workspace_id = $1 and key = $2";
}

#[async_trait]
impl QuotaRepository for Unit {
    async fn all(&mut self) -> Result<Vec<(QuotaKey, u64)>> {
        let all = rows::<(String, i64)>(ALL_SET).bind(self.workspace);
        let found = self.all("read the limits", all).await?;
        found.into_iter().map(|(key, most)| Ok((parsed("quotas.key", &key)?, most.cast_unsigned()))).collect()
    }

    async fn get(&mut self, key: QuotaKey) -> Result<Option<u64>> {
        self.lock().await?;
        let get = rows::<(i64,)>(GET).bind(self.workspace).bind(key.as_str());
        Ok(self.find("read a limit", get).await?.map(|(most,)| most.cast_unsigned()))
    }

    async fn set(&mut self, key: QuotaKey, limit: Option<u64>) -> Result<()> {
        let set = match limit {
            Some(most) => query(SET).bind(self.workspace).bind(key.as_str()).bind(most.cast_signed()),
            None => query(LIFT).bind(self.workspace).bind(key.as_str()),
        };
        self.change("set a limit", set).await?;
        Ok(())
    }
}
