use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::subject;
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
};

/// Forgets a provider of models and its key. Conversations stay readable.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisconnectProvider {
    /// Which.
    pub provider: String,
}

#[async_trait]
impl Action for DisconnectProvider {
    const SPEC: ActionSpec = ActionSpec::destroy("models.disconnect", Method::Delete, "/models/{provider}").empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(subject(&self.provider))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        if !cx.write().await?.models().remove(&self.provider).await? {
            return Err(Error::not_found());
        }
        cx.tell("model.state", &subject(&self.provider));
        Ok(())
    }
}
