//! Reads and changes documents; see the [module](super).

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use pmos_core::{
    Error, Result,
    engine::KnownCredential,
    flow::{
        Capabilities, Dialect, Document, EditError, EngineDescriptor, FlowEdit, FlowLens, Graph, Issue, Reference,
        Remains, StepId,
    },
};

use super::{
    check,
    dialect::N8nDialect,
    document::{Link, N8nDocument},
    expression::{self, Target},
    mapping::{self, Taken},
    node::kind_of,
    versions::{KnownVersions, TypeVersions},
};

/// What this engine can do. Steps are told live only of runs that are started as n8n's own editor does, which is less than
/// [`Capabilities::live_steps`] promises.
pub const CAPABILITIES: Capabilities = Capabilities {
    free_layout: true,
    multiple_triggers: true,
    drafts: true,
    versions: true,
    rollback: true,
    test_step: false,
    live_steps: false,
    cancel_running: true,
    retry_from_failed: true,
    start_with_input: true,
    error_ports: true,
    connections: true,
    dynamic_options: true,
    hard_isolation: false,
};

/// What the engine is called here.
pub(super) const NAME: &str = "n8n";

/// The engine as it introduces itself.
pub fn descriptor(version: impl Into<String>) -> EngineDescriptor {
    EngineDescriptor {
        name: NAME.to_owned(),
        title: "n8n".to_owned(),
        version: version.into(),
        capabilities: CAPABILITIES,
    }
}

/// The lens of this engine.
#[derive(Debug, Clone)]
pub struct N8nLens {
    versions: Arc<dyn TypeVersions>,
}

impl Default for N8nLens {
    fn default() -> Self {
        Self::new(Arc::new(KnownVersions))
    }
}

impl N8nLens {
    /// A lens that gives new nodes the versions it is told here.
    pub fn new(versions: Arc<dyn TypeVersions>) -> Self {
        Self { versions }
    }

    /// The document after these explicit edits; a fault names the place of its edit among them.
    fn changed(&self, mut document: N8nDocument, edits: &[FlowEdit], kept: &Taken) -> Result<Document> {
        let before = mapping::view(&document);
        let after = folded(&before, edits)?;
        mapping::change(&mut document, &before, &after, &*self.versions, kept);
        document.write()
    }
}

impl FlowLens for N8nLens {
    fn create(&self, graph: &Graph) -> Result<Document> {
        graph.admit(&CAPABILITIES)?;
        let graph = usual(graph.clone());
        mapping::fit(&Graph::default(), &graph).map_err(|mismatch| mismatch.in_graph(&graph))?;
        let mut document = N8nDocument::default();
        mapping::change(&mut document, &Graph::default(), &graph, &*self.versions, &Taken::default());
        document.write()
    }

    fn duplicate(&self, document: &Document) -> Result<Document> {
        let mut document = N8nDocument::read(document)?;
        document.forget_addresses();
        document.write()
    }

    fn view(&self, document: &Document) -> Result<Graph> {
        Ok(mapping::into_view(N8nDocument::read(document)?))
    }

    fn expand(&self, document: &Document, edit: &FlowEdit) -> Result<Vec<FlowEdit>> {
        let before = mapping::into_view(N8nDocument::read(document)?);
        let (explicit, after) = before.edit(&[normal(edit)], &CAPABILITIES, &N8nDialect)?;
        fitting(&before, after, &explicit).map_err(|error| EditError { edit: 0, ..error })?;
        Ok(explicit)
    }

    fn apply(&self, document: &Document, edits: &[FlowEdit]) -> Result<Document> {
        if edits.is_empty() {
            return Ok(document.clone());
        }
        self.changed(N8nDocument::read(document)?, edits, &Taken::default())
    }

    fn edit(&self, document: &Document, edits: &[FlowEdit]) -> Result<(Document, Vec<FlowEdit>)> {
        if edits.is_empty() {
            return Ok((document.clone(), Vec::new()));
        }
        let mut read = N8nDocument::read(document)?;
        let before = mapping::view(&read);
        let requests: Vec<FlowEdit> = edits.iter().map(normal).collect();
        let (explicit, after) = before.edit(&requests, &CAPABILITIES, &N8nDialect)?;
        let after = fitting(&before, after, &explicit)
            .map_err(|error| error.of_request(&before, &requests, &CAPABILITIES, &N8nDialect))?;
        mapping::change(&mut read, &before, &after, &*self.versions, &Taken::default());
        Ok((read.write()?, explicit))
    }

