use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use pmos_core::{
    ConnectionId, Cursor, EditId, Error, FlowId, Page, PageRequest, Result, RunId, Timestamp,
    run::RunStatus,
    store::{EditRow, FlowEntry, FlowFilter, FlowRepository, FlowRow, FlowState, VersionEntry, VersionRow},
    workspace::Label,
};

use super::{
    state::{Flow, Table, Tenant, change, enough, insert, key, newest_first, taken},
    unit::Unit,
};

type LastRun = (RunId, RunStatus, Timestamp);

impl Tenant {
    fn live(&self, id: FlowId) -> Option<&Arc<Flow>> {
        self.flows.get(&id).filter(|flow| flow.deleted_at.is_none())
    }

    fn flow_mut(&mut self, id: FlowId) -> Option<&mut Flow> {
        self.flows.contains_key(&id).then(|| Arc::make_mut(&mut self.flows).get_mut(&id).map(Arc::make_mut))?
    }

    /// The newest run of each flow.
    fn last_runs(&self) -> HashMap<FlowId, LastRun> {
        let runs = self.runs.values().map(|run| &run.row.summary);
        runs.map(|run| (run.flow, (run.id, run.status, run.started_at))).collect()
    }
}

impl Flow {
    fn entry(&self, last_run: Option<LastRun>) -> FlowEntry {
        let row = self.row.clone();
        FlowEntry {
            id: row.id,
            engine: row.engine,
            name: row.name,
            enabled: row.enabled,
            revision: row.revision,
            issues_count: row.issues_count,
            trigger: row.trigger,
            published: row.published,
            updated_at: row.updated_at,
            last_run,
        }
    }

    /// Documents are opaque, but a connection's id stands for nothing else wherever it appears in one.
    fn uses(&self, connection: &str) -> bool {
        let live = self.row.published.and_then(|published| self.versions.get(&published.version));
        let documents = live.map(|version| &version.document).into_iter().chain([&self.row.document]);
        self.deleted_at.is_none() && documents.into_iter().any(|document| document.text().contains(connection))
    }
}

fn fits(filter: &FlowFilter, entry: &FlowEntry) -> bool {
    let contains = |text: &String| entry.name.as_str().to_lowercase().contains(&text.to_lowercase());
    filter.engine.as_ref().is_none_or(|engine| *engine == entry.engine)
        && filter.text.as_ref().is_none_or(contains)
        && filter.enabled.is_none_or(|enabled| enabled == entry.enabled)
        && filter.last_status.is_none_or(|status| entry.last_run.is_some_and(|(_, last, _)| last == status))
}

#[async_trait]
impl FlowRepository for Unit {
    async fn list(&mut self, filter: &FlowFilter, page: &PageRequest) -> Result<Page<FlowEntry>> {
        let items = self.read(|tenant| {
            let last_runs = tenant.last_runs();
            let flows = newest_first(&tenant.flows, page).filter(|flow| flow.deleted_at.is_none());
            let entries = flows.map(|flow| flow.entry(last_runs.get(&flow.row.id).copied()));
            entries.filter(|entry| fits(filter, entry)).take(enough(page)).collect()
        });
        Ok(Page::cut(items, page, |last: &FlowEntry| Cursor::new(self.workspace, key(last.id))))
    }

    async fn get(&mut self, id: FlowId) -> Result<Option<FlowRow>> {
        Ok(self.read(|tenant| tenant.live(id).map(|flow| flow.row.clone())))
    }

    async fn insert(&mut self, flow: &FlowRow) -> Result<()> {
        let row = Flow {
            row: flow.clone(),
            next_slot: None,
            deleted_at: None,
            versions: Table::default(),
            edits: Table::default(),
        };
        insert(&mut self.fill()?.flows, flow.id, Arc::new(row))
    }

