//! Runs that a remote engine makes.

use super::NewRun;
use crate::{
    Error, Id, Result, RunId,
    action::{Context, Intent},
    audit::Subject,
    cluster::Hint,
    engine::{
        Begun, EXTERNAL_EDITOR, ExternalId, FlowHost, RemoteRunDetails, RemoteStart, RunControl, StepsToShow, Tenancy,
        foreign, read_steps,
    },
    event::NewEvent,
    flow::FlowEngine,
    run::{Run, RunState, RunStatus, RunSummary},
    store::{ObjectKind, OwnedObject},
};

/// Begins a run there. It is queued before anything leaves PMOS; when the engine refuses, it has failed.
pub(super) async fn start(cx: &mut Context<'_>, engine: &dyn FlowEngine, new: NewRun) -> Result<RunSummary> {
    let NewRun { summary, draft, input } = new;
    let flow = owned(cx, engine, ObjectKind::Flow, summary.flow.uuid()).await?;
    begin(cx, engine, &summary).await?;
    let tenancy = tenancy_of(cx, engine).await?;
    let order = RemoteStart { run: summary.id, input, draft: draft.is_some() };
    not_taken_in_meanwhile(cx).await?;
    let outward = cx.outward(Intent::begun()).await?;
    let (begun, steps) = match outward.host(engine)?.start(&tenancy, &flow.external, &order).await {
        Ok(Begun { run, steps }) => (Ok(run), steps),
        Err(error) => (Err(error), None),
    };
    begun_as(cx, engine, &summary, begun).await?;
    if let Some(steps) = steps {
        let steps_to_show =
            StepsToShow { tenancy: (tenancy.workspace, engine.descriptor().name.clone()), run: summary.id, steps };
        cx.services().live.listen(steps_to_show);
    }
    Ok(summary)
}

/// Repeats a run there from its failed step.
pub(super) async fn retry(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    of: RunId,
    summary: RunSummary,
) -> Result<RunSummary> {
    let run = owned(cx, engine, ObjectKind::Run, of.uuid()).await?;
    begin(cx, engine, &summary).await?;
    let tenancy = tenancy_of(cx, engine).await?;
    not_taken_in_meanwhile(cx).await?;
    let outward = cx.outward(Intent::begun()).await?;
    let begun = control(outward.host(engine)?)?.retry(&tenancy, &run.external).await;
    begun_as(cx, engine, &summary, begun).await?;
    Ok(summary)
}

/// Stops a run there.
pub(super) async fn cancel(cx: &mut Context<'_>, engine: &dyn FlowEngine, run: RunSummary) -> Result<RunSummary> {
    let owned = owned(cx, engine, ObjectKind::Run, run.id.uuid()).await?;
    let tenancy = tenancy_of(cx, engine).await?;
    let outward = cx.outward(Intent::begun()).await?;
    control(outward.host(engine)?)?.cancel(&tenancy, &owned.external).await?;
    let (id, now) = (run.id, cx.now());
    let cancelled = RunState { finished_at: Some(now), ..RunState::of(RunStatus::Cancelled) };
    if !cx.write().await?.runs().settle(id, &cancelled, now).await? {
        return Ok(run);
    }
    cx.tell("run.finished", &Subject::new("run", id));
    Ok(RunSummary { status: RunStatus::Cancelled, finished_at: Some(now), ..run })
}

