//! API keys of the workspace.

use async_trait::async_trait;
use pmos_core::{
    ApiKeyId, Cursor, Id, Page, PageRequest, Result, Timestamp, UserId, api_key::ApiKey, identity::TokenHash,
    store::ApiKeyRepository, workspace::Label,
};
use uuid::Uuid;

use super::{super::Unit, before, most, query, rows};
use crate::sql::value::{json, kept, list};

statements! {
    LIST = "select id, name, owner_id, scopes, prefix, created_at, expires_at, last_used_at from api_keys \
            where workspace_id = $1 and id < $2 order by id desc limit $3";
    LIST_OF = "select id, name, owner_id, scopes, prefix, created_at, expires_at, last_used_at from api_keys \
               where workspace_id = $1 and id < $2 and owner_id = $4 order by id desc limit $3";
    GET = "select id, name, owner_id, scopes, prefix, created_at, expires_at, last_used_at from api_keys \
           where workspace_id = $1 and id = $2";
    INSERT = "insert into api_keys \
              (workspace_id, id, name, owner_id, scopes, prefix, token_hash, created_at, expires_at, last_used_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    REMOVE = "delete from api_keys where workspace_id = $1 and id = $2";
    REMOVE_OF = "delete from api_keys where workspace_id = $1 and owner_id = $2";
    TOUCH = "update api_keys set last_used_at = $3 where workspace_id = $1 and id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    owner_id: Option<Uuid>,
    scopes: String,
    prefix: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<ApiKey> {
        Ok(ApiKey {
            id: ApiKeyId::from_uuid(self.id),
            name: kept("api_keys.name", Label::kept(self.name))?,
            owner: self.owner_id.map(UserId::from_uuid),
            scopes: list("api_keys.scopes", &self.scopes)?,
            prefix: self.prefix,
            created_at: Timestamp::from_micros(self.created_at),
            expires_at: self.expires_at.map(Timestamp::from_micros),
            last_used_at: self.last_used_at.map(Timestamp::from_micros),
        })
    }
}

#[async_trait]
impl ApiKeyRepository for Unit {
    async fn list(&mut self, owner: Option<UserId>, page: &PageRequest) -> Result<Page<ApiKey>> {
        let list = rows::<Row>(if owner.is_some() { LIST_OF } else { LIST })
            .bind(self.workspace)
            .bind(before(page))
            .bind(most(page));
        let list = match owner {
            Some(owner) => list.bind(owner.uuid()),
            None => list,
        };
        let keys = self.all("list API keys", list).await?.into_iter().map(Row::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(keys, page, |key: &ApiKey| Cursor::new(owner, key.id.uuid().as_u128())))
    }

    async fn get(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(id.uuid());
        self.find("read an API key", get).await?.map(Row::read).transpose()
    }

    async fn insert(&mut self, key: &ApiKey, token: TokenHash) -> Result<()> {
        let insert = query(INSERT)
            .bind(self.workspace)
            .bind(key.id.uuid())
            .bind(key.name.as_str())
            .bind(key.owner.map(Id::uuid))
            .bind(json(&key.scopes)?)
            .bind(&key.prefix)
            .bind(token.0.as_slice())
            .bind(key.created_at.micros())
            .bind(key.expires_at.map(Timestamp::micros))
            .bind(key.last_used_at.map(Timestamp::micros));
        self.change("keep an API key", insert).await?;
        Ok(())
    }

    async fn remove(&mut self, id: ApiKeyId) -> Result<bool> {
        let remove = query(REMOVE).bind(self.workspace).bind(id.uuid());
        Ok(self.change("remove an API key", remove).await? > 0)
    }

    async fn remove_of(&mut self, owner: UserId) -> Result<u64> {
        let remove = query(REMOVE_OF).bind(self.workspace).bind(owner.uuid());
        self.change("remove the API keys of a person", remove).await
    }

    async fn touch(&mut self, id: ApiKeyId, at: Timestamp) -> Result<bool> {
        let touch = query(TOUCH).bind(self.workspace).bind(id.uuid()).bind(at.micros());
        Ok(self.change("note the use of an API key", touch).await? > 0)
    }
}