    async fn update(&mut self, flow: &FlowRow, base: FlowState) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        if tenant.live(flow.id).is_none_or(|kept| kept.row.state() != base) {
            return Ok(false);
        }
        Ok(change(&mut tenant.flows, &flow.id, |kept| {
            let row = &mut Arc::make_mut(kept).row;
            let FlowRow { id, engine, hook_token, created_at, .. } = row.clone();
            *row = FlowRow { id, engine, hook_token, created_at, ..flow.clone() };
        }))
    }

    async fn next_slot(&mut self, id: FlowId) -> Result<Option<Timestamp>> {
        Ok(self.read(|tenant| tenant.live(id).and_then(|flow| flow.next_slot)))
    }

    async fn plan(&mut self, id: FlowId, next: Option<Timestamp>) -> Result<()> {
        if let Some(tenant) = self.write()?.filter(|tenant| tenant.live(id).is_some()) {
            change(&mut tenant.flows, &id, |flow| Arc::make_mut(flow).next_slot = next);
        }
        Ok(())
    }

    async fn take_slot(&mut self, id: FlowId, slot: Timestamp, next: Option<Timestamp>) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        if !tenant.live(id).is_some_and(|flow| flow.row.enabled && flow.next_slot == Some(slot)) {
            return Ok(false);
        }
        Ok(change(&mut tenant.flows, &id, |flow| Arc::make_mut(flow).next_slot = next))
    }

    async fn delete(&mut self, id: FlowId, at: Timestamp) -> Result<bool> {
        let Some(tenant) = self.write()? else { return Ok(false) };
        if tenant.live(id).is_none() {
            return Ok(false);
        }
        Ok(change(&mut tenant.flows, &id, |flow| Arc::make_mut(flow).deleted_at = Some(at)))
    }

    async fn count(&mut self) -> Result<u64> {
        Ok(self.read(|tenant| tenant.flows.values().filter(|flow| flow.deleted_at.is_none()).count() as u64))
    }

    async fn insert_version(&mut self, flow: FlowId, version: &VersionRow) -> Result<()> {
        let flow = self.fill()?.flow_mut(flow).ok_or_else(Error::not_found)?;
        insert(&mut flow.versions, version.version, version.clone())
    }

    async fn version(&mut self, flow: FlowId, version: u32) -> Result<Option<VersionRow>> {
        Ok(self.read(|tenant| tenant.flows.get(&flow).and_then(|flow| flow.versions.get(&version)).cloned()))
    }

    async fn versions(&mut self, flow: FlowId, page: &PageRequest) -> Result<Page<VersionEntry>> {
        let before = page.after.map_or(u128::MAX, Cursor::key);
        let items = self.read(|tenant| {
            let Some(flow) = tenant.flows.get(&flow) else { return Vec::new() };
            let older = flow.versions.values().rev().filter(|kept| u128::from(kept.version) < before);
            let entry = |kept: &VersionRow| {
                let VersionRow { version, at, by, note, .. } = kept.clone();
                VersionEntry { version, at, by, note }
            };
            older.take(enough(page)).map(entry).collect()
        });
        Ok(Page::cut(items, page, |last: &VersionEntry| Cursor::new(self.workspace, last.version.into())))
    }

    async fn insert_edit(&mut self, flow: FlowId, edit: &EditRow) -> Result<()> {
        let flow = self.fill()?.flow_mut(flow).ok_or_else(Error::not_found)?;
        let applied = |kept: &EditRow| !kept.conflict && kept.revision == edit.revision;
        if !edit.conflict && flow.edits.values().any(applied) {
            return Err(taken("insert a row"));
        }
        insert(&mut flow.edits, edit.id, edit.clone())
    }

    async fn edits_after(&mut self, flow: FlowId, revision: u64, limit: u32) -> Result<Vec<EditRow>> {
        Ok(self.read(|tenant| {
            let Some(flow) = tenant.flows.get(&flow) else { return Vec::new() };
            let mut edits: Vec<_> =
                flow.edits.values().filter(|edit| !edit.conflict && edit.revision > revision).cloned().collect();
            edits.sort_unstable_by_key(|edit| edit.revision);
            edits.truncate(limit as usize);
            edits
        }))
    }

    async fn edits(&mut self, flow: FlowId, page: &PageRequest) -> Result<Page<EditRow>> {
        let items = self.read(|tenant| {
            let Some(flow) = tenant.flows.get(&flow) else { return Vec::new() };
            newest_first(&flow.edits, page).take(enough(page)).cloned().collect()
        });
        Ok(Page::cut(items, page, |last: &EditRow| Cursor::new(self.workspace, key(last.id))))
    }

    async fn edit(&mut self, flow: FlowId, edit: EditId) -> Result<Option<EditRow>> {
        Ok(self.read(|tenant| tenant.flows.get(&flow).and_then(|flow| flow.edits.get(&edit)).cloned()))
    }

    async fn using(&mut self, connection: ConnectionId) -> Result<Vec<(FlowId, Label)>> {
        let connection = connection.to_string();
        Ok(self.read(|tenant| {
            let flows = tenant.flows.values().filter(|flow| flow.uses(&connection));
            flows.map(|flow| (flow.row.id, flow.row.name.clone())).collect()
        }))
    }
}
