use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EngineView;
use crate::{
    Result, Role,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    engine::{hosting, look_at},
};

/// Looks how an engine stands for the workspace now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckEngine {
    /// Which.
    pub engine: String,
}

#[async_trait]
impl Action for CheckEngine {
    const SPEC: ActionSpec = ActionSpec::read("engines.check", Method::Post, "/engines/{engine}/check")
        .refreshes()
        .role(Role::Member)
        .channels(Channels::PROGRAMS);
    type Output = EngineView;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = hosting::remote(cx, &self.engine)?;
        let (scope, now) = (cx.scope()?, cx.now());
        let connected = cx.read().await?.engines().tenancy(&self.engine).await?.is_some();
        let mut outward = cx.outward(Intent::none()).await?;
        let row = if connected {
            let tenancy = outward.require_tenancy(&scope, &*engine).await?;
            Some(look_at(&mut outward, &*engine, &tenancy).await?)
        } else {
            None
        };
        Ok(hosting::view(&*engine, &outward, row, now))
    }
}
