//! Making every consequence of an edit explicit: ids and names of new steps, copies with everything inside them,
//! rewritten references, the edges around what goes.
//!
//! The rules are the same for every engine; what differs is asked of its [`Dialect`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Dialect, EditError, FlowEdit, NewStep, Renamed,
    draft::Draft,
    error::Fault,
    given::Given,
    names::{SHORT, free_id, free_name, free_title, numbered},
};
use crate::flow::{Capabilities, Graph, MAX_GRAPH_BYTES, Port, Step, StepId, StepKind, limits};

impl Graph {
    /// These edits with every consequence made explicit, ready for [`Graph::apply`]. Expanding again changes nothing.
    ///
    /// A proposed id is kept when it is free; otherwise it is numbered (`http`, `http_2` …) and the later edits of the
    /// list follow.
    ///
    /// # Errors
    /// When an edit does not fit, naming it, the field and the fix.
    pub fn expand(
        &self,
        edits: &[FlowEdit],
        engine: &Capabilities,
        dialect: &dyn Dialect,
    ) -> Result<Vec<FlowEdit>, EditError> {
        self.expanded(edits, engine, dialect).map(|(expanded, _)| expanded)
    }

    /// Expands edits and applies them in one go; gives the explicit edits and the graph they lead to, as [`Graph::expand`]
    /// and then [`Graph::apply`] do. Faults name the edit as it was sent.
    ///
    /// # Errors
    /// When an edit does not fit, naming it, the field and the fix.
    pub fn edit(
        &self,
        edits: &[FlowEdit],
        engine: &Capabilities,
        dialect: &dyn Dialect,
    ) -> Result<(Vec<FlowEdit>, Self), EditError> {
        let (expanded, draft) = self.expanded(edits, engine, dialect)?;
        Ok((expanded, draft.finish(edits.len())?))
    }

    fn expanded(
        &self,
        edits: &[FlowEdit],
        engine: &Capabilities,
        dialect: &dyn Dialect,
    ) -> Result<(Vec<FlowEdit>, Draft), EditError> {
        let mut draft = Draft::new(self, engine);
        let mut given = Given::default();
        let mut expanded = Vec::with_capacity(edits.len());
        for (at, edit) in edits.iter().enumerate() {
            let piece = |id: &StepId| draft.step(id).map(|step| step.piece.clone());
            let edit = given.follow(edit, dialect, &piece);
            let explicit = Expansion { draft: &draft, dialect }.of(&edit).map_err(|fault| fault.in_edit(at))?;
            for edit in &explicit {
                draft.apply(edit).map_err(|fault| fault.in_edit(at))?;
            }
            given.learn(&edit, &explicit);
            expanded.extend(explicit);
        }
        Ok((expanded, draft))
    }
}

/// One edit before it is applied.
pub(super) struct Expansion<'a> {
    pub(super) draft: &'a Draft,
    pub(super) dialect: &'a dyn Dialect,
}

