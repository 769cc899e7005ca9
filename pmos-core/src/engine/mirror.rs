//! Our mirror of a flow that an engine outside keeps, and how it follows the truth.

use serde::{Deserialize, Serialize};

use super::{ExternalId, RemoteFlow, foreign, known_credentials};
use crate::{
    Actor, Error, FlowId, Id, Pmos, Result, Timestamp, WorkspaceId,
    audit::Subject,
    event::NewEvent,
    flow::{Change, Document, FlowEdit, FlowEngine, FlowView, Graph, Remains, changed, last_name, look_over},
    run::new_hook_token,
    store::{FlowRow, ObjectKind, OwnedObject, PublishedRow, UnitOfWork, VersionRow},
    workspace::Label,
};

/// Who changes what our mirror does not show yet.
pub(crate) const EXTERNAL_EDITOR: Actor = Actor::System("outside");

/// What is remembered of a flow outside.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeenFlow {
    /// As in [`RemoteFlow::stamp`].
    pub(crate) stamp: String,
    /// The version that is live or was published last.
    pub(crate) version: Option<ExternalId>,
}

impl SeenFlow {
    pub(crate) fn read(owned: &OwnedObject) -> Result<Self> {
        serde_json::from_str(owned.seen.get())
            .map_err(|cause| Error::internal("read what was seen of a flow").because(cause))
    }
}

/// Edits of ours that the engine took.
pub(crate) struct Sent {
    /// The expanded edits.
    pub(crate) edits: Vec<FlowEdit>,
    /// What they were meant to lead to.
    pub(crate) graph: Graph,
    /// What they took away unseen.
    pub(crate) remains: Option<Remains>,
}

/// What the engine has, on its way into our mirror.
pub(crate) struct Absorbing<'a> {
    pub(crate) engine: &'a dyn FlowEngine,
    pub(crate) pmos: &'a Pmos,
    /// Who made it so.
    pub(crate) author: Actor,
    pub(crate) at: Timestamp,
    /// Edits of ours that led here.
    pub(crate) sent: Option<Sent>,
    /// What was said about it.
    pub(crate) note: Option<String>,
}

/// Our mirror as it is now, and what there is to tell about it.
pub(crate) struct Absorbed {
    pub(crate) row: FlowRow,
    pub(crate) events: Vec<NewEvent>,
}

