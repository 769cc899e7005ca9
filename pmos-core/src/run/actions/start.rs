use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::remote;
use crate::{
    Error, FlowId, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    flow::Host,
    run::{Edition, RunOrder, RunStatus, RunSummary, TriggerKind, Work},
    store::RunRow,
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
    let scope = cx.scope()?;
    let (edition, document) = if wanted.draft {
        if flow.issues_count > 0 {
            return Err(Error::conflict("not_ready", "The draft has open issues. Mend them, then run it."));
        }
        (Edition::Draft(flow.revision), flow.document)
    } else {
        let not_published = || Error::conflict("not_published", "Publish the automation first, or run its draft.");
        let published = flow.published.ok_or_else(not_published)?;
        let version = cx.read().await?.flows().version(flow.id, published.version).await?;
        let version = version.ok_or_else(|| Error::internal("read a published version"))?;
        (Edition::Version(version.version), version.document)
    };
    cx.count_run().await?;
    let input = wanted.input.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let text =
        serde_json::value::to_raw_value(&input).map_err(|cause| Error::internal("write an input").because(cause))?;
    let (version, draft_revision) = match edition {
        Edition::Version(version) => (Some(version), None),
        Edition::Draft(revision) => (None, Some(revision)),
    };
    let summary = RunSummary {
        id: cx.new_id()?,
        flow: flow.id,
        engine: flow.engine,
        version,
        status: RunStatus::Queued,
        trigger: wanted.trigger,
        started_by: Some(cx.actor().to_string()),
        started_at: cx.now(),
        finished_at: None,
        duration_ms: None,
        error: None,
        result: None,
    };
    if let Host::Remote(_) = engine.host() {
        return remote::start(cx, &*engine, summary, input, wanted.draft).await;
    }
    let draft = draft_revision.map(|_| document.clone());
    let row = RunRow { summary: summary.clone(), draft_revision, draft, input: Some(text) };
    cx.write().await?.runs().insert(&row).await?;
    let subject = Subject::new("run", summary.id);
    cx.tell("run.queued", &subject);
    cx.about(subject);
    let order = RunOrder {
        workspace: scope.workspace(),
        run: summary.id,
        flow: flow.id,
        edition,
        document,
        trigger: wanted.trigger,
        input,
    };
    let started_at = cx.now();
    cx.afterwards(move |pmos| {
        let work = Work {
            scope,
            engine,
            order,
            begin: None,
            recorded: Vec::new(),
            announced: false,
            started_at,
            answer: None,
            cancel: CancellationToken::new(),
        };
        if pmos.runs().launch(work).is_err() {
            tracing::info!("a queued run begins when the server starts again");
        }
    });
    Ok(summary)
}
