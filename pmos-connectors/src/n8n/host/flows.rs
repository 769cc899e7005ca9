//! Reading flows, making and deleting them.

use pmos_core::{
    Error, Result,
    engine::{ExternalId, RemoteEntry, RemoteFlow},
    flow::Document,
    store::ObjectKind,
};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{
    super::client::{
        CREATE_WORKFLOW, Call, DEACTIVATE, DELETE_WORKFLOW, Fault, FaultKind, GET_WORKFLOW, LIST_WORKFLOWS, Listed,
        Page, garbled,
    },
    N8nHost, refusal,
    tenancy::OpenTenancy,
    workflow::{Body, Read, stamp},
};
use crate::upstream::pages;

/// How many workflows are asked for at once; fewer when they are so large that they do not fit into one answer.
const PAGE_SIZES: [usize; 4] = [250, 50, 10, 1];

impl N8nHost {
    pub(super) async fn list(&self, opened: &OpenTenancy<'_>) -> Result<Vec<RemoteEntry>, Fault> {
        let mut sizes = PAGE_SIZES.iter().peekable();
        while let Some(size) = sizes.next() {
            match self.list_by(opened, *size).await {
                Err(Fault { kind: FaultKind::TooLarge, .. }) if sizes.peek().is_some() => {}
                listed => return listed,
            }
        }
        Err(FaultKind::TooLarge.into())
    }

    async fn list_by(&self, opened: &OpenTenancy<'_>, size: usize) -> Result<Vec<RemoteEntry>, Fault> {
        pages(|cursor| async move {
            let call =
                Call::to(LIST_WORKFLOWS, &[]).query("limit", size.to_string()).query("excludePinnedData", "true");
            let project = opened.access.project.iter();
            let call = project.fold(call, |call, project| call.query("projectId", project.clone()));
            let page: Page<Listed> = opened.page(call, cursor).await?;
            let listed = page.data.into_iter();
            let ours = listed.filter(|listed| !listed.is_archived && opened.owns(ObjectKind::Flow, &listed.shared));
            let entries = ours.map(|listed| RemoteEntry { stamp: stamp(&listed), id: ExternalId::new(listed.id) });
            Ok((entries.collect(), page.next_cursor))
        })
        .await
    }

    /// A workflow that is the workspace's and not put away.
    pub(super) async fn read(&self, opened: &OpenTenancy<'_>, flow: &ExternalId) -> Result<Option<Read>, Fault> {
        let found = self.read_any(opened, flow).await?;
        Ok(found.filter(|read| !read.listed.is_archived))
    }

    async fn read_any(&self, opened: &OpenTenancy<'_>, flow: &ExternalId) -> Result<Option<Read>, Fault> {
        let answer = opened.by_key(Call::to(GET_WORKFLOW, &[flow.as_str()])).await;
        let Some(answer) = opened.ownership.if_there(answer)? else { return Ok(None) };
        let read = Read::of(&answer)?;
        Ok(mine(opened, flow, &read).then_some(read))
    }

    /// The same, for acts that need it.
    pub(super) async fn found(&self, opened: &OpenTenancy<'_>, flow: &ExternalId) -> Result<Read> {
        self.read(opened, flow).await?.ok_or_else(Error::not_found)
    }

    pub(super) fn flow(&self, opened: &OpenTenancy<'_>, read: Read) -> Result<RemoteFlow> {
        read.into_flow(&self.webhooks_of(&opened.site))
    }

    pub(super) async fn make(&self, opened: &OpenTenancy<'_>, name: &str, document: &Document) -> Result<RemoteFlow> {
        let mut body = self.completed(document, &Body::default())?;
        let mut may_drop = true;
        let answer = loop {
            let mut order = body_of(name, &body);
            if matches!(opened.ownership.wall(), pmos_core::engine::Wall::Project | pmos_core::engine::Wall::OwnKey)
                && let Some(project) = &opened.access.project
            {
                order["projectId"] = json!(project);
            }
            match opened.by_key(Call::to(CREATE_WORKFLOW, &[]).json(order)).await {
                Err(Fault { kind: FaultKind::Rejected(said), .. })
                    if may_drop && refusal::drop_settings(&said, &mut body) =>
                {
                    may_drop = false;
                }
                Err(Fault { kind: FaultKind::Rejected(said), .. }) => return Err(refusal::of_document(&said)),
                answer => break answer?,
            }
        };
        let read = Read::of(&answer)?;
        let id = ExternalId::new(read.listed.id.clone());
        // The server is known to mix answers up, so what counts is what it says when it is asked again.
        let read = self.read(opened, &id).await?.ok_or_else(garbled)?;
        if read.listed.name != name || !body.is_held_by(&read.body) {
            return Err(garbled().into());
        }
        self.flow(opened, read)
    }

    pub(super) async fn remove(&self, opened: &OpenTenancy<'_>, flow: &ExternalId) -> Result<()> {
        let Some(read) = self.read_any(opened, flow).await? else { return Ok(()) };
        if read.listed.active {
            self.deactivate(opened, flow).await?;
        }
        let limits = self.client.limits();
        let end = Instant::now() + limits.settle * 2;
        loop {
            let answer = opened.by_key(Call::to(DELETE_WORKFLOW, &[flow.as_str()])).await;
            match opened.ownership.if_there(answer) {
                Ok(_) => return Ok(()),
                // It is still being unpublished, or it was published in between.
                Err(Fault { kind: FaultKind::Conflict(said), .. }) if Instant::now() < end => {
                    if said.contains("published workflow") {
                        self.deactivate(opened, flow).await?;
                    }
                    sleep(limits.look * 2).await;
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    pub(super) async fn deactivate(&self, opened: &OpenTenancy<'_>, flow: &ExternalId) -> Result<(), Fault> {
        let answer = opened.by_key(Call::to(DEACTIVATE, &[flow.as_str()]).json(json!({}))).await;
        opened.ownership.if_there(answer)?.map_or(Ok(()), |answer| answer.done())
    }
}

/// Whether what came is what was asked for, and the workspace's.
fn mine(opened: &OpenTenancy<'_>, flow: &ExternalId, read: &Read) -> bool {
    if read.listed.id != flow.as_str() {
        opened.ownership.found_foreign(ObjectKind::Flow);
        return false;
    }
    opened.owns(ObjectKind::Flow, &read.listed.shared)
}

/// What n8n takes as a whole workflow.
pub(super) fn body_of(name: &str, body: &Body) -> serde_json::Value {
    let mut order = json!({
        "name": name, "nodes": body.nodes, "connections": body.connections, "settings": body.settings,
    });
    if !body.pin_data.is_empty() {
        order["pinData"] = json!(body.pin_data);
    }
    if !body.node_groups.is_null() {
        order["nodeGroups"] = body.node_groups.clone();
    }
    order
}
