//! Our mirror of a flow that a remote engine keeps, and how it follows the truth.

use serde::{Deserialize, Serialize};

use super::{ExternalId, KnownCredential, RemoteFlow, known_credentials};
use crate::{
    Actor, Clock, Error, FlowId, Id, Result, Timestamp,
    audit::Subject,
    event::NewEvent,
    flow::{Change, Document, FlowEdit, FlowEngine, FlowView, Graph, Remains, changed, last_name, look_over},
    readable::is_deceptive,
    run::new_hook_token,
    store::{EditRow, FlowRow, FlowState, ObjectKind, OwnedObject, PublishedRow, UnitOfWork, VersionRow},
    workspace::Label,
};

/// Who changes what our mirror does not show yet.
pub(crate) const EXTERNAL_EDITOR: Actor = Actor::System("outside");

/// What is remembered of a remote flow.
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

/// What our store has of a remote flow.
pub(crate) struct Mirror {
    /// The flow, and what was seen of it; none before its mirror is begun.
    kept: Option<(FlowRow, SeenFlow)>,
    known: Vec<KnownCredential>,
}

impl Mirror {
    /// The mirror of a flow; none when it is not there.
    pub(crate) async fn of(unit: &mut dyn UnitOfWork, engine: &dyn FlowEngine, flow: FlowId) -> Result<Option<Self>> {
        let name = &engine.descriptor().name;
        let Some(row) = unit.flows().get(flow).await? else { return Ok(None) };
        let owned = unit.engines().owned(name, ObjectKind::Flow, flow.uuid()).await?;
        let owned = owned.ok_or_else(|| Error::internal("find a remote flow that is ours"))?;
        let kept = Some((row, SeenFlow::read(&owned)?));
        Ok(Some(Self { kept, known: known_credentials(unit.engines(), name).await? }))
    }

    /// The mirror of what the engine knows under this id, begun if there is none; none when it was taken away here.
    pub(crate) async fn find(
        unit: &mut dyn UnitOfWork,
        engine: &dyn FlowEngine,
        external: &ExternalId,
    ) -> Result<Option<Self>> {
        let name = &engine.descriptor().name;
        match unit.engines().owned_as(name, ObjectKind::Flow, external).await? {
            Some(owned) => Self::of(unit, engine, FlowId::from_uuid(owned.id)).await,
            None => Ok(Some(Self { kept: None, known: known_credentials(unit.engines(), name).await? })),
        }
    }

    /// The same, read anew.
    pub(crate) async fn again(
        &self,
        unit: &mut dyn UnitOfWork,
        engine: &dyn FlowEngine,
        external: &ExternalId,
    ) -> Result<Option<Self>> {
        match &self.kept {
            Some((row, _)) => Self::of(unit, engine, row.id).await,
            None => Self::find(unit, engine, external).await,
        }
    }

    /// Whether nothing of it is kept yet.
    pub(crate) fn is_new(&self) -> bool {
        self.kept.is_none()
    }

    /// The flow.
    pub(crate) fn flow(&self) -> Result<&FlowRow> {
        self.kept.as_ref().map(|(row, _)| row).ok_or_else(|| Error::internal("find the mirror of a flow"))
    }

    /// Names the credentials that are known by now.
    pub(crate) fn link(&mut self, engine: &dyn FlowEngine) -> Result<()> {
        if let Some((row, _)) = &mut self.kept {
            row.document = engine.lens().link(&row.document, &self.known)?;
        }
        Ok(())
    }
}

/// What the engine has, on its way into our mirror.
pub(crate) struct Absorbing<'a> {
    pub(crate) engine: &'a dyn FlowEngine,
    pub(crate) clock: &'a dyn Clock,
    /// Who made it so.
    pub(crate) author: Actor,
    pub(crate) at: Timestamp,
    /// Edits of ours that led here.
    pub(crate) sent: Option<Sent>,
    /// What was said about it.
    pub(crate) note: Option<String>,
}

/// Our mirror as it should be, and what there is to tell about it. Nothing of it is written yet.
pub(crate) struct Absorbed {
    pub(crate) row: FlowRow,
    pub(crate) events: Vec<NewEvent>,
    /// What was read, which must not have changed; none for a new mirror.
    base: Option<FlowState>,
    edit: Option<EditRow>,
    version: Option<VersionRow>,
    owned: OwnedObject,
}

impl Absorbed {
    /// Writes it, if nothing came in between. False, and the unit is of no more use, when another was faster or, for a new
    /// mirror, when the flow is foreign.
    pub(crate) async fn keep(&self, unit: &mut dyn UnitOfWork) -> Result<bool> {
        let Self { row, base, edit, version, owned, .. } = self;
        match base {
            Some(base) if !unit.flows().update(row, *base).await? => return Ok(false),
            Some(_) => {}
            None => unit.flows().insert(row).await?,
        }
        if let Some(edit) = edit {
            unit.flows().insert_edit(row.id, edit).await?;
        }
        if let Some(version) = version {
            unit.flows().insert_version(row.id, version).await?;
        }
        unit.engines().claim(&row.engine, owned).await
    }
}

