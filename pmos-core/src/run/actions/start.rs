use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    run::{RunSummary, TriggerKind, hosting, hosting::NewRun},
};

/// Starts an automation by hand.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Which.
    pub flow: FlowId,
    /// What its trigger gives.
    #[serde(default)]
    pub input: Option<Value>,
    /// Run the draft instead of the live version.
    #[serde(default)]
    pub draft: bool,
}

#[async_trait]
impl Action for StartRun {
    const SPEC: ActionSpec =
        ActionSpec::write("runs.start", Method::Post, "/flows/{flow}/runs").role(Role::Member).agents().created();
    type Output = RunSummary;

    fn subject(&self) -> Option<Subject> {
        Some(Subject::new("flow", self.flow))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let Self { flow, input, draft } = self;
        start(cx, Start { flow, input, draft, trigger: TriggerKind::Manual }).await
    }
}

/// A run that is wanted.
pub(super) struct Start {
    pub(super) flow: FlowId,
    pub(super) input: Option<Value>,
    pub(super) draft: bool,
    pub(super) trigger: TriggerKind,
}

pub(super) async fn start(cx: &mut Context<'_>, wanted: Start) -> Result<RunSummary> {
    let flow = Context::found(cx.read().await?.flows().get(wanted.flow).await?)?;
    let engine = cx.engines().get(&flow.engine)?.clone();
    let (version, draft) = if wanted.draft {
        if flow.issues_count > 0 {
            return Err(Error::conflict("not_ready", "The draft has open issues. Mend them, then run it."));
        }
        (None, Some((flow.revision, flow.document)))
    } else {
        let not_published = || Error::conflict("not_published", "Publish the automation first, or run its draft.");
        (Some(flow.published.ok_or_else(not_published)?.version), None)
    };
    cx.count_run().await?;
    let summary = RunSummary {
        started_by: Some(cx.actor().to_string()),
        ..RunSummary::queued(cx.new_id()?, flow.id, flow.engine, version, wanted.trigger, cx.now())
    };
    let input = wanted.input.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    hosting::start(cx, &*engine, NewRun { summary, draft, input }).await
}
