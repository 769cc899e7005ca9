//! A graph in the form in which edits are applied: indexed by step, remembering what was touched.

use std::collections::{BTreeMap, BTreeSet};

use super::touch::Touched;
use crate::flow::{Capabilities, Edge, Graph, Note, Port, Step, StepId, StepKind};

/// The working form. Every change goes through the few methods below, so that what an edit touches is what it did.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) engine: Capabilities,
    steps: BTreeMap<StepId, Step>,
    out: BTreeMap<StepId, BTreeSet<Edge>>,
    into: BTreeMap<StepId, BTreeSet<Edge>>,
    edge_count: usize,
    notes: BTreeMap<String, Note>,
    touching: Touched,
    new: BTreeSet<StepId>,
}

impl Draft {
    pub(super) fn new(graph: &Graph, engine: &Capabilities) -> Self {
        let mut draft = Self {
            engine: *engine,
            steps: graph.steps.iter().map(|step| (step.id.clone(), step.clone())).collect(),
            out: BTreeMap::new(),
            into: BTreeMap::new(),
            edge_count: 0,
            notes: graph.notes.iter().map(|note| (note.id.clone(), note.clone())).collect(),
            touching: Touched::default(),
            new: BTreeSet::new(),
        };
        for edge in &graph.edges {
            draft.lay(edge.clone().plain());
        }
        draft
    }

    pub(super) fn into_graph(self) -> Graph {
        let graph = Graph {
            steps: self.steps.into_values().collect(),
            edges: self.out.into_values().flatten().collect(),
            notes: self.notes.into_values().collect(),
        };
        graph.into_reading_order()
    }

    pub(super) fn touched(self) -> Touched {
        let new = self.new;
        self.touching.without(|id| new.contains(id))
    }

    pub(super) fn touching(&mut self) -> &mut Touched {
        &mut self.touching
    }

    // Looking.

    pub(super) fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.get(id)
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.values()
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.out.values().flatten()
    }

    pub(super) fn edge_count(&self) -> usize {
        self.edge_count
    }

    pub(super) fn has_edge(&self, edge: &Edge) -> bool {
        self.out.get(&edge.from).is_some_and(|edges| edges.contains(edge))
    }

    pub(super) fn leaving(&self, id: &StepId) -> impl Iterator<Item = &Edge> + use<'_> {
        self.out.get(id).into_iter().flatten()
    }

    pub(super) fn entering(&self, id: &StepId) -> impl Iterator<Item = &Edge> + use<'_> {
        self.into.get(id).into_iter().flatten()
    }

    pub(super) fn notes(&self) -> impl Iterator<Item = &Note> {
        self.notes.values()
    }

    pub(super) fn note(&self, id: &str) -> Option<&Note> {
        self.notes.get(id)
    }

    pub(super) fn trigger(&self) -> Option<&Step> {
        self.steps.values().find(|step| step.kind == StepKind::Trigger)
    }

    /// The one edge that leads to a step of a structured flow.
    pub(super) fn parent(&self, id: &StepId) -> Option<&Edge> {
        self.entering(id).next()
    }

    /// The one edge that leaves `from` by `port` in a structured flow.
    pub(super) fn at(&self, from: &StepId, port: &Port) -> Option<&Edge> {
        self.leaving(from).find(|edge| &edge.port == port)
    }

    /// The steps that follow one another from `from` by `port`, without what is inside them.
    pub(super) fn chain(&self, from: &StepId, port: &Port) -> Vec<StepId> {
        let mut chain = Vec::new();
        let next = Port::next();
        let mut edge = self.at(from, port);
        while let Some(Edge { to, .. }) = edge {
            if chain.len() == self.steps.len() {
                break;
            }
            chain.push(to.clone());
            edge = self.at(to, &next);
        }
        chain
    }

    /// A step and everything inside it, outermost first. Without recursion: a flow may be a thousand loops deep.
    pub(super) fn subtree(&self, id: &StepId) -> Vec<StepId> {
        let mut inside = vec![id.clone()];
        let mut seen = BTreeSet::from([id.clone()]);
        let mut at = 0;
        while let Some(step) = inside.get(at).cloned() {
            let own = at == 0;
            for edge in self.leaving(&step).filter(|edge| !(own && edge.port.is_next())) {
                if seen.insert(edge.to.clone()) {
                    inside.push(edge.to.clone());
                }
            }
            at += 1;
        }
        inside
    }

    /// The steps that `id` stands inside of, innermost first.
    pub(super) fn owners(&self, id: &StepId) -> Vec<StepId> {
        let mut owners = Vec::new();
        if self.engine.free_layout {
            return owners;
        }
        let mut at = id;
        for _ in 0..self.steps.len() {
            let Some(edge) = self.parent(at) else { break };
            if !edge.port.is_next() {
                owners.push(edge.from.clone());
            }
            at = &edge.from;
        }
        owners
    }

    // Changing.

    pub(super) fn insert(&mut self, step: Step) {
        self.new.insert(step.id.clone());
        self.steps.insert(step.id.clone(), step);
    }

    /// Changes a step in place; the caller says what that touches.
    pub(super) fn step_mut(&mut self, id: &StepId) -> Option<&mut Step> {
        self.steps.get_mut(id)
    }

    /// Takes out a step with every edge at it.
    pub(super) fn remove(&mut self, id: &StepId) {
        let edges: Vec<Edge> = self.leaving(id).chain(self.entering(id)).cloned().collect();
        for edge in &edges {
            self.unlink(edge);
        }
        self.steps.remove(id);
        self.touching.write_all_of(id);
    }

    pub(super) fn link(&mut self, edge: Edge) {
        let edge = edge.plain();
        self.touching.write_edge(&edge, self.engine.free_layout);
        self.touching.rely_on_ends(&edge);
        self.lay(edge);
    }

    fn lay(&mut self, edge: Edge) {
        self.into.entry(edge.to.clone()).or_default().insert(edge.clone());
        if self.out.entry(edge.from.clone()).or_default().insert(edge) {
            self.edge_count += 1;
        }
    }

    pub(super) fn unlink(&mut self, edge: &Edge) {
        self.touching.write_edge(edge, self.engine.free_layout);
        if self.out.get_mut(&edge.from).is_some_and(|edges| edges.remove(edge)) {
            self.edge_count -= 1;
        }
        if let Some(edges) = self.into.get_mut(&edge.to) {
            edges.remove(edge);
        }
    }

    pub(super) fn set_note(&mut self, note: Note) {
        self.touching.write(super::touch::FieldPath::Flow, ["notes", &note.id]);
        self.notes.insert(note.id.clone(), note);
    }

    pub(super) fn remove_note(&mut self, id: &str) {
        self.touching.write(super::touch::FieldPath::Flow, ["notes", id]);
        self.notes.remove(id);
    }
}
