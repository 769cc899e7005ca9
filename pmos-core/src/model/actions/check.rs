use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ProviderView;
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Context, Intent, Method},
    model::check,
};

/// Looks again whether a provider of models can be used. Its default model is asked for a word.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckProvider {
    /// Which.
    pub provider: String,
}

#[async_trait]
impl Action for CheckProvider {
    const SPEC: ActionSpec = ActionSpec::read("models.check", Method::Post, "/models/{provider}/check").refreshes();
    type Output = ProviderView;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let scope = cx.scope()?;
        let provider = Context::found(cx.read().await?.models().get(&self.provider).await?)?;
        let mut outward = cx.outward(Intent::none()).await?;
        let endpoint = outward.endpoint(&scope, &provider).await?;
        let at = outward.services().clock.now();
        let found = check(outward.chat_model()?, &endpoint, provider.default_model.as_deref(), at).await;
        let mut unit = outward.refresh(&scope).await?;
        let now = unit.models().get(&self.provider).await?.ok_or_else(Error::not_found)?;
        if (now.kind, &now.base_url, now.updated_at) != (provider.kind, &provider.base_url, provider.updated_at) {
            return Err(Error::conflict("conflict", "The provider was changed while it was looked at. Look again."));
        }
        let provider = found.into(now);
        unit.models().put(&provider).await?;
        unit.commit(Vec::new()).await?;
        Ok(provider.into())
    }
}
