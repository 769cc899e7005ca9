//! The port, on the wire and the dialects.

use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::model::{ChatModel, ModelEndpoint, ModelFault, ModelStream, Prompt};

use super::{answering, client::Client, config::ModelsConfig, fault, mapping::Talk, site::Site};
use crate::outbound::Outbound;

/// Models of every provider; see the [module](super).
#[derive(Debug)]
pub struct Models {
    client: Client,
}

impl Models {
    /// Models that are reached through this client.
    pub fn new(config: ModelsConfig, outbound: Arc<Outbound>) -> Self {
        Self { client: Client::new(config, outbound) }
    }
}

#[async_trait]
impl ChatModel for Models {
    async fn stream(&self, endpoint: &ModelEndpoint, model: &str, prompt: Prompt) -> Result<ModelStream, ModelFault> {
        let site = Site::of(endpoint)?;
        let question = site.dialect.question(model, &Talk::of(prompt));
        let mut url = site.url(&site.dialect.answers_at(model));
        url.set_query(site.dialect.answers_query());
        let body = self.client.ask(&site, &url, &question).await?;
        Ok(answering::stream(site, &self.client.config, body))
    }

    async fn models(&self, endpoint: &ModelEndpoint) -> Result<Vec<String>, ModelFault> {
        let site = Site::of(endpoint)?;
        let (path, query) = site.dialect.lists_at();
        let mut url = site.url(path);
        url.set_query(query);
        let list = self.client.read(&site, &url).await?;
        let names = site.dialect.names(&list);
        names.ok_or_else(|| fault::unreadable(&site, "this is no list of models", &list.to_string()))
    }
}