impl Absorbing<'_> {
    /// Begins a mirror of a flow that is ours from now on. None when it belongs to somebody else.
    pub(crate) async fn begin(
        self,
        unit: &mut dyn UnitOfWork,
        workspace: WorkspaceId,
        remote: &RemoteFlow,
    ) -> Result<Option<Absorbed>> {
        if let Some(owned) = unit.engines().owned_as(self.name(), ObjectKind::Flow, &remote.id).await? {
            // Whoever looked there in between was faster.
            let Some(row) = unit.flows().get(FlowId::from_uuid(owned.id)).await? else { return Ok(None) };
            return self.absorb(unit, row, remote).await.map(Some);
        }
        let known = known_credentials(unit.engines(), self.name()).await?;
        let mut row = FlowRow {
            id: self.pmos.clock().new_id()?,
            engine: self.name().to_owned(),
            name: label(&remote.name),
            enabled: false,
            revision: 1,
            document: self.engine.lens().link(&remote.document, &known)?,
            issues: Box::default(),
            issues_count: 0,
            trigger: None,
            hook_token: new_hook_token(self.pmos.clock())?,
            hook_url: remote.hook_url.clone(),
            published: None,
            created_at: self.at,
            updated_at: self.at,
        };
        let graph = self.engine.lens().view(&row.document)?;
        look_over(&mut row, self.engine, &graph)?;
        unit.flows().insert(&row).await?;
        if !self.remember(unit, row.id, None, remote).await? {
            foreign::refused(self.pmos, unit, workspace, self.name(), ObjectKind::Flow).await?;
            return Ok(None);
        }
        let created = self.event("flow.created", &row);
        let mut absorbed = self.absorb(unit, row, remote).await?;
        absorbed.events.insert(0, created);
        Ok(Some(absorbed))
    }

    /// Brings a mirror up to date.
    pub(crate) async fn absorb(
        mut self,
        unit: &mut dyn UnitOfWork,
        row: FlowRow,
        remote: &RemoteFlow,
    ) -> Result<Absorbed> {
        let lens = self.engine.lens();
        let owned = unit.engines().owned(self.name(), ObjectKind::Flow, row.id.uuid()).await?;
        let owned = owned.ok_or_else(|| Error::internal("find a flow outside that is ours"))?;
        let seen = SeenFlow::read(&owned)?;
        let known = known_credentials(unit.engines(), self.name()).await?;
        let base = row.revision;
        let mut now = FlowRow {
            document: lens.link(&remote.document, &known)?,
            name: label(&remote.name),
            hook_url: remote.hook_url.clone(),
            enabled: remote.enabled,
            ..row.clone()
        };
        let (before, graph) = (lens.view(&row.document)?, lens.view(&now.document)?);
        let mut events = Vec::new();
        let before = FlowView { name: row.name.as_str(), graph: &before };
        if let Some(change) = self.change(&row, before, &now, &graph)? {
            now.revision += 1;
            let edit = change.row(self.pmos.clock(), &self.engine.descriptor().capabilities, self.author, self.at)?;
            unit.flows().insert_edit(now.id, &edit).await?;
            events.push(changed(now.id, &edit, self.author));
        }
        if let Some(version) = remote.published.as_ref().filter(|version| seen.version.as_ref() != Some(&version.id)) {
            let document = lens.link(&version.document, &known)?;
            self.publish(unit, &mut now, &graph, document).await?;
            events.push(self.event("flow.published", &now));
        }
        if row.enabled != now.enabled {
            events.push(self.event(if now.enabled { "flow.enabled" } else { "flow.disabled" }, &now));
        }
        look_over(&mut now, self.engine, &graph)?;
        if !events.is_empty() {
            now.updated_at = self.at;
        }
        if !unit.flows().update(&now, base).await? {
            return Err(Error::conflict("conflict", "The automation was changed at the same time. Load it again."));
        }
        let version = remote.published.as_ref().map(|version| version.id.clone());
        self.remember(unit, now.id, version.or(seen.version), remote).await?;
        Ok(Absorbed { row: now, events })
    }

    fn name(&self) -> &str {
        &self.engine.descriptor().name
    }

    fn event(&self, kind: &'static str, row: &FlowRow) -> NewEvent {
        let data = serde_json::json!({
            "version": row.published.map(|published| published.version),
            "enabled": row.enabled,
        });
        NewEvent::with(kind, self.at, self.author, &Subject::new("flow", row.id), Some(&data))
    }

    /// What led from the mirror to what is there: our edits, and whatever else is different.
    fn change<'a>(
        &mut self,
        row: &FlowRow,
        before: FlowView<'a>,
        now: &FlowRow,
        graph: &Graph,
    ) -> Result<Option<Change<'a>>> {
        let lens = self.engine.lens();
        let (mut edits, reached, mut remains) = match self.sent.take() {
            Some(Sent { edits, graph, remains }) => (edits, graph, remains),
            None => (Vec::new(), before.graph.clone(), None),
        };
        let ours = !edits.is_empty();
        if label(last_name(&edits).unwrap_or(before.name)) != now.name {
            edits.push(FlowEdit::Rename { name: now.name.to_string() });
        }
        edits.extend(lens.diff(&reached, graph));
        if edits.is_empty() {
            return Ok(None);
        }
        if !ours {
            remains = lens.remains(&row.document, &edits)?;
        }
        Ok(Some(Change { before, base: row.revision, edits, remains, note: self.note.clone() }))
    }

    /// The published document as a version of ours, numbered on from the last one.
    async fn publish(
        &self,
        unit: &mut dyn UnitOfWork,
        row: &mut FlowRow,
        draft: &Graph,
        document: Document,
    ) -> Result<()> {
        let is_draft = self.engine.lens().view(&document)? == *draft;
        let published = PublishedRow {
            version: row.published.map_or(1, |published| published.version + 1),
            // Published outside from a draft that we never saw: no revision of ours.
            revision: if is_draft { row.revision } else { 0 },
            at: self.at,
        };
        let version = VersionRow {
            version: published.version,
            document,
            revision: published.revision,
            at: self.at,
            by: self.author.to_string(),
            note: self.note.clone(),
        };
        unit.flows().insert_version(row.id, &version).await?;
        row.published = Some(published);
        Ok(())
    }

    async fn remember(
        &self,
        unit: &mut dyn UnitOfWork,
        flow: FlowId,
        version: Option<ExternalId>,
        remote: &RemoteFlow,
    ) -> Result<bool> {
        let seen = SeenFlow { stamp: remote.stamp.clone(), version };
        let seen = serde_json::value::to_raw_value(&seen)
            .map_err(|cause| Error::internal("write what was seen of a flow").because(cause))?;
        let object =
            OwnedObject { kind: ObjectKind::Flow, id: flow.uuid(), external: remote.id.clone(), seen, at: self.at };
        unit.engines().claim(self.name(), &object).await
    }
}

/// A name from outside as one of ours: on one line, cut where it is too long.
pub(crate) fn label(name: &str) -> Label {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(Label::MOST).collect();
    plain.parse().unwrap_or_else(|_| Label::untitled())
}
