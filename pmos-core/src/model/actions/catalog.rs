use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    model::ModelRef,
};

/// Lists the models that a conversation can use, the default one first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListCatalog {}

/// A model that a conversation can use.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogModel {
    /// Its full name, `provider/model`.
    pub model: ModelRef,
    /// The workspace's own name of the provider.
    pub provider: String,
    /// Whether it is used unless another one is named.
    pub default: bool,
}

#[async_trait]
impl Action for ListCatalog {
    const SPEC: ActionSpec = ActionSpec::read("models.catalog", Method::Get, "/models/catalog").role(Role::Viewer);
    type Output = Page<CatalogModel>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let mut models = Vec::new();
        for provider in cx.read().await?.models().list().await? {
            let default = provider.default_model.as_deref();
            // The default model may be one that the provider does not list.
            let unlisted = default.filter(|name| !provider.models.iter().any(|model| model == name));
            for name in unlisted.into_iter().chain(provider.models.iter().map(String::as_str)) {
                if let Ok(model) = ModelRef::new(&provider.name, name) {
                    let default = provider.preferred && default == Some(name);
                    models.push(CatalogModel { model, provider: provider.name.clone(), default });
                }
            }
        }
        models.sort_by_key(|model| !model.default);
        Ok(Page::whole(models))
    }
}
