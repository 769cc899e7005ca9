//! The edits that lead from one graph to another.

use std::collections::{BTreeSet, HashMap};

use super::{FlowEdit, draft::Draft, patch, step::Head};
use crate::flow::{Capabilities, Edge, Graph, Port, Position, Step, StepId, StepKind};

impl Graph {
    /// Edits that lead from this graph to `to`: expanded, few, and each step touched only where it differs.
    ///
    /// `self.apply(&self.diff(to, engine), engine)` equals `to.in_reading_order()` whenever both are well formed
    /// ([`Graph::structure`]); otherwise the edits lead as near as edits can.
    pub fn diff(&self, to: &Self, engine: &Capabilities) -> Vec<FlowEdit> {
        let mut path = Way { draft: Draft::new(self, engine), edits: Vec::new() };
        let goal = Draft::new(to, engine);
        let to = to.in_reading_order();
        if engine.free_layout {
            path.reconnect_freely(&to, &goal);
        } else {
            path.rearrange(&self.in_reading_order(), &to, &goal);
        }
        for step in &to.steps {
            path.update(step);
        }
        path.rewrite_notes(&goal);
        path.edits
    }
}

struct Way {
    draft: Draft,
    edits: Vec<FlowEdit>,
}

impl Way {
    /// Takes an edit if it fits, which it does for well-formed graphs.
    fn go(&mut self, edit: FlowEdit) {
        // An edit that does not fit is refused before it changes anything in the draft that `diff` makes.
        if self.draft.apply(&edit).is_ok() {
            self.edits.push(edit);
        }
    }

    fn add(&mut self, step: &Step, at: Option<(StepId, Port)>) {
        let (after, port) = at.unzip();
        self.go(FlowEdit::AddStep { step: step.clone().into(), after, port });
    }

    // A tree below one trigger.

    fn rearrange(&mut self, from: &Graph, to: &Graph, goal: &Draft) {
        let trigger = goal.trigger();
        let same_root = self.draft.trigger().map(|step| &step.id) == trigger.map(|step| &step.id)
            && to.steps.iter().all(|step| self.draft.step(&step.id).is_none_or(|old| old.kind == step.kind));
        let stays = |id: &StepId| same_root && goal.step(id).is_some();

        self.remove_subtrees(from, stays);
        let Some(trigger) = trigger else { return };
        if !same_root {
            self.add(trigger, None);
        }
        let mut lists: Vec<(StepId, Port)> = ports_of(goal, &trigger.id, true);
        while let Some((owner, port)) = lists.pop() {
            for id in self.arrange(&owner, &port, goal) {
                lists.extend(ports_of(goal, &id, false));
            }
        }
        if same_root {
            // Steps that had something inside which now stands elsewhere.
            self.remove_subtrees(from, stays);
        }
    }

    /// Removes the steps that do not stay and have nothing inside that does.
    fn remove_subtrees(&mut self, from: &Graph, stays: impl Fn(&StepId) -> bool) {
        for step in from.steps.iter().filter(|step| !stays(&step.id)).filter(|step| step.kind == StepKind::Action) {
            if self.draft.step(&step.id).is_some() && !self.draft.subtree(&step.id).iter().any(&stays) {
                self.go(FlowEdit::RemoveStep { id: step.id.clone(), keep_following: true });
            }
        }
        if let Some(trigger) = self.draft.trigger().filter(|trigger| !stays(&trigger.id)) {
            self.go(FlowEdit::RemoveStep { id: trigger.id.clone(), keep_following: true });
        }
    }

    /// Gives one list of steps the members and the order it has in the goal. Owners are arranged before what is inside
    /// them, so a step never has to move into itself.
    fn arrange(&mut self, owner: &StepId, port: &Port, goal: &Draft) -> Vec<StepId> {
        let list = goal.chain(owner, port);
        let now: HashMap<StepId, usize> =
            self.draft.chain(owner, port).into_iter().enumerate().map(|(place, id)| (id, place)).collect();
        let stay = longest_rising(list.iter().map(|id| now.get(id).copied()));
        let mut behind = (owner.clone(), port.clone());
        for (at, id) in list.iter().enumerate() {
            let Some(step) = goal.step(id) else { continue };
            if self.draft.step(id).is_none() {
                self.add(step, Some(behind));
            } else if !stay.contains(&at) {
                let (after, port) = behind;
                self.go(FlowEdit::MoveStep { id: id.clone(), after, port });
            }
            behind = (id.clone(), Port::next());
        }
        list
    }

