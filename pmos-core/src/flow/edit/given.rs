//! Ids and names that were wished for and taken: what the later edits of a list mean by them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Dialect, FlowEdit, Renamed};
use crate::flow::StepId;

/// The ids and names that were given in place of proposed ones.
#[derive(Default)]
pub(super) struct Given {
    steps: Renamed,
    notes: BTreeMap<String, String>,
}

impl Given {
    pub(super) fn learn(&mut self, edit: &FlowEdit, explicit: &[FlowEdit]) {
        match edit {
            FlowEdit::AddStep { step: wanted, .. } => {
                let added = explicit.iter().find_map(|edit| match edit {
                    FlowEdit::AddStep { step, .. } => Some(step),
                    _ => None,
                });
                let Some(added) = added else { return };
                if let (Some(wanted), Some(given)) = (&wanted.id, &added.id)
                    && wanted != given
                {
                    self.steps.ids.insert(wanted.clone(), given.clone());
                }
                if let (Some(wanted), Some(given)) = (&wanted.name, &added.name)
                    && wanted != given
                {
                    self.steps.names.insert(wanted.clone(), given.clone());
                }
            }
            FlowEdit::AddNote { note: wanted } => {
                if let Some(FlowEdit::AddNote { note }) = explicit.first().filter(|explicit| *explicit != edit) {
                    self.notes.insert(wanted.id.clone(), note.id.clone());
                }
            }
            _ => {}
        }
    }

    fn rewrite(&self, piece: &str, settings: &Map<String, Value>, dialect: &dyn Dialect) -> Option<Map<String, Value>> {
        if self.steps.is_empty() { None } else { dialect.rewrite(piece, settings, &self.steps) }
    }

    /// The edit as it was meant, in terms of the given ids. An id that the edit itself proposes is left alone. `piece_of`
    /// tells the piece of a step, where that is known.
    pub(super) fn follow(
        &self,
        edit: &FlowEdit,
        dialect: &dyn Dialect,
        piece_of: &dyn Fn(&StepId) -> Option<String>,
    ) -> FlowEdit {
        let mut edit = edit.clone();
        let step = |id: &mut StepId| {
            if let Some(given) = self.steps.ids.get(id) {
                *id = given.clone();
            }
        };
        let note = |id: &mut String| {
            if let Some(given) = self.notes.get(id) {
                id.clone_from(given);
            }
        };
        let settings = |piece: &str, settings: &mut Map<String, Value>| {
            if let Some(rewritten) = self.rewrite(piece, settings, dialect) {
                *settings = rewritten;
            }
        };
        match &mut edit {
            FlowEdit::AddStep { step: new, after, .. } => {
                after.iter_mut().for_each(step);
                settings(&new.piece, &mut new.settings);
            }
            FlowEdit::ReplaceStep { id, step: new } => {
                step(id);
                settings(&new.piece, &mut new.settings);
            }
            FlowEdit::UpdateStep { id, set } => {
                step(id);
                if let Some(Value::Object(set)) = set.get_mut("settings") {
                    settings(&piece_of(id).unwrap_or_default(), set);
                }
            }
            FlowEdit::RemoveStep { id, .. } | FlowEdit::DuplicateStep { id } | FlowEdit::SetPosition { id, .. } => {
                step(id);
            }
            FlowEdit::MoveStep { id, after, .. } => {
                step(id);
                step(after);
            }
            FlowEdit::Connect { from, to, .. } | FlowEdit::Disconnect { from, to, .. } => {
                step(from);
                step(to);
            }
            FlowEdit::UpdateNote { note: changed } => note(&mut changed.id),
            FlowEdit::RemoveNote { id } => note(id),
            FlowEdit::Rename { .. } | FlowEdit::AddNote { .. } => {}
        }
        edit
    }
}
