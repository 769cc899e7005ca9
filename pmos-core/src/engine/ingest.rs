//! Takes runs of a remote engine into our history.

use std::{collections::HashSet, time::Duration};

use super::{ExternalId, RemoteRun, RemoteRunDetails, Tenancy, foreign};
use crate::{
    Clock, Error, FlowId, Id, Observer, Result, RunId, WorkspaceId, WorkspaceScope,
    audit::Subject,
    cluster::LeaseKey,
    engine::EXTERNAL_EDITOR,
    event::NewEvent,
    flow::FlowEngine,
    outward::Outward,
    run::{RunState, RunStatus, RunSummary, records_of},
    store::{ObjectKind, OwnedObject, RunBatch, UnitOfWork},
};

/// Of how many ended runs the steps are read in one round; those of the others are read when they are asked for.
const DETAILS: usize = 50;

/// How long a run that was begun there may go without anybody knowing it there.
const LOST: Duration = Duration::from_mins(2);

/// What a round found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ingested {
    /// Whether there is more at once.
    pub(crate) more: bool,
    /// Whether runs are at work there.
    pub(crate) at_work: bool,
}

/// Takes what happened since the last round into our history.
pub(crate) async fn ingest(outward: &mut Outward<'_>, engine: &dyn FlowEngine, tenancy: &Tenancy) -> Result<Ingested> {
    let services = outward.services();
    let name = &engine.descriptor().name;
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    let mut unit = outward.look(&scope).await?;
    let Some(row) = unit.engines().tenancy(name).await? else {
        return Ok(Ingested { more: false, at_work: false });
    };
    let unfinished = unit.runs().unfinished(name).await?;
    let (mut forgotten, mut lost) = (Vec::new(), Vec::new());
    for run in &unfinished {
        match unit.engines().owned(name, ObjectKind::Run, run.id.uuid()).await? {
            Some(owned) => forgotten.push(owned),
            None if services.clock.now().since(run.started_at) > LOST => lost.push(run.id),
            None => {}
        }
    }
    drop(unit);
    let found = outward.host(engine)?.runs(tenancy, row.runs_after.as_deref()).await?;
    let told: HashSet<_> = found.runs.iter().map(|run| run.id.clone()).collect();
    let mut runs = found.runs;
    // What was at work and is not told of any more has ended long ago, or is gone.
    for owned in forgotten.into_iter().filter(|owned| !told.contains(&owned.external)) {
        if let Some(details) = outward.host(engine)?.run(tenancy, &owned.external).await? {
            runs.push(details.run);
        } else {
            let error = "The engine does not know this run any more; how it ended cannot be told.";
            give_up(outward, &scope, RunId::from_uuid(owned.id), RunStatus::Failed, error).await?;
        }
    }
    let carried: HashSet<_> = runs.iter().filter_map(|run| run.ours).collect();
    for run in lost.into_iter().filter(|run| !carried.contains(run)) {
        let error =
            "Whether the engine began this run is not known: its answer was lost. Look there before you repeat it.";
        give_up(outward, &scope, run, RunStatus::NeedsAttention, error).await?;
    }
    let turn = services.leases.acquire(LeaseKey::Tenancies(tenancy.workspace)).await?;
    let mut unit = outward.refresh(&scope).await?;
    let mut taken = Vec::new();
    let mut events = Vec::new();
    for run in runs {
        let told = take(&mut *unit, &*services.clock, &*services.observer, tenancy.workspace, name, &run).await?;
        if let Some(Taken { id, news }) = told {
            events.extend(news);
            taken.push((id, run));
        }
    }
    if let Some(mut row) = unit.engines().tenancy(name).await? {
        row.runs_after = Some(found.next);
        unit.engines().put_tenancy(&row).await?;
    }
    unit.commit(events).await?;
    drop(turn);
    let at_work = taken.iter().any(|(_, run)| !run.status.is_final());
    for (id, run) in taken.into_iter().filter(|(_, run)| run.status.is_final()).take(DETAILS) {
        read_steps(outward, engine, tenancy, &scope, id, &run.id).await?;
    }
    Ok(Ingested { more: found.more, at_work })
}

struct Taken {
    id: RunId,
    news: Option<NewEvent>,
}