    // Steps connected freely.

    fn reconnect_freely(&mut self, to: &Graph, goal: &Draft) {
        let gone: Vec<Edge> = self.draft.edges().filter(|edge| !goal.has_edge(edge)).cloned().collect();
        for Edge { from, port, to, input } in gone {
            self.go(FlowEdit::Disconnect { from, port, to, input });
        }
        let gone: Vec<StepId> =
            self.draft.steps().map(|step| step.id.clone()).filter(|id| goal.step(id).is_none()).collect();
        for id in gone {
            self.go(FlowEdit::RemoveStep { id, keep_following: true });
        }
        for step in &to.steps {
            if self.draft.step(&step.id).is_none() {
                self.add(step, None);
            }
        }
        for edge in &to.edges {
            if !self.draft.has_edge(edge) {
                let Edge { from, port, to, input } = edge.clone();
                self.go(FlowEdit::Connect { from, port, to, input });
            }
        }
    }

    // What is in the steps, and the notes.

    fn update(&mut self, new: &Step) {
        let edits = self.draft.step(&new.id).map(|old| update(old, new)).unwrap_or_default();
        for edit in edits {
            self.go(edit);
        }
    }

    fn rewrite_notes(&mut self, goal: &Draft) {
        let gone: Vec<String> =
            self.draft.notes().filter(|note| goal.note(&note.id).is_none()).map(|note| note.id.clone()).collect();
        for id in gone {
            self.go(FlowEdit::RemoveNote { id });
        }
        for note in goal.notes().cloned() {
            match self.draft.note(&note.id) {
                None => self.go(FlowEdit::AddNote { note }),
                Some(old) if *old != note => self.go(FlowEdit::UpdateNote { note }),
                Some(_) => {}
            }
        }
    }
}

/// The edits that make one state of a step of another.
pub(super) fn update(old: &Step, new: &Step) -> Vec<FlowEdit> {
    let id = || new.id.clone();
    let same_work = (old.kind, &old.piece, &old.operation) == (new.kind, &new.piece, &new.operation);
    let unplaced = old.position.is_some() && new.position.is_none();
    let Some(set) = patch_of(old, new).filter(|_| same_work && !unplaced) else {
        return vec![FlowEdit::ReplaceStep { id: id(), step: new.clone().into() }];
    };
    let updated = (!set.is_empty()).then(|| FlowEdit::UpdateStep { id: id(), set });
    let position = new.position.filter(|_| old.position != new.position);
    let moved = position.map(|Position { x, y }| FlowEdit::SetPosition { id: id(), x, y });
    updated.into_iter().chain(moved).collect()
}

/// The merge patch from one state of a step to another, unless it would have to set a null.
fn patch_of(old: &Step, new: &Step) -> Option<serde_json::Map<String, serde_json::Value>> {
    let (before, after) = (Head::of(old).ok()?, Head::of(new).ok()?);
    let mut set = patch::between(&before, &after)?;
    let settings = patch::between(&old.settings, &new.settings)?;
    if !settings.is_empty() {
        set.insert("settings".to_owned(), settings.into());
    }
    Some(set)
}

/// The lists of steps that begin at a step: what is inside it and, for the trigger, what comes after.
fn ports_of(goal: &Draft, id: &StepId, with_next: bool) -> Vec<(StepId, Port)> {
    let ports: BTreeSet<&Port> = goal.leaving(id).map(|edge| &edge.port).collect();
    ports.into_iter().filter(|port| with_next || !port.is_next()).map(|port| (id.clone(), port.clone())).collect()
}

/// The places of a longest subsequence that rises, so that as few steps as possible move past the others.
fn longest_rising(values: impl Iterator<Item = Option<usize>>) -> BTreeSet<usize> {
    let values: Vec<(usize, usize)> = values.enumerate().filter_map(|(at, value)| Some((at, value?))).collect();
    // `ends[n]` is where the rising run of length n + 1 with the smallest last value ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, (_, value)) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end].1 < *value);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    std::iter::successors(ends.last().copied(), |&at| before[at]).map(|at| values[at].0).collect()
}
