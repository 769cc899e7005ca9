//! What happens in a run, for those who watch it while it does.

use serde::Serialize;

use super::{StepRecord, StepRun, steps_of};
use crate::{
    Actor, RunId, Timestamp, WorkspaceId,
    audit::Subject,
    cluster::Bus,
    event::{NewEvent, Notice},
    flow::StepId,
};

#[derive(Serialize)]
struct Progress<'a> {
    within: &'a [(StepId, u32)],
    step: &'a StepRun,
}

/// Shows watchers of the workspace what happened in a run. Nothing is stored: who comes later reads it from the run.
pub(crate) fn show_progress(
    bus: &dyn Bus,
    now: Timestamp,
    workspace: WorkspaceId,
    actor: Actor,
    run: RunId,
    records: &[StepRecord],
) {
    if records.is_empty() || !bus.is_watched(workspace) {
        return;
    }
    let object = Subject::new("run", run);
    let notices = records.iter().filter_map(|record| {
        let alone = StepRecord { within: Vec::new(), ..record.clone() };
        let step = steps_of([alone]).pop()?;
        let data = Progress { within: &record.within, step: &step };
        let body = NewEvent::with("run.step", now, actor, &object, Some(&data)).body;
        Some(Notice::Progress { kind: "run.step".into(), object: object.clone(), body: body.into() })
    });
    bus.publish(workspace, notices.collect());
}
