use async_trait::async_trait;
use pmos_core::{
    ApiKeyId, Cursor, Page, PageRequest, Result, Timestamp, UserId,
    api_key::ApiKey,
    identity::TokenHash,
    store::{ApiKeyRepository, DataKeyRepository},
    vault::Sealed,
};

use super::{
    state::{change, enough, insert, key, newest_first, remove, retain},
    unit::Unit,
};

#[async_trait]
impl ApiKeyRepository for Unit {
    async fn list(&mut self, owner: Option<UserId>, page: &PageRequest) -> Result<Page<ApiKey>> {
        let items = self.read(|tenant| {
            let keys = newest_first(&tenant.api_keys, page).map(|(key, _)| key);
            keys.filter(|key| owner.is_none() || key.owner == owner).take(enough(page)).cloned().collect()
        });
        Ok(Page::cut(items, page, |last: &ApiKey| Cursor::new(self.workspace, key(last.id))))
    }

    async fn get(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>> {
        Ok(self.read(|tenant| tenant.api_keys.get(&id).map(|(key, _)| key.clone())))
    }

    async fn insert(&mut self, key: &ApiKey, token: TokenHash) -> Result<()> {
        insert(&mut self.fill()?.api_keys, key.id, (key.clone(), token))
    }

    async fn remove(&mut self, id: ApiKeyId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(remove(&mut tenant.api_keys, &id))
    }

    async fn remove_of(&mut self, owner: UserId) -> Result<u64> {
        let Some(tenant) = self.write()? else { return Ok(0) };
        Ok(retain(&mut tenant.api_keys, |(key, _)| key.owner != Some(owner)))
    }

    async fn touch(&mut self, id: ApiKeyId, at: Timestamp) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        Ok(change(&mut tenant.api_keys, &id, |(key, _)| key.last_used_at = Some(at)))
    }
}

#[async_trait]
impl DataKeyRepository for Unit {
    async fn get(&mut self) -> Result<Option<Sealed>> {
        Ok(self.read(|tenant| tenant.data_key.clone()))
    }

    async fn put(&mut self, wrapped: &Sealed) -> Result<bool> {
        let data_key = &mut self.fill()?.data_key;
        let free = data_key.is_none();
        data_key.get_or_insert_with(|| wrapped.clone());
        Ok(free)
    }
}
