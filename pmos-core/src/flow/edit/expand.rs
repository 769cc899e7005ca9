//! Making every consequence of an edit explicit: ids and names of new steps, copies with everything inside them,
//! rewritten references, the edges around what goes.
//!
//! The rules are the same for every engine; what differs is asked of its [`Dialect`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{EditError, FlowEdit, NewStep, draft::Draft, error::Fault};
use crate::{
    Error, Kind, Result,
    flow::{
        Capabilities, Document, Edge, FlowLens, Graph, MAX_EDGES, MAX_EDITS, MAX_GRAPH_BYTES, MAX_NAME_CHARS, Port,
        Position, Step, StepId, StepKind, limits,
    },
};

/// How an engine names new steps and writes references between steps. The defaults suit an engine whose steps refer to
/// each other by id and that has no references of its own to rewrite.
pub trait Dialect: Send + Sync {
    /// The id a new step gets when nobody proposed one; a number is added when it is taken.
    fn id(&self, step: &NewStep) -> String {
        match step.kind {
            StepKind::Trigger => "trigger".to_owned(),
            StepKind::Action => step.operation.clone(),
        }
    }

    /// The name a new step gets when nobody gave one.
    fn title(&self, step: &NewStep) -> String {
        step.operation.clone()
    }

    /// The way out of a new step that leads to what follows, where steps are connected freely.
    fn output(&self, step: &NewStep) -> Port {
        let _ = step;
        Port::next()
    }

    /// The settings with every reference to a renamed step rewritten; none when they hold no such reference.
    fn rewrite(&self, settings: &Map<String, Value>, renamed: &Renamed) -> Option<Map<String, Value>> {
        let _ = (settings, renamed);
        None
    }
}

/// The dialect of an engine that needs nothing beyond the defaults.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainDialect;

impl Dialect for PlainDialect {}

/// Steps that are called something else now. An engine follows the kind of name that its references use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renamed {
    /// Old id to new id.
    pub ids: BTreeMap<StepId, StepId>,
    /// Old name to new name.
    pub names: BTreeMap<String, String>,
}

impl Renamed {
    fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.names.is_empty()
    }
}

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
        few_enough(edits)?;
        let mut draft = Draft::new(self, engine);
        let mut given = Given::default();
        let mut expanded = Vec::with_capacity(edits.len());
        for (at, edit) in edits.iter().enumerate() {
            let edit = given.follow(edit, dialect);
            let explicit = Expansion { draft: &draft, dialect }.of(&edit).map_err(|fault| fault.in_edit(at))?;
            for edit in &explicit {
                draft.apply(edit).map_err(|fault| fault.in_edit(at))?;
            }
            given.learn(&edit, &explicit);
            expanded.extend(explicit);
        }
        Ok(expanded)
    }
}

/// Expands and applies a list of edits to a document through its lens: [`FlowLens::edit`] for lists that people send.
/// Later edits of the list follow ids that earlier ones were given.
///
/// # Errors
/// When the list is longer than [`MAX_EDITS`], and what the lens refuses, with the place of the edit in the list.
pub fn edit_document(
    lens: &dyn FlowLens,
    document: &Document,
    edits: &[FlowEdit],
) -> Result<(Document, Vec<FlowEdit>)> {
    few_enough(edits)?;
    lens.edit(document, edits)
}

/// How a lens edits that has no better way.
pub(in crate::flow) fn one_by_one<L: FlowLens + ?Sized>(
    lens: &L,
    document: &Document,
    edits: &[FlowEdit],
) -> Result<(Document, Vec<FlowEdit>)> {
    let mut document = document.clone();
    let mut given = Given::default();
    let mut expanded = Vec::with_capacity(edits.len());
    for (at, edit) in edits.iter().enumerate() {
        let edit = given.follow(edit, lens.dialect());
        let explicit = lens.expand(&document, &edit).map_err(|error| renumber(error, at))?;
        document = lens.apply(&document, &explicit).map_err(|error| renumber(error, at))?;
        given.learn(&edit, &explicit);
        expanded.extend(explicit);
    }
    Ok((document, expanded))
}

fn few_enough(edits: &[FlowEdit]) -> Result<(), EditError> {
    if edits.len() <= MAX_EDITS {
        return Ok(());
    }
    let message =
        format!("is one of {} edits; {MAX_EDITS} is the most, send the rest in a second request", edits.len());
    Err(Fault::new("op", message).in_edit(MAX_EDITS))
}

/// A lens sees one edit at a time and calls it the first; people sent a list.
fn renumber(error: Error, at: usize) -> Error {
    if error.kind() != Kind::Invalid {
        return error;
    }
    let place = |field: &str| match field.strip_prefix("edits[").and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => format!("edits[{at}]{rest}"),
        None => field.to_owned(),
    };
    let Some((first, others)) = error.fields().split_first() else { return error };
    let renumbered = Error::invalid(place(&first.field), first.message.clone());
    others.iter().fold(renumbered, |error, other| error.at(place(&other.field), other.message.clone()))
}

/// The ids that were given in place of proposed ones.
#[derive(Default)]
struct Given {
    steps: Renamed,
    notes: BTreeMap<String, String>,
}

impl Given {
    fn learn(&mut self, edit: &FlowEdit, explicit: &[FlowEdit]) {
        match edit {
            FlowEdit::AddStep { step: NewStep { id: Some(wish), .. }, .. } => {
                let given = explicit.iter().find_map(|edit| match edit {
                    FlowEdit::AddStep { step, .. } => step.id.clone(),
                    _ => None,
                });
                if let Some(given) = given.filter(|given| given != wish) {
                    self.steps.ids.insert(wish.clone(), given);
                }
            }
            FlowEdit::AddNote { note: wish } => {
                if let Some(FlowEdit::AddNote { note }) = explicit.first().filter(|explicit| *explicit != edit) {
                    self.notes.insert(wish.id.clone(), note.id.clone());
                }
            }
            _ => {}
        }
    }