/// Writes a run down as it is now. None when its flow is not ours.
async fn take(
    unit: &mut dyn UnitOfWork,
    clock: &dyn Clock,
    observer: &dyn Observer,
    workspace: WorkspaceId,
    engine: &str,
    remote: &RemoteRun,
) -> Result<Option<Taken>> {
    let Some(flow) = unit.engines().owned_as(engine, ObjectKind::Flow, &remote.flow).await? else { return Ok(None) };
    let flow = FlowId::from_uuid(flow.id);
    let owned = unit.engines().owned_as(engine, ObjectKind::Run, &remote.id).await?;
    let id = owned.map(|owned| RunId::from_uuid(owned.id)).or(remote.ours);
    let known = match id {
        Some(id) => unit.runs().get(id).await?.filter(|row| row.summary.flow == flow).map(|row| row.summary),
        None => None,
    };
    if known.as_ref().is_some_and(|known| known.status.is_final()) {
        return Ok(None);
    }
    let id = match &known {
        Some(known) => known.id,
        None => clock.new_id()?,
    };
    let version = unit.flows().get(flow).await?.and_then(|row| row.published).map(|published| published.version);
    let summary = RunSummary {
        id,
        flow,
        engine: engine.to_owned(),
        version: match &known {
            Some(known) => known.version,
            None => remote.version.as_ref().and(version),
        },
        status: remote.status,
        trigger: known.as_ref().map_or(remote.trigger, |known| known.trigger),
        started_by: known.as_ref().and_then(|known| known.started_by.clone()),
        parent: None,
        started_at: remote.started_at,
        finished_at: remote.finished_at,
        wake_at: None,
        #[expect(clippy::cast_precision_loss, reason = "a run of 285 years is not our concern")]
        duration_ms: remote.finished_at.map(|end| end.since(remote.started_at).as_micros() as f64 / 1_000.0),
        error: remote.error.clone(),
        result: None,
    };
    if !unit.runs().absorb(&summary).await? {
        return Ok(None);
    }
    let now = clock.now();
    let object = OwnedObject {
        kind: ObjectKind::Run,
        id: id.uuid(),
        external: remote.id.clone(),
        seen: Box::default(),
        at: now,
    };
    if !unit.engines().claim(engine, &object).await? {
        foreign::refused(observer, unit, workspace, engine, ObjectKind::Run).await?;
        return Err(Error::internal("own a remote run"));
    }
    let before = known.map(|known| known.status);
    let kind = match (before, remote.status) {
        (_, status) if status.is_final() => Some("run.finished"),
        (None | Some(RunStatus::Queued), RunStatus::Running) => Some("run.started"),
        _ => None,
    };
    let data = serde_json::json!({"flow": flow, "status": remote.status.as_str()});
    let news = kind.map(|kind| NewEvent::with(kind, now, EXTERNAL_EDITOR, &Subject::new("run", id), Some(&data)));
    Ok(Some(Taken { id, news }))
}

/// Ends a run that the engine does not know.
async fn give_up(
    outward: &mut Outward<'_>,
    scope: &WorkspaceScope,
    run: RunId,
    status: RunStatus,
    error: &str,
) -> Result<()> {
    let services = outward.services();
    let now = services.clock.now();
    let state = RunState { finished_at: Some(now), error: Some(error.to_owned()), ..RunState::of(status) };
    let mut unit = outward.refresh(scope).await?;
    if !unit.runs().settle(run, &state, now).await? {
        return Ok(());
    }
    let event = NewEvent::new("run.finished", now, EXTERNAL_EDITOR, &Subject::new("run", run));
    unit.commit(vec![event]).await?;
    services.live.forget(scope.workspace(), run);
    Ok(())
}

/// Reads the steps of a run that has ended and keeps them; none when the engine does not know it any more.
pub(crate) async fn read_steps(
    outward: &mut Outward<'_>,
    engine: &dyn FlowEngine,
    tenancy: &Tenancy,
    scope: &WorkspaceScope,
    id: RunId,
    run: &ExternalId,
) -> Result<Option<RemoteRunDetails>> {
    let Some(details) = outward.host(engine)?.run(tenancy, run).await? else { return Ok(None) };
    if details.run.status.is_final() {
        let batch = RunBatch {
            run: id,
            epoch: 0,
            begin: None,
            state: RunState {
                wake_at: None,
                status: details.run.status,
                finished_at: details.run.finished_at,
                duration_us: details
                    .run
                    .finished_at
                    .and_then(|end| u64::try_from(end.since(details.run.started_at).as_micros()).ok()),
                error: details.run.error.clone(),
                result: details
                    .result
                    .as_ref()
                    .map(serde_json::value::to_raw_value)
                    .transpose()
                    .map_err(|cause| Error::internal("write the result of a run").because(cause))?,
            },
            first: 0,
            records: records_of(&details.steps),
            children: Vec::new(),
            answers: Vec::new(),
            has_children: false,
            parent: None,
            at: outward.services().clock.now(),
            events: Vec::new(),
        };
        let kept = outward.append(scope, batch).await;
        // A round and a caller may read the same run at once; who comes second finds it kept.
        if let Err(error) = kept
            && !has_steps(outward, scope, id).await?
        {
            return Err(error);
        }
        outward.services().live.forget(scope.workspace(), id);
    }
    Ok(Some(details))
}

async fn has_steps(outward: &mut Outward<'_>, scope: &WorkspaceScope, id: RunId) -> Result<bool> {
    Ok(!outward.look(scope).await?.runs().records(id).await?.is_empty())
}
