//! What every graph must be, whatever its steps do.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    Capabilities, Edge, Graph, Issue, MAX_EDGES, MAX_GRAPH_BYTES, MAX_STEPS, Port, StepId, StepKind,
    limits::{self, json_bytes},
};
use crate::{Error, Result};

impl Graph {
    /// What keeps this from being a graph that can be kept at all; empty when it is well formed.
    ///
    /// An empty graph is: it is where building begins. Where steps form a tree, any other has one trigger, from which
    /// exactly one way leads to every step.
    pub fn structure(&self, engine: &Capabilities) -> Vec<Issue> {
        if let Some(issue) = self.too_large() {
            return vec![issue];
        }
        let mut issues = Vec::new();
        let mut ids = HashSet::new();
        for step in &self.steps {
            if !ids.insert(&step.id) {
                issues.push(Issue::of(
                    &step.id,
                    "duplicate_id",
                    "another step has this id; give one of them a new one",
                ));
            }
            if let Some((field, message)) = limits::step_fault(step) {
                issues.push(Issue::of(&step.id, "out_of_range", format!("{field} {message}")).at(field));
            }
            if step.position.is_some() && !engine.free_layout {
                let message = "this engine lays its steps out by itself; leave the position out";
                issues.push(Issue::of(&step.id, "position", message).at("position"));
            }
        }
        let mut notes = HashSet::new();
        for note in self.notes.iter().filter(|note| !notes.insert(&note.id)) {
            let id = limits::clip(&note.id);
            issues.push(Issue::of_flow("duplicate_note", format!("two notes have the id {id:?}; give one another")));
        }
        let mut edges = HashSet::new();
        for edge in &self.edges {
            for end in [&edge.from, &edge.to].into_iter().filter(|end| !ids.contains(end)) {
                let message =
                    format!("an edge from {:?} to {:?} needs a step {end:?} that is not there", edge.from, edge.to);
                issues.push(Issue::of_flow("dangling_edge", message));
            }
            if !edges.insert(edge.clone().plain()) {
                let message = format!("leads to {:?} by port {:?} twice; leave one edge out", edge.to, edge.port);
                issues.push(Issue::of(&edge.from, "duplicate_edge", message));
            }
        }
        if !engine.multiple_triggers {
            for step in self.triggers().skip(1) {
                let message = "is a second trigger; this engine takes one, so remove it or make it a flow of its own";
                issues.push(Issue::of(&step.id, "second_trigger", message));
            }
        }
        if !engine.free_layout {
            self.tree_issues(&mut issues);
        }
        issues
    }

    /// Refuses a graph that is not well formed.
    ///
    /// # Errors
    /// [`Error::invalid`] naming every fault as `graph.steps[2]`, with the fix.
    pub fn admit(&self, engine: &Capabilities) -> Result<()> {
        let place: HashMap<&StepId, usize> = self.steps.iter().enumerate().map(|(at, step)| (&step.id, at)).collect();
        let mut faults = self.structure(engine).into_iter().map(|issue| {
            let mut field = match issue.step.as_ref().and_then(|step| place.get(step)) {
                Some(at) => format!("graph.steps[{at}]"),
                None => "graph".to_owned(),
            };
            if let Some(inner) = issue.field {
                field = format!("{field}.{inner}");
            }
            (field, issue.message)
        });
        let Some((field, message)) = faults.next() else { return Ok(()) };
        Err(faults.take(20).fold(Error::invalid(field, message), |error, (field, message)| error.at(field, message)))
    }

    fn too_large(&self) -> Option<Issue> {
        let sizes = [
            ("steps", self.steps.len(), MAX_STEPS),
            ("edges", self.edges.len(), MAX_EDGES),
            ("bytes", json_bytes(self), MAX_GRAPH_BYTES),
        ];
        let (what, size, most) = sizes.into_iter().find(|(_, size, most)| size > most)?;
        Some(Issue::of_flow("too_large", format!("the flow has {size} {what}, {most} is the most; split it in two")))
    }