    fn rewrite(&self, settings: &Map<String, Value>, dialect: &dyn Dialect) -> Option<Map<String, Value>> {
        if self.steps.is_empty() { None } else { dialect.rewrite(settings, &self.steps) }
    }

    /// The edit as it was meant, in terms of the given ids. An id that the edit itself proposes is left alone.
    fn follow(&self, edit: &FlowEdit, dialect: &dyn Dialect) -> FlowEdit {
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
        let settings = |settings: &mut Map<String, Value>| {
            if let Some(rewritten) = self.rewrite(settings, dialect) {
                *settings = rewritten;
            }
        };
        match &mut edit {
            FlowEdit::AddStep { step: new, after, .. } => {
                after.iter_mut().for_each(step);
                settings(&mut new.settings);
            }
            FlowEdit::ReplaceStep { id, step: new } => {
                step(id);
                settings(&mut new.settings);
            }
            FlowEdit::UpdateStep { id, set } => {
                step(id);
                if let Some(Value::Object(set)) = set.get_mut("settings") {
                    settings(set);
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

/// One edit before it is applied.
struct Expansion<'a> {
    draft: &'a Draft,
    dialect: &'a dyn Dialect,
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
                let mut edits = match set.get("name") {
                    Some(Value::String(name)) => self.rename_references(id, name)?,
                    _ => Vec::new(),
                };
                edits.push(edit.clone());
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
                Ok(vec![FlowEdit::AddNote { note }])
            }
            other => Ok(vec![other.clone()]),
        }
    }

    /// A new step with an id that is free and a name.
    fn complete(&self, step: &NewStep) -> Result<NewStep, Fault> {
        let mut step = step.clone();
        let wish = step.id.as_ref().map_or_else(|| self.dialect.id(&step), ToString::to_string);
        step.id = Some(free_id(&wish, |id| self.draft.step(id).is_some())?);
        if step.name.is_none() {
            step.name = Some(self.dialect.title(&step));
        }
        Ok(step)
    }

    fn replace(&self, id: &StepId, step: &NewStep) -> Result<Vec<FlowEdit>, Fault> {
        let old = self.draft.known("id", id)?;
        let mut step = NewStep { id: Some(id.clone()), ..step.clone() };
        step.position = step.position.or(old.position);
        let name = step.name.take().unwrap_or_else(|| self.dialect.title(&step));
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
            let settings = self.dialect.rewrite(&step.settings, &renamed)?;
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
    fn copies(&self, originals: &[StepId]) -> Result<Vec<NewStep>, Fault> {
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
            copy.settings = self.dialect.rewrite(&step.settings, &renamed).unwrap_or(copy.settings);
            copy
        });
        Ok(copies.collect())
    }

    // Steps connected freely.

    /// Inserting on an edge, said in connections: what the port led to is led to by the new step, if it is led to in
    /// the same way.
    fn add_freely(
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

    fn remove_freely(&self, id: &StepId, keep_following: bool) -> Result<Vec<FlowEdit>, Fault> {
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

    fn duplicate_freely(&self, id: &StepId) -> Result<Vec<FlowEdit>, Fault> {
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

fn add(step: NewStep, after: Option<&StepId>, port: Option<&Port>) -> FlowEdit {
    let port = port.cloned().or_else(|| after.map(|_| Port::next()));
    FlowEdit::AddStep { step, after: after.cloned(), port }
}

fn remove(id: StepId) -> FlowEdit {
    FlowEdit::RemoveStep { id, keep_following: true }
}

/// What a port carries: `main` of `main:0`.
fn family(port: &Port) -> &str {
    port.numbered().map_or(port.as_str(), |(family, _)| family)
}

/// `wish` as a step id, numbered when it is taken: `http`, `http_2`, `http_3` …
fn free_id(wish: &str, taken: impl Fn(&StepId) -> bool) -> Result<StepId, Fault> {
    if let Some(id) = wish.parse().ok().filter(|id| !taken(id)) {
        return Ok(id);
    }
    let plain: String =
        wish.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(SHORT).collect();
    numbered(if plain.is_empty() { "step" } else { &plain })
        .filter_map(|text| text.parse().ok())
        .find(|id| !taken(id))
        .ok_or_else(|| Fault::new("step.id", "no number is free behind it; choose another"))
}

/// Leaves room for a number.
const SHORT: usize = 50;

/// A text, then the same with 2, 3 … behind it; a number that stands there already is counted on.
fn numbered(text: &str) -> impl Iterator<Item = String> + use<> {
    let (base, from) = match text.rsplit_once('_').map(|(base, number)| (base, number.parse::<u32>())) {
        Some((base, Ok(number))) if !base.is_empty() => (base.to_owned(), u64::from(number) + 1),
        _ => (text.to_owned(), 2),
    };
    std::iter::once(text.to_owned()).chain((from..).map(move |number| format!("{base}_{number}")))
}

/// A name for a copy that no other step has.
fn free_title(name: &str, taken: &BTreeSet<String>) -> String {
    let short: String = name.chars().take(MAX_NAME_CHARS - 20).collect();
    let copies = (2_u64..).map(|number| format!("{short} (copy {number})"));
    std::iter::once(format!("{short} (copy)")).chain(copies).find(|title| !taken.contains(title)).unwrap_or(short)
}
