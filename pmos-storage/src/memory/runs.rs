use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use pmos_core::{
    Cursor, Error, FlowId, Id, NodeId, Page, PageRequest, Result, RunId, Timestamp,
    run::{RunState, RunStatus, RunSummary, StepRecord},
    store::{FailingFlow, ObjectKind, Owner, RunCount, RunFilter, RunRepository, RunRow},
};

use super::{
    state::{Flow, Run, Table, Tenant, change, enough, insert, key, newest_first, remove},
    unit::Unit,
};

/// Unfinished runs of an engine at most.
const AT_ONCE: usize = 200;

impl Run {
    pub(super) fn new(row: RunRow) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no run takes less than no time")]
        let duration_us = row.summary.duration_ms.map(|ms| (ms * 1_000.0).round() as u64);
        let due_at = match row.summary.status {
            RunStatus::Queued => Some(row.summary.started_at),
            _ => row.summary.wake_at,
        };
        Self { row, remote: false, duration_us, due_at, records: Vec::new() }
    }

    /// Whether it has no owner and its time has come.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let idle = matches!(self.row.summary.status, RunStatus::Queued | RunStatus::Waiting);
        idle && !self.remote && self.due_at.is_some_and(|at| at <= now)
    }

    fn signal(&mut self, at: Timestamp) {
        self.due_at = Some(at);
        self.row.summary.wake_at = Some(at).filter(|_| self.row.summary.status == RunStatus::Waiting);
    }

    /// A run of a remote engine.
    fn remote(summary: RunSummary) -> Self {
        Self { remote: true, ..Self::new(RunRow::new(summary, None)) }
    }

    fn absorb(&mut self, now: &RunSummary) {
        let known = &self.row.summary;
        if known.status.is_final() && !now.status.is_final() {
            return;
        }
        let RunSummary { id, flow, engine, started_by, parent, .. } = known.clone();
        let summary = RunSummary { id, flow, engine, started_by, parent, ..now.clone() };
        let Self { remote, duration_us, .. } = Self::remote(summary.clone());
        (self.row.summary, self.remote, self.duration_us) = (summary, remote, duration_us);
    }

    /// What came as a signal while it was at work makes it due as soon as it waits.
    pub(super) fn set(&mut self, state: &RunState) {
        let RunState { status, finished_at, duration_us, wake_at, error, result } = state.clone();
        self.due_at = match status {
            RunStatus::Running => self.due_at,
            RunStatus::Waiting => [self.due_at, wake_at].into_iter().flatten().min(),
            _ => None,
        };
        if status != RunStatus::Running {
            self.row.owner.node = None;
        }
        self.row.summary.wake_at = self.due_at.filter(|_| status == RunStatus::Waiting);
        #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
        let duration_ms = duration_us.map(|us| us as f64 / 1_000.0);
        self.duration_us = duration_us;
        let summary = &mut self.row.summary;
        (summary.status, summary.finished_at, summary.duration_ms) = (status, finished_at, duration_ms);
        (summary.error, summary.result) = (error, result);
    }
}

impl Tenant {
    /// A run that waits for another one goes on.
    pub(super) fn signal(&mut self, run: RunId, at: Timestamp) {
        if self.runs.get(&run).is_some_and(|run| !run.row.summary.status.is_final() && !run.remote) {
            change(&mut self.runs, &run, |run| Arc::make_mut(run).signal(at));
        }
    }

    /// Asks the runs to stop that one started which has ended.
    pub(super) fn stop_children(&mut self, parent: RunId, at: Timestamp) {
        let open = |run: &&Arc<Run>| run.row.summary.parent == Some(parent) && !run.row.summary.status.is_final();
        let open: Vec<_> = self.runs.values().filter(open).map(|run| run.row.summary.id).collect();
        for child in open {
            self.cancel(child, at);
        }
    }

    fn cancel(&mut self, run: RunId, at: Timestamp) -> bool {
        change(&mut self.runs, &run, |run| {
            let run = Arc::make_mut(run);
            run.row.cancel = true;
            run.signal(at);
        })
    }

