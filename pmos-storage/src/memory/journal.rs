use std::sync::Arc;

use async_trait::async_trait;
use pmos_core::{
    Error, Result, WorkspaceScope,
    event::{Event, NewEvent},
    store::{RunBatch, RunJournal},
};

use super::{
    MemoryStore,
    state::{Run, Tenant, taken},
};

#[async_trait]
impl RunJournal for MemoryStore {
    async fn append(&self, scope: &WorkspaceScope, batch: RunBatch) -> Result<Vec<Event>> {
        let _turn = self.0.turn.lock().await;
        let mut committed = self.0.committed.lock();
        let tenant = committed.tenant_mut(scope.workspace()).ok_or_else(Error::not_found)?;
        let events = append(tenant, batch)?;
        Ok(committed.append_events(scope.workspace(), events))
    }
}

/// Checks all before it changes anything: the journal is written in place, since a copy of all runs per batch would make
/// long tests crawl.
fn append(tenant: &mut Tenant, batch: RunBatch) -> Result<Vec<NewEvent>> {
    let RunBatch { run: id, begin, state, first, records, events } = batch;
    let known = tenant.runs.get(&id).map(|run| run.records.len());
    match (&begin, known) {
        (Some(_), Some(_)) => return Err(taken("begin a run")),
        (Some(row), None) if row.summary.id != id || !tenant.flows.contains_key(&row.summary.flow) => {
            return Err(Error::not_found());
        }
        (None, None) => return Err(Error::not_found()),
        _ => {}
    }
    if known.unwrap_or(0) != first as usize {
        return Err(Error::internal("append to a journal").because("another place in it was expected"));
    }
    let runs = Arc::make_mut(&mut tenant.runs);
    if let Some(row) = begin {
        runs.insert(id, Arc::new(Run::new(row)));
    }
    if let Some(run) = runs.get_mut(&id).map(Arc::make_mut) {
        run.set(&state);
        if !records.is_empty() {
            run.row.input = None;
        }
        run.records.extend(records);
    }
    Ok(events)
}
