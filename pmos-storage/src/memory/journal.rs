use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{
    Error, Result, WorkspaceScope,
    event::NewEvent,
    store::{Appended, RunBatch, RunJournal, RunRow},
};

use super::{
    MemoryStore,
    state::{Run, Tenant, taken},
};

#[async_trait]
impl RunJournal for MemoryStore {
    async fn append(&self, scope: &WorkspaceScope, batch: RunBatch) -> Result<Appended> {
        let _turn = self.0.turn.lock().await;
        let mut committed = self.0.committed.lock();
        let tenant = committed.tenant_mut(scope.workspace()).ok_or_else(Error::not_found)?;
        let (events, cancel) = append(tenant, batch)?;
        Ok(Appended { events: committed.append_events(scope.workspace(), events), cancel })
    }
}

/// Checks all before it changes anything: the journal is written in place, since a copy of all runs per batch would make
/// long tests crawl.
fn append(tenant: &mut Tenant, batch: RunBatch) -> Result<(Vec<NewEvent>, bool)> {
    let RunBatch { run: id, epoch, begin, state, first, records, children, has_children, parent, answers, at, events } =
        batch;
    let known = tenant.runs.get(&id).map(|run| (run.records.len(), run.row.owner.epoch));
    match (&begin, known) {
        (Some(_), Some(_)) => return Err(taken("begin a run")),
        (None, None) => return Err(Error::not_found()),
        _ => {}
    }
    let unknown = |row: &RunRow| !tenant.flows.contains_key(&row.summary.flow);
    if begin.iter().any(|row| row.summary.id != id || unknown(row)) || children.iter().any(unknown) {
        return Err(Error::not_found());
    }
    if known.unwrap_or((0, epoch)) != (first as usize, epoch) || begin.iter().any(|row| row.owner.epoch != epoch) {
        return Err(Error::internal("append to a journal").because("the batch does not follow on what is there"));
    }
    if answers.iter().any(|answer| tenant.answers.get(&answer.key).is_some()) {
        return Err(taken("remember an answer"));
    }
    for answer in answers {
        tenant.answers.keep(answer)?;
    }
    let runs = Arc::make_mut(&mut tenant.runs);
    for row in begin.into_iter().chain(children) {
        runs.insert(row.summary.id, Arc::new(Run::new(row)));
    }
    let mut cancel = false;
    if let Some(run) = runs.get_mut(&id).map(Arc::make_mut) {
        run.set(&state);
        if !records.is_empty() {
            run.row.input = None;
        }
        run.records.extend(records);
        cancel = run.row.cancel;
    }
    if state.status.is_final() {
        if let Some(parent) = parent {
            tenant.signal(parent, at);
        }
        if has_children {
            tenant.stop_children(id, at);
        }
    }
    Ok((events, cancel))
}