impl Expansion<'_> {
    fn of(&self, edit: &FlowEdit) -> Result<Vec<FlowEdit>, Fault> {
        let free = self.draft.engine.free_layout;
        match edit {
            FlowEdit::AddStep { step, after, port } => {
                let step = self.complete(step)?;
                if free {
                    self.add_freely(step, after.as_ref(), port.as_ref())
                } else {
                    Ok(vec![add(step, after.as_ref(), port.as_ref())])
                }
            }
            FlowEdit::ReplaceStep { id, step } => self.replace(id, step),
            FlowEdit::UpdateStep { id, set } => {
                let Some(Value::String(name)) = set.get("name") else { return Ok(vec![edit.clone()]) };
                let name = self.free_name(name, Some(id));
                let mut edits = self.rename_references(id, &name)?;
                let mut set = set.clone();
                set.insert("name".to_owned(), name.into());
                edits.push(FlowEdit::UpdateStep { id: id.clone(), set });
                Ok(edits)
            }
            FlowEdit::RemoveStep { id, keep_following } => {
                if free {
                    self.remove_freely(id, *keep_following)
                } else {
                    self.remove(id, *keep_following)
                }
            }
            FlowEdit::DuplicateStep { id } => {
                if free {
                    self.duplicate_freely(id)
                } else {
                    self.duplicate(id)
                }
            }
            FlowEdit::AddNote { note } => {
                let mut note = note.clone();
                if self.draft.note(&note.id).is_some() {
                    let short: String = note.id.chars().take(SHORT).collect();
                    note.id = numbered(&short).find(|id| self.draft.note(id).is_none()).unwrap_or(short);
                }
                note.position = note.position.or_else(|| free.then(|| self.below()));
                Ok(vec![FlowEdit::AddNote { note }])
            }
            FlowEdit::UpdateNote { note } => {
                let mut note = note.clone();
                // A writer does not mean to take it off the canvas.
                note.position = note.position.or_else(|| self.draft.note(&note.id).and_then(|old| old.position));
                Ok(vec![FlowEdit::UpdateNote { note }])
            }
            other => Ok(vec![other.clone()]),
        }
    }

    /// A new step with an id that is free and a name.
    fn complete(&self, step: &NewStep) -> Result<NewStep, Fault> {
        let mut step = step.clone();
        let wanted = step.id.as_ref().map_or_else(|| self.dialect.id(&step), ToString::to_string);
        step.id = Some(free_id(&wanted, |id| self.draft.step(id).is_some())?);
        let name = step.name.take().unwrap_or_else(|| self.dialect.title(&step));
        step.name = Some(self.free_name(&name, None));
        Ok(step)
    }

    /// The name that a step gets who requests for this one.
    fn free_name(&self, wanted: &str, own: Option<&StepId>) -> String {
        if !self.dialect.names_are_unique() {
            return wanted.to_owned();
        }
        free_name(wanted, |name| self.draft.steps().any(|step| step.name == name && Some(&step.id) != own))
    }

    fn replace(&self, id: &StepId, step: &NewStep) -> Result<Vec<FlowEdit>, Fault> {
        let old = self.draft.known("id", id)?;
        let mut step = NewStep { id: Some(id.clone()), ..step.clone() };
        step.position = step.position.or(old.position);
        let name = step.name.take().unwrap_or_else(|| self.dialect.title(&step));
        let name = self.free_name(&name, Some(id));
        let mut edits = self.rename_references(id, &name)?;
        step.name = Some(name);
        edits.push(FlowEdit::ReplaceStep { id: id.clone(), step });
        Ok(edits)
    }

    /// Other steps that refer to this one by its name. They come first, so that expanding again finds nothing to do.
    fn rename_references(&self, id: &StepId, name: &str) -> Result<Vec<FlowEdit>, Fault> {
        let old = self.draft.known("id", id)?;
        if old.name == name {
            return Ok(Vec::new());
        }
        let names = BTreeMap::from([(old.name.clone(), name.to_owned())]);
        let renamed = Renamed { names, ..Renamed::default() };
        let rewritten = self.draft.steps().filter_map(|step| {
            let settings = self.dialect.rewrite(&step.piece, &step.settings, &renamed)?;
            Some(super::diff::update(step, &Step { settings, ..step.clone() }))
        });
        Ok(rewritten.flatten().collect())
    }

    // A tree below one trigger.

    fn remove(&self, id: &StepId, keep_following: bool) -> Result<Vec<FlowEdit>, Fault> {
        if self.draft.known("id", id)?.kind == StepKind::Trigger {
            return Err(Fault::new("id", "the trigger cannot be removed; put another in its place with replace_step"));
        }
        let following = if keep_following { Vec::new() } else { self.draft.chain(id, &Port::next()) };
        Ok(following.into_iter().rev().chain([id.clone()]).map(remove).collect())
    }

    fn duplicate(&self, id: &StepId) -> Result<Vec<FlowEdit>, Fault> {
        if self.draft.known("id", id)?.kind == StepKind::Trigger {
            return Err(Fault::new("id", "the flow takes one trigger; duplicate another step"));
        }
        let originals = self.draft.subtree(id);
        let copies = self.copies(&originals)?;
        let mut ids: BTreeMap<&StepId, StepId> = BTreeMap::new();
        let mut edits = Vec::with_capacity(originals.len());
        for (original, copy) in originals.iter().zip(copies) {
            let place = self.draft.parent(original).filter(|_| original != id);
            let (after, port) = match place {
                None => (id.clone(), Port::next()),
                Some(edge) => match ids.get(&edge.from) {
                    Some(copy) => (copy.clone(), edge.port.clone()),
                    None => continue,
                },
            };
            ids.extend(copy.id.clone().map(|copy| (original, copy)));
            edits.push(FlowEdit::AddStep { step: copy, after: Some(after), port: Some(port) });
        }
        Ok(edits)
    }

    /// Copies with ids of their own that refer to each other instead of to the originals.
    pub(super) fn copies(&self, originals: &[StepId]) -> Result<Vec<NewStep>, Fault> {
        let steps: Vec<&Step> = originals.iter().filter_map(|id| self.draft.step(id)).collect();
        let bytes: usize = steps.iter().map(|step| limits::json_bytes(*step)).sum();
        if bytes > MAX_GRAPH_BYTES {
            return Err(Fault::new("id", "is too large to be copied; split the flow in two"));
        }
        let mut renamed = Renamed::default();
        let (mut ids, mut names) = (BTreeSet::new(), self.draft.steps().map(|step| step.name.clone()).collect());
        let mut titles = Vec::with_capacity(steps.len());
        for step in &steps {
            let id = free_id(step.id.as_str(), |id| self.draft.step(id).is_some() || ids.contains(id))?;
            let title = free_title(&step.name, &names);
            ids.insert(id.clone());
            names.insert(title.clone());
            renamed.ids.insert(step.id.clone(), id);
            renamed.names.insert(step.name.clone(), title.clone());
            titles.push(title);
        }
        let copies = steps.into_iter().zip(titles).map(|(step, title)| {
            let mut copy = NewStep::from(step.clone());
            copy.id = renamed.ids.get(&step.id).cloned();
            copy.name = Some(title);
            copy.settings = self.dialect.rewrite(&step.piece, &step.settings, &renamed).unwrap_or(copy.settings);
            copy
        });
        Ok(copies.collect())
    }
}

pub(super) fn add(step: NewStep, after: Option<&StepId>, port: Option<&Port>) -> FlowEdit {
    let port = port.cloned().or_else(|| after.map(|_| Port::next()));
    FlowEdit::AddStep { step, after: after.cloned(), port }
}

pub(super) fn remove(id: StepId) -> FlowEdit {
    FlowEdit::RemoveStep { id, keep_following: true }
}
