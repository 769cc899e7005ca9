//! Consequences of edits where steps are connected freely.

use std::collections::BTreeSet;

use super::{
    FlowEdit, NewStep,
    error::Fault,
    expand::{Expansion, add, remove},
};
use crate::flow::{Edge, MAX_EDGES, Port, Position, Step, StepId};

impl Expansion<'_> {
    /// Inserting on an edge, said in connections: what the port led to is led to by the new step, if it is led to in
    /// the same way.
    pub(super) fn add_freely(
        &self,
        mut step: NewStep,
        after: Option<&StepId>,
        port: Option<&Port>,
    ) -> Result<Vec<FlowEdit>, Fault> {
        let before = after.map(|after| self.draft.known("after", after)).transpose()?;
        step.position = step.position.or_else(|| Some(self.beside(before)));
        let (Some(before), Some(id)) = (before, step.id.clone()) else { return Ok(vec![add(step, None, None)]) };
        let out = self.dialect.output(&step);
        let port = port.cloned().unwrap_or_else(|| out.clone());
        let (mut edits, mut onwards) = (vec![add(step, None, None)], Vec::new());
        let taken_over =
            self.draft.leaving(&before.id).filter(|edge| edge.port == port && family(&port) == family(&out));
        for Edge { from, port, to, input } in taken_over.cloned() {
            onwards.push(FlowEdit::Connect {
                from: id.clone(),
                port: out.clone(),
                to: to.clone(),
                input: input.clone(),
            });
            edits.push(FlowEdit::Disconnect { from, port, to, input });
        }
        edits.push(FlowEdit::Connect { from: before.id.clone(), port, to: id, input: None });
        edits.extend(onwards);
        Ok(edits)
    }

    /// A place where a new step does not cover another.
    fn beside(&self, before: Option<&Step>) -> Position {
        let places = || self.draft.steps().filter_map(|step| step.position);
        let start = before.and_then(|step| step.position).or_else(|| places().max_by(|a, b| a.x.total_cmp(&b.x)));
        let Some(start) = start else { return Position { x: 0.0, y: 0.0 } };
        let place = Position { x: start.x + STEP_WIDTH, y: start.y };
        let column = || places().filter(|other| (other.x - place.x).abs() < 1.0).map(|other| other.y);
        if !column().any(|y| (y - place.y).abs() < 1.0) {
            return place;
        }
        Position { y: column().fold(place.y, f64::max) + STEP_HEIGHT, ..place }
    }

    /// A place for a note: at the left edge, below everything else.
    pub(super) fn below(&self) -> Position {
        let steps = self.draft.steps().filter_map(|step| step.position.map(|place| (place, STEP_HEIGHT)));
        let notes = self.draft.notes().filter_map(|note| note.position.map(|place| (place, NOTE_HEIGHT)));
        let (mut left, mut bottom) = (f64::INFINITY, f64::NEG_INFINITY);
        for (place, height) in steps.chain(notes) {
            (left, bottom) = (left.min(place.x), bottom.max(place.y + height));
        }
        if left.is_finite() { Position { x: left, y: bottom } } else { Position { x: 0.0, y: 0.0 } }
    }

    pub(super) fn remove_freely(&self, id: &StepId, keep_following: bool) -> Result<Vec<FlowEdit>, Fault> {
        self.draft.known("id", id)?;
        if !keep_following {
            let gone = self.only_through(id);
            let edges = gone.iter().flat_map(|id| self.draft.leaving(id)).cloned();
            let cut = edges.map(|Edge { from, port, to, input }| FlowEdit::Disconnect { from, port, to, input });
            return Ok(cut.chain(gone.iter().rev().cloned().map(remove)).collect());
        }
        let first = |family_of: &Port| {
            self.draft.leaving(id).map(|edge| &edge.port).filter(|port| family(port) == family(family_of)).min()
        };
        let mut edits = Vec::new();
        let mut drawn: BTreeSet<Edge> = BTreeSet::new();
        for before in self.draft.entering(id).filter(|edge| &edge.from != id && edge.input.is_none()) {
            let Some(port) = first(&before.port) else { continue };
            for behind in self.draft.leaving(id).filter(|edge| &edge.port == port && &edge.to != id) {
                let edge = Edge { to: behind.to.clone(), input: behind.input.clone(), ..before.clone() };
                if self.draft.has_edge(&edge) || !drawn.insert(edge.clone()) {
                    continue;
                }
                if drawn.len() > MAX_EDGES {
                    return Err(Fault::new("keep_following", format!("would draw more than {MAX_EDGES} edges")));
                }
                let Edge { from, port, to, input } = edge;
                edits.push(FlowEdit::Connect { from, port, to, input });
            }
        }
        edits.push(remove(id.clone()));
        Ok(edits)
    }

    /// A step and what nothing else leads to but it, outermost first.
    fn only_through(&self, id: &StepId) -> Vec<StepId> {
        let mut gone = vec![id.clone()];
        let mut known = BTreeSet::from([id.clone()]);
        let mut at = 0;
        while let Some(step) = gone.get(at).cloned() {
            for edge in self.draft.leaving(&step) {
                let lonely = self.draft.entering(&edge.to).all(|other| known.contains(&other.from));
                if lonely && known.insert(edge.to.clone()) {
                    gone.push(edge.to.clone());
                }
            }
            at += 1;
        }
        gone
    }

    pub(super) fn duplicate_freely(&self, id: &StepId) -> Result<Vec<FlowEdit>, Fault> {
        let original = self.draft.known("id", id)?;
        let mut copies = self.copies(std::slice::from_ref(id))?;
        for copy in &mut copies {
            copy.position = Some(self.beside(Some(original)));
        }
        Ok(copies.into_iter().map(|copy| add(copy, None, None)).collect())
    }
}

const STEP_WIDTH: f64 = 220.0;
const STEP_HEIGHT: f64 = 120.0;
const NOTE_HEIGHT: f64 = 240.0;

/// What a port carries: `main` of `main:0`.
fn family(port: &Port) -> &str {
    port.numbered().map_or(port.as_str(), |(family, _)| family)
}