    fn runs_since(&self, since: Timestamp) -> impl DoubleEndedIterator<Item = &Run> {
        self.runs.values().map(|run| &**run).filter(move |run| run.row.summary.started_at >= since)
    }
}

fn fits(filter: &RunFilter, run: &RunSummary, flows: &Table<FlowId, Arc<Flow>>) -> bool {
    let contains = |text: &String| {
        let text = text.to_lowercase();
        let flow = flows.get(&run.flow).filter(|flow| flow.deleted_at.is_none());
        let texts = [run.error.as_deref(), run.result.as_ref().map(|result| result.get())];
        let texts = texts.into_iter().flatten().chain(flow.map(|flow| flow.row.name.as_str()));
        texts.into_iter().any(|found| found.to_lowercase().contains(&text))
    };
    filter.flow.is_none_or(|flow| flow == run.flow)
        && filter.engine.as_ref().is_none_or(|engine| *engine == run.engine)
        && filter.status.is_none_or(|status| status == run.status)
        && filter.text.as_ref().is_none_or(contains)
        && filter.since.is_none_or(|since| run.started_at >= since)
        && filter.until.is_none_or(|until| run.started_at < until)
}

#[async_trait]
impl RunRepository for Unit {
    async fn list(&mut self, filter: &RunFilter, page: &PageRequest) -> Result<Page<RunSummary>> {
        let items = self.read(|tenant| {
            let runs = newest_first(&tenant.runs, page).map(|run| &run.row.summary);
            runs.filter(|run| fits(filter, run, &tenant.flows)).take(enough(page)).cloned().collect()
        });
        Ok(Page::cut(items, page, |last: &RunSummary| Cursor::new(self.workspace, key(last.id))))
    }

    async fn get(&mut self, id: RunId) -> Result<Option<RunRow>> {
        Ok(self.read(|tenant| tenant.runs.get(&id).map(|run| run.row.clone())))
    }

    async fn records(&mut self, id: RunId) -> Result<Vec<StepRecord>> {
        Ok(self.read(|tenant| tenant.runs.get(&id).map_or_else(Vec::new, |run| run.records.clone())))
    }

    async fn insert(&mut self, run: &RunRow) -> Result<()> {
        let tenant = self.fill()?;
        if !tenant.flows.contains_key(&run.summary.flow) {
            return Err(Error::not_found());
        }
        insert(&mut tenant.runs, run.summary.id, Arc::new(Run::new(run.clone())))
    }

