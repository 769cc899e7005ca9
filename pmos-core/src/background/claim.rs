//! Takes over runs without an owner: those that are due, and those whose process is gone.

use serde_json::Value;

use crate::{
    Error, Result, RunId, WorkspaceId, WorkspaceScope,
    audit::Subject,
    cluster::Hint,
    event::NewEvent,
    run::{Edition, RunState, RunStatus, Work},
    services::Services,
    store::{Access, Closing, RunRow},
};

/// Takes a run over and works on it here. One that another process took in the meantime is left to it.
pub(super) async fn claim(services: &Services, workspace: WorkspaceId, run: RunId) -> Result<()> {
    let scope = WorkspaceScope::system(workspace, "go on with a run");
    let mut unit = services.store.begin(&scope, Access::Read).await?;
    let Some(mut row) = unit.runs().get(run).await? else { return Ok(()) };
    if row.summary.status.is_final() || services.runs.is_active(run) {
        return Ok(());
    }
    let recorded = unit.runs().records(run).await?;
    let edition = edition(&row)?;
    let document = match (edition, row.draft.clone()) {
        (Edition::Version(version), _) => {
            unit.flows().version(row.summary.flow, version).await?.map(|kept| kept.document)
        }
        (Edition::Draft(_), draft) => draft,
    };
    drop(unit);
    if row.cancel && recorded.is_empty() {
        return end(services, &scope, run, RunState::of(RunStatus::Cancelled)).await;
    }
    let engine = services.engines.get(&row.summary.engine).ok().cloned();
    let (Some(document), Some(engine)) = (document, engine) else {
        return give_up(
            services,
            workspace,
            run,
            "The automation or its engine is not there any more, so the run could not go on.",
        )
        .await;
    };
    let received = recorded.first().and_then(|record| record.output.clone()).or(row.input.take());
    let input = match received {
        Some(text) => {
            serde_json::from_str(text.get()).map_err(|cause| Error::internal("read a run's input").because(cause))?
        }
        None => Value::Null,
    };
    let mut unit = services.store.begin(&scope, Access::Write).await?;
    if !unit.runs().claim(run, row.owner, services.node).await? {
        return Ok(());
    }
    let mut closing = Closing::default();
    if row.summary.status == RunStatus::Waiting {
        let object = Subject::new("run", run);
        closing.events.push(NewEvent::new("run.resumed", services.clock.now(), scope.actor(), &object));
    }
    let events = unit.commit(closing).await?;
    services.publish(workspace, events);
    row.owner.epoch += 1;
    let work = Work { recorded, ..Work::new(scope, engine, (edition, document), &row, input) };
    if row.cancel {
        work.cancel.cancel();
    }
    if services.runs.launch(work).is_err() {
        services.runs.postpone(workspace, run);
    }
    Ok(())
}

fn edition(row: &RunRow) -> Result<Edition> {
    match (row.summary.version, row.draft_revision) {
        (Some(version), _) => Ok(Edition::Version(version)),
        (None, Some(revision)) => Ok(Edition::Draft(revision)),
        (None, None) => Err(Error::internal("find out what a run runs")),
    }
}

/// Ends a run that cannot be gone on with.
pub(super) async fn give_up(services: &Services, workspace: WorkspaceId, run: RunId, why: &str) -> Result<()> {
    let scope = WorkspaceScope::system(workspace, "go on with a run");
    let state = RunState { error: Some(why.to_owned()), ..RunState::of(RunStatus::Failed) };
    end(services, &scope, run, state).await
}

async fn end(services: &Services, scope: &WorkspaceScope, run: RunId, state: RunState) -> Result<()> {
    let now = services.clock.now();
    let mut unit = services.store.begin(scope, Access::Write).await?;
    let mut closing = Closing::default();
    if unit.runs().settle(run, &RunState { finished_at: Some(now), ..state }, now).await? {
        closing.events.push(NewEvent::new("run.finished", now, scope.actor(), &Subject::new("run", run)));
    }
    let events = unit.commit(closing).await?;
    services.publish(scope.workspace(), events);
    services.hint(Hint::RunDue);
    Ok(())
}
