use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EngineView, subject};
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    engine::{found, hosting},
    store::TenancyRow,
};

/// Replaces the keys of the workspace's tenancy at a remote engine; the old ones are dead then.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateEngine {
    /// Which.
    pub engine: String,
}

#[async_trait]
impl Action for RotateEngine {
    const SPEC: ActionSpec =
        ActionSpec::write("engines.rotate", Method::Post, "/engines/{engine}/rotate").channels(Channels::PROGRAMS);
    type Output = EngineView;

    fn subject(&self) -> Option<Subject> {
        Some(subject(&self.engine))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = hosting::remote(cx, &self.engine)?;
        let scope = cx.scope()?;
        let mut outward = cx.outward(Intent::begun()).await?;
        let tenancy = outward.require_tenancy(&scope, &*engine).await?;
        let host = outward.host(&*engine)?;
        let keys = host.keys().ok_or_else(|| Error::unsupported("new keys at this engine"))?;
        let renewed = keys.rotate(&tenancy).await?;
        let health = host.check(&renewed).await;
        let access = outward.seal_access(&scope, &self.engine, &renewed.access).await?;
        cx.lock_tenancies().await?;
        let row = cx.read().await?.engines().tenancy(&self.engine).await?.ok_or_else(Error::not_found)?;
        let row = found(TenancyRow { access, ..row }, health);
        let now = cx.now();
        let shown = hosting::view(&*engine, &cx.outward(Intent::begun()).await?, Some(row.clone()), now);
        cx.write().await?.engines().put_tenancy(&row).await?;
        Ok(shown)
    }
}
