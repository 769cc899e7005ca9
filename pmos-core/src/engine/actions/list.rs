use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EngineView;
use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Intent, Method},
    engine::hosting,
};

/// Lists the engines, and how each stands for the workspace.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEngines {}

#[async_trait]
impl Action for ListEngines {
    const SPEC: ActionSpec = ActionSpec::read("engines.list", Method::Get, "/engines").role(Role::Viewer).agents();
    type Output = Page<EngineView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let mut tenancies = cx.read().await?.engines().tenancies().await?;
        let (engines, now) = (cx.engines(), cx.now());
        let outward = cx.outward(Intent::none()).await?;
        let items = engines.iter().map(|engine| {
            let at = tenancies.iter().position(|tenancy| tenancy.engine == engine.descriptor().name);
            hosting::view(&**engine, &outward, at.map(|at| tenancies.swap_remove(at)), now)
        });
        Ok(Page::whole(items.collect()))
    }
}
