use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ProviderView;
use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Method},
};

/// Lists the providers of models that the workspace connected, with how they stand.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListProviders {}

#[async_trait]
impl Action for ListProviders {
    const SPEC: ActionSpec = ActionSpec::read("models.list", Method::Get, "/models").role(Role::Viewer);
    type Output = Page<ProviderView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let providers = cx.read().await?.models().list().await?;
        Ok(Page::whole(providers.into_iter().map(ProviderView::from).collect()))
    }
}