impl Absorbing<'_> {
    /// What brings a mirror up to date.
    pub(crate) fn compare(mut self, mirror: &Mirror, remote: &RemoteFlow) -> Result<Absorbed> {
        let lens = self.engine.lens();
        let linked = |document: &Document| lens.link(document, &mirror.known);
        let mut events = Vec::new();
        let (row, seen) = if let Some((row, seen)) = &mirror.kept {
            (row.clone(), seen.clone())
        } else {
            let row = self.fresh(remote, linked(&remote.document)?)?;
            events.push(self.event("flow.created", &row));
            (row, SeenFlow::default())
        };
        let mut now = FlowRow {
            document: linked(&remote.document)?,
            name: label(&remote.name),
            hook_url: remote.hook_url.clone(),
            enabled: remote.enabled,
            ..row.clone()
        };
        let (before, graph) = (lens.view(&row.document)?, lens.view(&now.document)?);
        let before = FlowView { name: row.name.as_str(), graph: &before };
        let mut edit = None;
        if let Some(change) = self.change(&row, before, &now, &graph)? {
            now.revision += 1;
            let change = change.row(self.clock, &self.engine.descriptor().capabilities, self.author, self.at)?;
            events.push(changed(now.id, &change, self.author));
            edit = Some(change);
        }
        let mut version = None;
        match (&remote.published, &mut now.published) {
            (Some(live), _) if seen.version.as_ref() != Some(&live.id) => {
                version = Some(self.publish(&mut now, &graph, linked(&live.document)?)?);
                events.push(self.event("flow.published", &now));
            }
            // Taking back every change leaves nothing to publish.
            (Some(live), Some(published)) if edit.is_some() && lens.view(&linked(&live.document)?)? == graph => {
                published.revision = now.revision;
            }
            _ => {}
        }
        if row.enabled != now.enabled {
            events.push(self.event(if now.enabled { "flow.enabled" } else { "flow.disabled" }, &now));
        }
        look_over(&mut now, self.engine, &graph)?;
        if !events.is_empty() {
            now.updated_at = self.at;
        }
        let live = remote.published.as_ref().map(|version| version.id.clone());
        let owned = self.owned(now.id, live.or(seen.version), remote)?;
        let base = mirror.kept.as_ref().map(|(row, _)| row.state());
        Ok(Absorbed { row: now, events, base, edit, version, owned })
    }

    /// A flow that is ours from now on, before anything of it was published or switched on.
    fn fresh(&self, remote: &RemoteFlow, document: Document) -> Result<FlowRow> {
        Ok(FlowRow {
            id: self.clock.new_id()?,
            engine: self.engine.descriptor().name.clone(),
            name: label(&remote.name),
            enabled: false,
            revision: 1,
            document,
            issues: Box::default(),
            issues_count: 0,
            trigger: None,
            hook_token: new_hook_token(self.clock)?,
            hook_url: remote.hook_url.clone(),
            published: None,
            created_at: self.at,
            updated_at: self.at,
        })
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
    fn publish(&self, row: &mut FlowRow, draft: &Graph, document: Document) -> Result<VersionRow> {
        let is_draft = self.engine.lens().view(&document)? == *draft;
        let published = PublishedRow {
            version: row.published.map_or(1, |published| published.version + 1),
            // Published at the engine from a draft that we never saw: no revision of ours.
            revision: if is_draft { row.revision } else { 0 },
            at: self.at,
        };
        row.published = Some(published);
        Ok(VersionRow {
            version: published.version,
            document,
            revision: published.revision,
            at: self.at,
            by: self.author.to_string(),
            note: self.note.clone(),
        })
    }

    fn owned(&self, flow: FlowId, version: Option<ExternalId>, remote: &RemoteFlow) -> Result<OwnedObject> {
        let seen = SeenFlow { stamp: remote.stamp.clone(), version };
        let seen = serde_json::value::to_raw_value(&seen)
            .map_err(|cause| Error::internal("write what was seen of a flow").because(cause))?;
        Ok(OwnedObject { kind: ObjectKind::Flow, id: flow.uuid(), external: remote.id.clone(), seen, at: self.at })
    }
}

/// A name from a remote engine as one of ours: on one line, cut where it is too long, without what hides or turns it.
pub(crate) fn label(name: &str) -> Label {
    let seen = name.chars().filter(|c| !is_deceptive(*c));
    let plain: String = seen.map(|c| if c.is_control() { ' ' } else { c }).take(Label::MOST).collect();
    plain.parse().unwrap_or_else(|_| Label::untitled())
}
