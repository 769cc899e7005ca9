use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::subject;
use crate::{
    FlowId, Id, Result,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    engine::hosting,
    store::ObjectKind,
};

/// Gives the workspace's tenancy at a remote engine up. One that was made for it is taken away with its automations;
/// a server of its own is left as it is. The history of runs stays readable.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisconnectEngine {
    /// Which.
    pub engine: String,
    /// Forget the place here even when the engine does not answer; what is left there has to be removed by hand.
    #[serde(default)]
    pub force: bool,
}

#[async_trait]
impl Action for DisconnectEngine {
    const SPEC: ActionSpec = ActionSpec::destroy("engines.disconnect", Method::Delete, "/engines/{engine}")
        .channels(Channels::PROGRAMS)
        .empty();
    type Output = ();

    fn subject(&self) -> Option<Subject> {
        Some(subject(&self.engine))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        let engine = hosting::remote(cx, &self.engine)?;
        let scope = cx.scope()?;
        Context::found(cx.read().await?.engines().tenancy(&self.engine).await?)?;
        let flows = cx.read().await?.engines().all_owned(&self.engine, ObjectKind::Flow).await?;
        let external: Vec<_> = flows.iter().map(|flow| flow.external.clone()).collect();
        let mut outward = cx.outward(Intent::begun()).await?;
        let tenancy = outward.require_tenancy(&scope, &*engine).await?;
        if let Err(error) = outward.host(&*engine)?.release(&tenancy, &external).await {
            if !self.force {
                return Err(error);
            }
            cx.note("the engine did not answer; what is left there has to be removed by hand");
        }
        cx.lock_tenancies().await?;
        let now = cx.now();
        for flow in flows {
            let flow = FlowId::from_uuid(flow.id);
            if cx.write().await?.flows().delete(flow, now).await? {
                cx.tell("flow.deleted", &Subject::new("flow", flow));
            }
        }
        cx.write().await?.engines().remove_tenancy(&self.engine).await?;
        cx.tell("engine.state", &subject(&self.engine));
        Ok(())
    }
}
