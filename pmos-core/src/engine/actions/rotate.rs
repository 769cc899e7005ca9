use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EngineView, remote, subject, view::view};
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
    engine::found,
    store::TenancyRow,
};

/// Replaces the keys of the workspace's place at an engine outside; the old ones are dead then.
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
        let engine = remote(cx, &self.engine)?;
        let scope = cx.scope()?;
        cx.unit().await?;
        cx.outward().await?;
        let pmos = cx.pmos();
        let tenancy = pmos.require_tenancy(&scope, &*engine).await?;
        let host = cx.outward().await?.host(&*engine)?;
        let keys = host.keys().ok_or_else(|| Error::unsupported("new keys at this engine"))?;
        let renewed = keys.rotate(&tenancy).await?;
        let health = host.check(&renewed).await;
        let turn = pmos.tenancy_locks().lock(scope.workspace()).await;
        cx.afterwards(move |_| drop(turn));
        let access = pmos.seal_access(&scope, cx.unit().await?, &self.engine, &renewed.access).await?;
        let row = cx.unit().await?.engines().tenancy(&self.engine).await?.ok_or_else(Error::not_found)?;
        let row = found(TenancyRow { access, ..row }, health);
        cx.unit().await?.engines().put_tenancy(&row).await?;
        let now = cx.now();
        Ok(view(&*engine, &cx.outward().await?, Some(row), now))
    }
}
