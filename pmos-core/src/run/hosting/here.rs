//! Runs of engines inside this process: queued in our store, taken over by a process with a free slot.

use super::NewRun;
use crate::{
    Error, Result,
    action::Context,
    audit::Subject,
    cluster::Hint,
    run::{RunState, RunStatus, RunSummary, Runner, TriggerKind},
    store::RunRow,
};

pub(super) async fn start(cx: &mut Context<'_>, runner: &dyn Runner, new: NewRun) -> Result<RunSummary> {
    let NewRun { summary, draft, mut input } = new;
    // A run that is repeated gets what it got.
    if summary.trigger == TriggerKind::Manual {
        input = match (&draft, summary.version) {
            (Some((_, draft)), _) => runner.filled_in(draft, input)?,
            (None, Some(version)) => {
                let version = cx.read().await?.flows().version(summary.flow, version).await?;
                runner.filled_in(&Context::found(version)?.document, input)?
            }
            (None, None) => input,
        };
    }
    let input =
        serde_json::value::to_raw_value(&input).map_err(|cause| Error::internal("write an input").because(cause))?;
    let (draft_revision, draft) = draft.unzip();
    let row = RunRow { draft_revision, draft, ..RunRow::new(summary.clone(), Some(input)) };
    cx.write().await?.runs().insert(&row).await?;
    let subject = Subject::new("run", summary.id);
    cx.tell("run.queued", &subject);
    cx.about(subject);
    cx.hint(Hint::RunDue);
    Ok(summary)
}

/// One that did not begin ends here; every other is ended by its engine, which knows what it was about.
pub(super) async fn cancel(cx: &mut Context<'_>, row: RunRow) -> Result<RunSummary> {
    let RunRow { summary: run, owner, .. } = row;
    let (id, now, node) = (run.id, cx.now(), cx.services().node);
    let cancelled = RunState { finished_at: Some(now), ..RunState::of(RunStatus::Cancelled) };
    let runs = cx.write().await?.runs();
    // The first claim counts: that of this act, or of the process that begins it.
    if run.status == RunStatus::Queued && runs.claim(id, owner, node).await? {
        runs.settle(id, &cancelled, now).await?;
        cx.tell("run.finished", &Subject::new("run", id));
        return Ok(RunSummary { status: RunStatus::Cancelled, finished_at: Some(now), ..run });
    }
    if !runs.cancel(id, now).await? {
        return Err(Error::conflict("run_ended", "The run has ended already."));
    }
    cx.hint(Hint::RunCancelled(id));
    Ok(run)
}