    fn remains(&self, document: &Document, edits: &[FlowEdit]) -> Result<Option<Remains>> {
        let document = N8nDocument::read(document)?;
        let before = mapping::view(&document);
        let after = folded(&before, edits)?;
        let kept = mapping::keep(&document, &before, &after);
        let remains = kept.map(|kept| Remains::write(&kept)).transpose();
        remains.map_err(|cause| Error::internal("write what edits take away").because(cause))
    }

    fn restore(&self, document: &Document, edits: &[FlowEdit], remains: &Remains) -> Result<Document> {
        if edits.is_empty() {
            return Ok(document.clone());
        }
        let kept = remains.read().map_err(|cause| Error::internal("read what edits took away").because(cause))?;
        self.changed(N8nDocument::read(document)?, edits, &kept)
    }

    fn diff(&self, from: &Graph, to: &Graph) -> Vec<FlowEdit> {
        from.diff(to, &CAPABILITIES)
    }

    fn check(&self, document: &Document) -> Vec<Issue> {
        match N8nDocument::read(document) {
            Ok(document) => check::check(&document, &mapping::view(&document)),
            Err(error) => {
                let (code, message) = ("unreadable".to_owned(), error.detail().to_owned());
                vec![Issue { step: None, field: None, code, message }]
            }
        }
    }

    fn link(&self, document: &Document, known: &[KnownCredential]) -> Result<Document> {
        let mut document = N8nDocument::read(document)?;
        document.link(known.iter().map(|known| {
            let link =
                Link { id: known.external.as_str().to_owned(), kind: known.kind.clone(), name: known.name.clone() };
            (known.connection, link)
        }));
        document.write()
    }

    fn dialect(&self) -> &dyn Dialect {
        &N8nDialect
    }

    fn references(&self, document: &Document) -> Vec<Reference> {
        let Ok(document) = N8nDocument::read(document) else { return Vec::new() };
        let graph = mapping::view(&document);
        let ids = mapping::ids(&document.workflow.nodes);
        let owners = mapping::owners(&document.workflow.nodes, &ids);
        let before = only_before(&graph);
        let mut references = Vec::new();
        for step in &graph.steps {
            expression::visit(&step.piece, &step.settings, &mut |field, text, dress| {
                for found in expression::find(text, dress) {
                    let target = match &found.target {
                        Target::Named { name, .. } => owners.get(name.as_str()).and_then(|id| id.parse().ok()),
                        Target::Before => before.get(&step.id).copied().flatten().cloned(),
                    };
                    if let Some(target) = target {
                        references.push(Reference {
                            step: step.id.clone(),
                            field: field.to_owned(),
                            range: (found.range.start, found.range.end),
                            target,
                            path: found.path,
                        });
                    }
                }
            });
        }
        references
    }

    fn forms(&self, document: &Document) -> BTreeMap<StepId, String> {
        N8nDocument::read(document).map(|document| mapping::forms(&document)).unwrap_or_default()
    }
}

/// The step whose data a step gets, where there is exactly one.
fn only_before(graph: &Graph) -> HashMap<&StepId, Option<&StepId>> {
    let mut before: HashMap<&StepId, Option<&StepId>> = HashMap::new();
    for edge in graph.edges.iter().filter(|edge| edge.port.as_str().starts_with("main:")) {
        let known = before.entry(&edge.to).or_insert(Some(&edge.from));
        *known = known.filter(|from| *from == &edge.from);
    }
    before
}

/// The graph after explicit edits, if a workflow can hold it.
fn folded(before: &Graph, edits: &[FlowEdit]) -> Result<Graph> {
    Ok(fitting(before, before.apply(edits, &CAPABILITIES)?, edits)?)
}

/// The graph that explicit edits led to, if a workflow can hold it.
fn fitting(before: &Graph, after: Graph, edits: &[FlowEdit]) -> Result<Graph, EditError> {
    let after = usual(after);
    mapping::fit(before, &after).map_err(|mismatch| mismatch.in_edits(edits))?;
    Ok(after)
}

fn usual(graph: Graph) -> Graph {
    Graph { edges: graph.edges.into_iter().map(mapping::usual).collect(), ..graph }
}

/// An edit as this engine would say it: usual inputs left out, steps of the kind that their type is of.
fn normal(edit: &FlowEdit) -> FlowEdit {
    let mut edit = edit.clone();
    match &mut edit {
        FlowEdit::AddStep { step, .. } | FlowEdit::ReplaceStep { step, .. } => step.kind = kind_of(&step.piece),
        FlowEdit::Connect { port, input, .. } | FlowEdit::Disconnect { port, input, .. } => {
            *input = input.take().filter(|input| !mapping::is_usual_input(port, input));
        }
        _ => {}
    }
    edit
}