    async fn claim(&mut self, id: RunId, seen: Owner, node: NodeId) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        let free = |run: &Run| !run.row.summary.status.is_final() && !run.remote && run.row.owner == seen;
        if !tenant.runs.get(&id).is_some_and(|run| free(run)) {
            return Ok(false);
        }
        Ok(change(&mut tenant.runs, &id, |run| {
            let run = Arc::make_mut(run);
            run.row.owner = Owner { node: Some(node), epoch: seen.epoch + 1 };
            run.row.summary.status = RunStatus::Running;
            (run.due_at, run.row.summary.wake_at) = (None, None);
        }))
    }

    async fn cancel(&mut self, id: RunId, now: Timestamp) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        let ended = |run: &Run| run.row.summary.status.is_final() || run.remote;
        if tenant.runs.get(&id).is_none_or(|run| ended(run)) {
            return Ok(false);
        }
        Ok(tenant.cancel(id, now))
    }

    async fn settle(&mut self, id: RunId, state: &RunState, now: Timestamp) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        let Some(run) = tenant.runs.get(&id).filter(|run| !run.row.summary.status.is_final()) else { return Ok(false) };
        let parent = run.row.summary.parent;
        change(&mut tenant.runs, &id, |run| {
            let run = Arc::make_mut(run);
            run.set(state);
            run.row.owner.epoch += u64::from(!run.remote);
        });
        tenant.stop_children(id, now);
        if let Some(parent) = parent {
            tenant.signal(parent, now);
        }
        Ok(true)
    }

    async fn absorb(&mut self, run: &RunSummary) -> Result<bool> {
        let Some(tenant) = self.write()?.filter(|tenant| tenant.flows.contains_key(&run.flow)) else {
            return Ok(false);
        };
        if !change(&mut tenant.runs, &run.id, |known| Arc::make_mut(known).absorb(run)) {
            insert(&mut tenant.runs, run.id, Arc::new(Run::remote(run.clone())))?;
        }
        Ok(true)
    }

    async fn unfinished(&mut self, engine: &str) -> Result<Vec<RunSummary>> {
        Ok(self.read(|tenant| {
            let runs = tenant.runs.values().filter(|run| run.remote).map(|run| &run.row.summary);
            let mut runs: Vec<_> = runs.filter(|run| run.engine == engine && !run.status.is_final()).cloned().collect();
            runs.sort_unstable_by_key(|run| (run.started_at, run.id));
            runs.truncate(AT_ONCE);
            runs
        }))
    }

    async fn count_since(&mut self, since: Timestamp) -> Result<u64> {
        Ok(self.read(|tenant| tenant.runs_since(since).count() as u64))
    }

    async fn series(&mut self, since: Timestamp, span_us: u64) -> Result<Vec<RunCount>> {
        let span = i64::try_from(span_us).unwrap_or(i64::MAX).max(1);
        Ok(self.read(|tenant| {
            let mut counts = BTreeMap::new();
            for run in tenant.runs_since(since).map(|run| &run.row.summary) {
                let at = Timestamp::from_micros(run.started_at.micros().div_euclid(span) * span);
                counts
                    .entry((at, run.status.as_str()))
                    .or_insert(RunCount { at, status: run.status, count: 0 })
                    .count += 1;
            }
            counts.into_values().collect()
        }))
    }

    async fn durations(&mut self, since: Timestamp, limit: u32) -> Result<Vec<u64>> {
        Ok(self.read(|tenant| {
            let finished = tenant.runs_since(since).rev().filter(|run| run.row.summary.status.is_final());
            let mut durations: Vec<_> = finished.filter_map(|run| run.duration_us).take(limit as usize).collect();
            durations.sort_unstable();
            durations
        }))
    }

    async fn failing(&mut self, since: Timestamp, limit: u32) -> Result<Vec<FailingFlow>> {
        Ok(self.read(|tenant| {
            let mut flows: HashMap<FlowId, FailingFlow> = HashMap::new();
            let mut well = HashSet::new();
            for run in tenant.runs_since(since).map(|run| &run.row.summary) {
                match run.status {
                    RunStatus::Failed => {
                        let failures = flows.get(&run.flow).map_or(0, |flow| flow.failures) + 1;
                        let last_at = run.finished_at.unwrap_or(run.started_at);
                        let failing = FailingFlow { flow: run.flow, failures, last_error: run.error.clone(), last_at };
                        flows.insert(run.flow, failing);
                        well.remove(&run.flow);
                    }
                    RunStatus::Succeeded => {
                        well.insert(run.flow);
                    }
                    _ => {}
                }
            }
            let mut flows: Vec<_> = flows.into_values().filter(|flow| !well.contains(&flow.flow)).collect();
            flows.sort_by_key(|flow| Reverse((flow.failures, flow.last_at)));
            flows.truncate(limit as usize);
            flows
        }))
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let Some(tenant) = self.write()? else { return Ok(0) };
        let ended = |run: &&RunSummary| run.status.is_final() && run.finished_at.is_some_and(|at| at < before);
        let old = tenant.runs.values().map(|run| &run.row.summary).filter(ended);
        let old: Vec<_> = old.take(limit as usize).map(|run| (run.id, run.engine.clone())).collect();
        for (id, engine) in &old {
            remove(&mut tenant.runs, id);
            remove(&mut tenant.owned, &(engine.clone(), ObjectKind::Run, id.uuid()));
        }
        Ok(old.len() as u64)
    }
}
