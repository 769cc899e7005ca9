//! Providers of models that the workspace connected.

use async_trait::async_trait;
use pmos_core::{Result, Timestamp, model::Provider, store::ModelRepository, vault::Sealed};

use super::{super::Unit, query, rows};
use crate::sql::value::{json, list, parsed};

macro_rules! provider {
    () => {
        "select name, kind, base_url, sealed, default_model, preferred, models, state, facts, updated_at \
         from model_providers where workspace_id = $1 "
    };
}

statements! {
    LIST = provider!();
    GET = concat!(provider!(), "and name = $2");
    PUT = "insert into model_providers (workspace_id, name, kind, base_url, sealed, default_model, preferred, models, \
           state, facts, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
           on conflict (workspace_id, name) do update set kind = excluded.kind, base_url = excluded.base_url, \
           sealed = excluded.sealed, default_model = excluded.default_model, preferred = excluded.preferred, \
           models = excluded.models, state = excluded.state, facts = excluded.facts, updated_at = excluded.updated_at";
    YIELD = "update model_providers set preferred = false where workspace_id = $1 and name <> $2 and preferred";
    REMOVE = "delete from model_providers where workspace_id = $1 and name = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    kind: String,
    base_url: Option<String>,
    sealed: Option<Vec<u8>>,
    default_model: Option<String>,
    preferred: bool,
    models: String,
    state: String,
    facts: String,
    updated_at: i64,
}

impl Row {
    fn read(self) -> Result<Provider> {
        Ok(Provider {
            name: self.name,
            kind: parsed("model_providers.kind", &self.kind)?,
            base_url: self.base_url,
            key: self.sealed.map(Sealed::from_bytes),
            default_model: self.default_model,
            preferred: self.preferred,
            models: list("model_providers.models", &self.models)?,
            state: parsed("model_providers.state", &self.state)?,
            facts: list("model_providers.facts", &self.facts)?,
            updated_at: Timestamp::from_micros(self.updated_at),
        })
    }
}

#[async_trait]
impl ModelRepository for Unit {
    async fn list(&mut self) -> Result<Vec<Provider>> {
        let list = rows::<Row>(LIST).bind(self.workspace);
        let mut found = self.all("list providers of models", list).await?;
        // The order of a database depends on its language.
        found.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        found.into_iter().map(Row::read).collect()
    }

    async fn get(&mut self, name: &str) -> Result<Option<Provider>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(name.to_owned());
        self.find("read a provider of models", get).await?.map(Row::read).transpose()
    }

    async fn put(&mut self, provider: &Provider) -> Result<()> {
        let operation = "keep a provider of models";
        if provider.preferred {
            self.lock().await?;
            self.change(operation, query(YIELD).bind(self.workspace).bind(&provider.name)).await?;
        }
        let put = query(PUT)
            .bind(self.workspace)
            .bind(&provider.name)
            .bind(provider.kind.as_str())
            .bind(&provider.base_url)
            .bind(provider.key.as_ref().map(Sealed::bytes))
            .bind(&provider.default_model)
            .bind(provider.preferred)
            .bind(json(&provider.models)?)
            .bind(provider.state.as_str())
            .bind(json(&provider.facts)?)
            .bind(provider.updated_at.micros());
        self.change(operation, put).await?;
        Ok(())
    }

    async fn remove(&mut self, name: &str) -> Result<bool> {
        let remove = query(REMOVE).bind(self.workspace).bind(name.to_owned());
        Ok(self.change("take a provider of models away", remove).await? > 0)
    }
}
