use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProviderView, subject};
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Context, Intent, Method},
    audit::Subject,
    engine::EngineState,
    event::NewEvent,
    model::{ModelEndpoint, ModelRef, Provider, ProviderKind, base_url, check, provider_name},
    vault::Secret,
};

/// Connects a provider of models, or changes how it is reached, and looks at once whether it can be used.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectProvider {
    /// The workspace's own name of it, as `openai`: small letters, digits, `-` and `_`.
    pub provider: String,
    /// Which protocol it speaks.
    pub kind: ProviderKind,
    /// Where it is; needed for `openai_compatible`, else the provider's own address when left out.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Its key. When it is left out, the one so far is kept as long as kind and address stay the same.
    #[serde(default)]
    pub api_key: Option<Secret>,
    /// The model that is used unless another one is named; the only one when there is only one.
    #[serde(default)]
    pub default_model: Option<String>,
    /// Whether its default model becomes that of the workspace. The first provider's does.
    #[serde(default)]
    pub preferred: Option<bool>,
}

#[async_trait]
impl Action for ConnectProvider {
    const SPEC: ActionSpec = ActionSpec::write("models.connect", Method::Put, "/models/{provider}");
    type Output = ProviderView;

    fn subject(&self) -> Option<Subject> {
        Some(subject(&self.provider))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        provider_name(&self.provider)?;
        let base_url = self.base_url.as_deref().map(base_url).transpose()?;
        if self.kind == ProviderKind::OpenaiCompatible && base_url.is_none() {
            return Err(Error::invalid("base_url", "is missing; give the address, as https://models.example.com/v1"));
        }
        if let Some(model) = &self.default_model {
            ModelRef::new(&self.provider, model)
                .map_err(|_| Error::invalid("default_model", "is no name of a model"))?;
        }
        let scope = cx.scope()?;
        let known = cx.read().await?.models().list().await?;
        let before = known.iter().find(|known| known.name == self.provider);
        let same_place = before.filter(|before| before.kind == self.kind && before.base_url == base_url);
        let others = known.iter().any(|known| known.name != self.provider && known.preferred);
        let preferred = self.preferred.unwrap_or_else(|| before.map_or(!others, |before| before.preferred));
        let mut outward = cx.outward(Intent::begun()).await?;
        // A key is never sent to another place than it was given for.
        let (key, sealed) = match (self.api_key, same_place) {
            (Some(key), _) => {
                let sealed = outward.seal_model_key(&scope, &self.provider, &key).await?;
                (Some(key), Some(sealed))
            }
            (None, Some(before)) => (outward.endpoint(&scope, before).await?.key, before.key.clone()),
            (None, None) => (None, None),
        };
        let endpoint = ModelEndpoint { kind: self.kind, base_url: base_url.clone(), key };
        let wanted = self.default_model.or_else(|| before.and_then(|before| before.default_model.clone()));
        let at = outward.services().clock.now();
        let mut found = check(outward.chat_model()?, &endpoint, wanted.as_deref(), at).await;
        let only = found.models.as_deref().and_then(|models| <&[String; 1]>::try_from(models).ok());
        let default_model = match (wanted, only) {
            (None, Some([only])) => {
                let only = only.clone();
                found = check(outward.chat_model()?, &endpoint, Some(&only), at).await;
                Some(only)
            }
            (wanted, _) => wanted,
        };
        let provider = found.into(Provider {
            name: self.provider,
            kind: self.kind,
            base_url,
            key: sealed,
            default_model,
            preferred,
            models: Vec::new(),
            state: EngineState::ActionNeeded,
            facts: Vec::new(),
            updated_at: at,
        });
        cx.write().await?.models().put(&provider).await?;
        cx.emit(changed(cx, &provider));
        Ok(provider.into())
    }
}

fn changed(cx: &Context<'_>, provider: &Provider) -> NewEvent {
    let data = serde_json::json!({ "state": provider.state });
    NewEvent::with("model.state", cx.now(), cx.actor(), &subject(&provider.name), Some(&data))
}