    fn tree_issues(&self, issues: &mut Vec<Issue>) {
        let mut ports: HashSet<(&StepId, &Port)> = HashSet::new();
        let mut entered: HashSet<&StepId> = HashSet::new();
        for edge in &self.edges {
            if !ports.insert((&edge.from, &edge.port)) {
                let message = format!("leads to several steps by port {:?}; put them behind one another", edge.port);
                issues.push(Issue::of(&edge.from, "port_taken", message));
            }
            if !entered.insert(&edge.to) {
                let message = "is led to by several steps; keep one edge and duplicate the step for the others";
                issues.push(Issue::of(&edge.to, "several_incoming", message));
            }
            if edge.input.as_deref().is_some_and(|input| input != "in") {
                issues.push(Issue::of(&edge.to, "unknown_input", "has one way in; leave the input of the edge out"));
            }
        }
        for trigger in self.triggers().filter(|step| entered.contains(&step.id)) {
            let message = "starts the flow, so nothing can come before it; remove the edge that leads to it";
            issues.push(Issue::of(&trigger.id, "trigger_entered", message));
        }
        self.reach_issues(issues);
    }

    /// Steps that no way leads to, and among them those that lead to themselves.
    fn reach_issues(&self, issues: &mut Vec<Issue>) {
        let mut out: HashMap<&StepId, Vec<&Edge>> = HashMap::new();
        for edge in &self.edges {
            out.entry(&edge.from).or_default().push(edge);
        }
        let mut reached: HashSet<&StepId> = HashSet::new();
        let mut waiting: Vec<&StepId> = self.triggers().map(|step| &step.id).collect();
        while let Some(id) = waiting.pop() {
            if reached.insert(id) {
                waiting.extend(out.get(id).into_iter().flatten().map(|edge| &edge.to));
            }
        }
        let cycle = self.cycle();
        for step in self.steps.iter().filter(|step| step.kind == StepKind::Action) {
            let id = &step.id;
            if cycle.contains(id) {
                let message = "leads back to itself; remove the edge that goes back, or use a loop";
                issues.push(Issue::of(id, "cycle", message));
            } else if !reached.contains(id) {
                let message = "is never reached; let another step lead to it, or remove it";
                issues.push(Issue::of(id, "unreachable", message));
            }
        }
    }

    /// The steps that remain when those that nothing (more) leads to are taken away, and then those that lead nowhere.
    fn cycle(&self) -> BTreeSet<&StepId> {
        let ids: BTreeSet<&StepId> = self.steps.iter().map(|step| &step.id).collect();
        let forward = prune(ids, &self.edges, |edge| (&edge.from, &edge.to));
        prune(forward, &self.edges, |edge| (&edge.to, &edge.from))
    }
}

/// Takes away, again and again, what no remaining edge leads to.
fn prune<'a>(
    mut ids: BTreeSet<&'a StepId>,
    edges: &'a [Edge],
    ends: impl Fn(&'a Edge) -> (&'a StepId, &'a StepId),
) -> BTreeSet<&'a StepId> {
    let mut entering: HashMap<&StepId, usize> = HashMap::new();
    let mut out: HashMap<&StepId, Vec<&StepId>> = HashMap::new();
    for (from, to) in edges.iter().map(ends).filter(|(from, to)| ids.contains(from) && ids.contains(to)) {
        *entering.entry(to).or_default() += 1;
        out.entry(from).or_default().push(to);
    }
    let mut waiting: Vec<&StepId> = ids.iter().copied().filter(|id| !entering.contains_key(id)).collect();
    while let Some(id) = waiting.pop() {
        ids.remove(id);
        for to in out.get(id).into_iter().flatten() {
            if let Some(count) = entering.get_mut(to) {
                *count -= 1;
                if *count == 0 {
                    waiting.push(to);
                }
            }
        }
    }
    ids
}

impl Issue {
    pub(super) fn of(step: &StepId, code: &str, message: impl Into<String>) -> Self {
        Self { step: Some(step.clone()), field: None, code: code.to_owned(), message: message.into() }
    }

    pub(super) fn of_flow(code: &str, message: impl Into<String>) -> Self {
        Self { step: None, field: None, code: code.to_owned(), message: message.into() }
    }

    pub(super) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}