/// The steps of a run, as the engine has them; of one at work, of which it mostly has none yet, those that it told. When
/// it does not answer, the run is shown without, and says so.
pub(super) async fn details(cx: &mut Context<'_>, engine: &dyn FlowEngine, summary: RunSummary) -> Result<Run> {
    let Some(owned) = find(cx, engine, ObjectKind::Run, summary.id.uuid()).await? else {
        return Ok(Run { summary, steps: Vec::new(), note: None });
    };
    // Before the engine is asked: they are forgotten when what it answers is kept.
    let told = cx.services().live.steps(cx.scope()?.workspace(), summary.id);
    let read = async |cx: &mut Context<'_>| -> Result<Option<RemoteRunDetails>> {
        let scope = cx.scope()?;
        let mut outward = cx.outward(Intent::none()).await?;
        let tenancy = outward.require_tenancy(&scope, engine).await?;
        read_steps(&mut outward, engine, &tenancy, &scope, summary.id, &owned.external).await
    };
    let title = &engine.descriptor().title;
    let (steps, note) = match read(cx).await {
        Ok(Some(read)) if read.run.status.is_final() || read.steps.len() > told.len() => (read.steps, None),
        Ok(Some(_)) => (told, None),
        Ok(None) => (told, Some(format!("{title} does not keep the steps of this run any more."))),
        Err(error) => {
            tracing::info!(run = %summary.id, ?error, "the steps of a run could not be read");
            (told, Some(format!("The steps are kept by {title}, which does not answer now. Try again later.")))
        }
    };
    let note = note.filter(|_| steps.is_empty());
    Ok(Run { summary, steps, note })
}

async fn begin(cx: &mut Context<'_>, engine: &dyn FlowEngine, summary: &RunSummary) -> Result<()> {
    if !cx.write().await?.runs().absorb(summary).await? {
        return Err(Error::not_found());
    }
    let subject = Subject::new("run", summary.id);
    cx.tell("run.queued", &subject);
    cx.about(subject);
    cx.hint(Hint::Tenancy(cx.scope()?.workspace(), engine.descriptor().name.clone()));
    Ok(())
}

/// Keeps the round that takes in runs from writing until this act is committed: a run that is there and not yet known to be
/// this one would become a second one here.
async fn not_taken_in_meanwhile(cx: &mut Context<'_>) -> Result<()> {
    cx.lock_tenancies().await
}

/// Writes down what became of the begin.
async fn begun_as(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    summary: &RunSummary,
    begun: Result<Option<ExternalId>>,
) -> Result<()> {
    match begun {
        Ok(None) => Ok(()),
        Ok(Some(external)) => {
            let object = OwnedObject {
                kind: ObjectKind::Run,
                id: summary.id.uuid(),
                external,
                seen: Box::default(),
                at: cx.now(),
            };
            if cx.write().await?.engines().claim(&engine.descriptor().name, &object).await? {
                return Ok(());
            }
            let (services, workspace) = (cx.services(), cx.scope()?.workspace());
            foreign::refused(
                &*services.observer,
                cx.read().await?,
                workspace,
                &engine.descriptor().name,
                ObjectKind::Run,
            )
            .await?;
            Err(Error::internal("own a run that was just begun"))
        }
        Err(error) => {
            // Our own unit: that of an act which failed leaves nothing behind.
            let (scope, now) = (cx.scope()?, cx.now());
            let state = RunState {
                finished_at: Some(now),
                error: Some(error.detail().to_owned()),
                ..RunState::of(RunStatus::Failed)
            };
            let mut outward = cx.outward(Intent::begun()).await?;
            let mut unit = outward.refresh(&scope).await?;
            unit.runs().settle(summary.id, &state, now).await?;
            let event = NewEvent::new("run.finished", now, EXTERNAL_EDITOR, &Subject::new("run", summary.id));
            unit.commit(vec![event]).await?;
            Err(error)
        }
    }
}

fn control(host: &dyn FlowHost) -> Result<&dyn RunControl> {
    host.run_control().ok_or_else(|| Error::unsupported("stopping or repeating a run of this engine"))
}

async fn tenancy_of(cx: &mut Context<'_>, engine: &dyn FlowEngine) -> Result<Tenancy> {
    let scope = cx.scope()?;
    cx.outward(Intent::begun()).await?.require_tenancy(&scope, engine).await
}

async fn find(
    cx: &mut Context<'_>,
    engine: &dyn FlowEngine,
    kind: ObjectKind,
    id: uuid::Uuid,
) -> Result<Option<OwnedObject>> {
    cx.read().await?.engines().owned(&engine.descriptor().name, kind, id).await
}

async fn owned(cx: &mut Context<'_>, engine: &dyn FlowEngine, kind: ObjectKind, id: uuid::Uuid) -> Result<OwnedObject> {
    find(cx, engine, kind, id).await?.ok_or_else(Error::not_found)
}
