//! Applying edits to a graph.

use serde_json::{Map, Value};

use super::{
    EditError, FlowEdit, NewStep,
    draft::Draft,
    error::Fault,
    patch,
    step::{Head, UPDATABLE},
    touch::FieldPath,
};
use crate::flow::{
    Capabilities, Edge, Graph, MAX_EDGES, MAX_GRAPH_BYTES, MAX_STEPS, Note, Port, Position, Step, StepId, StepKind,
    limits,
};

type Done = Result<(), Fault>;

impl Graph {
    /// The graph after these expanded edits, in reading order; all of them or none.
    ///
    /// Whether steps form a tree below one trigger or are connected freely is decided by
    /// [`Capabilities::free_layout`] and [`Capabilities::multiple_triggers`].
    ///
    /// ```
    /// # use pmos_core::flow::{Capabilities, FlowEdit, Graph};
    /// let flow: Graph = serde_json::from_str(r#"{"steps": [
    ///   {"id":"trigger","kind":"trigger","name":"Start","piece":"core","operation":"manual"}]}"#).unwrap();
    /// let edit: FlowEdit = serde_json::from_str(r#"{"op":"add_step","after":"nowhere",
    ///   "step":{"id":"set","name":"Set","piece":"core","operation":"set"}}"#).unwrap();
    /// let error = flow.apply(&[edit], &Capabilities::default()).unwrap_err();
    /// assert_eq!(error.to_string(), r#"edits[0].after: there is no step "nowhere"; choose one of: trigger"#);
    /// ```
    ///
    /// # Errors
    /// When an edit does not fit, naming it, the field and the fix.
    pub fn apply(&self, edits: &[FlowEdit], engine: &Capabilities) -> Result<Self, EditError> {
        let mut draft = Draft::new(self, engine);
        draft.apply_all(edits)?;
        draft.finish(edits.len())
    }
}

impl Draft {
    /// The graph after this many edits, if it still is one that can be kept.
    pub(super) fn finish(self, edits: usize) -> Result<Graph, EditError> {
        let engine = self.engine;
        let graph = self.into_graph();
        let last = edits.saturating_sub(1);
        let bytes = limits::json_bytes(&graph);
        if bytes > MAX_GRAPH_BYTES && edits > 0 {
            let message = format!("the flow would take {bytes} bytes, {MAX_GRAPH_BYTES} is the most; split it in two");
            return Err(Fault::new("op", message).in_edit(last));
        }
        if graph.triggers().count() > 1 && !engine.multiple_triggers {
            let message = "the flow would have two triggers; this engine takes one, change it with replace_step";
            return Err(Fault::new("op", message).in_edit(last));
        }
        Ok(graph)
    }

    pub(super) fn apply_all(&mut self, edits: &[FlowEdit]) -> Result<(), EditError> {
        for (at, edit) in edits.iter().enumerate() {
            self.apply(edit).map_err(|fault| fault.in_edit(at))?;
        }
        Ok(())
    }

    /// Applies one expanded edit. After an error the draft is worthless.
    pub(super) fn apply(&mut self, edit: &FlowEdit) -> Done {
        match edit {
            FlowEdit::Rename { name } => {
                self.touching().write(FieldPath::Flow, ["name"]);
                limits::name_fault(name).map_or(Ok(()), |fault| Err(Fault::new("name", fault)))
            }
            FlowEdit::AddStep { step, after, port } => self.add_step(step, after.as_ref(), port.as_ref()),
            FlowEdit::ReplaceStep { id, step } => self.replace_step(id, step),
            FlowEdit::UpdateStep { id, set } => self.update_step(id, set),
            FlowEdit::RemoveStep { id, keep_following } => self.remove_step(id, *keep_following),
            FlowEdit::MoveStep { id, after, port } => self.move_step(id, after, port),
            FlowEdit::DuplicateStep { .. } => {
                Err(Fault::new("op", "is a request, not yet a change; expand it into add_step first"))
            }
            FlowEdit::Connect { from, port, to, input } => self.connect(edge(from, port, to, input.as_deref())),
            FlowEdit::Disconnect { from, port, to, input } => self.disconnect(&edge(from, port, to, input.as_deref())),
            FlowEdit::SetPosition { id, x, y } => self.set_position(id, Position { x: *x, y: *y }),
            FlowEdit::AddNote { note } => self.add_note(note),
            FlowEdit::UpdateNote { note } => {
                self.known_note("note.id", &note.id)?;
                self.set_note(note.clone());
                Ok(())
            }
            FlowEdit::RemoveNote { id } => {
                self.known_note("id", id)?;
                self.remove_note(id);
                Ok(())
            }
        }
    }

    fn add_step(&mut self, new: &NewStep, after: Option<&StepId>, port: Option<&Port>) -> Done {
        let Some(id) = new.id.clone() else {
            return Err(Fault::new("step.id", "is missing; expand the edit first, that chooses one"));
        };
        if self.step(&id).is_some() {
            return Err(Fault::new("step.id", format!("{id:?} is taken; choose another or leave it out")));
        }
        if self.len() >= MAX_STEPS {
            return Err(Fault::new("step", format!("the flow has {MAX_STEPS} steps already, that is the most")));
        }
        let step = self.checked(new.placed(id)?)?;
        if self.engine.free_layout {
            if after.is_some() {
                return Err(Fault::new("after", "expand the edit first, that turns it into connect edits"));
            }
            self.insert(step);
            return Ok(());
        }
        match (step.kind, after) {
            (StepKind::Trigger, None) if self.len() == 0 => self.insert(step),
            (StepKind::Trigger, _) => {
                return Err(Fault::new(
                    "step.kind",
                    "the flow has its trigger; put this one in its place with replace_step",
                ));
            }
            (StepKind::Action, None) => {
                return Err(Fault::new("after", "is missing; name the step it follows"));
            }
            (StepKind::Action, Some(after)) => {
                self.known("after", after)?;
                let id = step.id.clone();
                self.insert(step);
                self.put(&id, after, port.cloned().unwrap_or_else(Port::next));
            }
        }
        Ok(())
    }

    fn replace_step(&mut self, id: &StepId, new: &NewStep) -> Done {
        let old = self.known("id", id)?;
        if !self.engine.free_layout && old.kind != new.kind {
            let (was, fix) = match old.kind {
                StepKind::Trigger => ("starts the flow", "take a trigger"),
                StepKind::Action => ("is an action", "take an action"),
            };
            return Err(Fault::new("step.kind", format!("{id:?} {was}; {fix} in its place")));
        }
        let step = self.checked(new.placed(id.clone())?)?;
        if let Some(place) = self.step_mut(id) {
            *place = step;
        }
        self.touching().write_replaced(id);
        Ok(())
    }

    fn update_step(&mut self, id: &StepId, set: &Map<String, Value>) -> Done {
        let old = self.known("id", id)?;
        let mut head = Head::of(old)?;
        let mut settings = None;
        if let Some(key) = set.keys().find(|key| !UPDATABLE.contains(&key.as_str())) {
            let message =
                format!("cannot be updated; one can: {} (replace_step changes the rest)", UPDATABLE.join(", "));
            return Err(Fault::new(format!("set.{}", limits::clip(key)), message));
        }
        if set.get("name").is_some_and(Value::is_null) {
            return Err(Fault::new("set.name", "cannot be removed; give the step another name"));
        }
        match set.get("settings") {
            None => {}
            Some(Value::Null) => settings = Some(None),
            Some(Value::Object(change)) => settings = Some(Some(change)),
            Some(_) => return Err(Fault::new("set.settings", "must be an object with the settings to change")),
        }
        patch::merge(&mut head, &set.iter().filter(|(key, _)| *key != "settings").map(pair).collect());
        let head: Head = serde_path_to_error::deserialize(Value::Object(head)).map_err(|error| {
            let field = error.path().to_string();
            let field = if field == "." { "set".to_owned() } else { format!("set.{field}") };
            Fault::new(field, error.into_inner().to_string())
        })?;

        let mut touched = std::mem::take(self.touching());
        for key in set.keys().filter(|key| *key != "settings") {
            touched.write(FieldPath::Step(id.clone()), [key.as_str()]);
        }
        match (settings, self.step(id)) {
            (Some(Some(change)), Some(step)) => touched.write_patch(id, &step.settings, change),
            (Some(None), _) => {
                touched.write(FieldPath::Step(id.clone()), ["settings"]);
                touched.write_numbered_ports(id);
            }
            _ => {}
        }
        *self.touching() = touched;

        let Some(step) = self.step_mut(id) else { return Ok(()) };
        head.put_into(step);
        match settings {
            Some(Some(change)) => patch::merge(&mut step.settings, change),
            Some(None) => step.settings.clear(),
            None => {}
        }
        limits::step_fault(step).map_or(Ok(()), |(field, message)| Err(Fault::new(format!("set.{field}"), message)))
    }

    fn remove_step(&mut self, id: &StepId, keep_following: bool) -> Done {
        let step = self.known("id", id)?;
        if self.engine.free_layout {
            self.remove(id);
            return Ok(());
        }
        // Alone it may go: that undoes adding it to an empty flow.
        if step.kind == StepKind::Trigger && self.len() > 1 {
            return Err(Fault::new("id", "the trigger cannot be removed; put another in its place with replace_step"));
        }
        let mut gone = self.subtree(id);
        let next = Port::next();
        if keep_following {
            let around = (self.parent(id).cloned(), self.at(id, &next).cloned());
            for id in &gone {
                self.remove(id);
            }
            if let (Some(before), Some(behind)) = around {
                self.link(Edge { to: behind.to, ..before });
            }
        } else {
            for following in self.chain(id, &next) {
                gone.extend(self.subtree(&following));
            }
            for id in &gone {
                self.remove(id);
            }
        }
        Ok(())
    }

    fn move_step(&mut self, id: &StepId, after: &StepId, port: &Port) -> Done {
        let step = self.known("id", id)?;
        if self.engine.free_layout {
            return Err(Fault::new("op", "steps are free here; use set_position, connect and disconnect"));
        }
        if step.kind == StepKind::Trigger {
            return Err(Fault::new("id", "the trigger stays at the top; move another step"));
        }
        self.known("after", after)?;
        let mut around = self.owners(after);
        if !port.is_next() {
            around.push(after.clone());
        }
        if after == id || around.contains(id) {
            return Err(Fault::new("after", format!("{after:?} moves along with {id:?}; choose a step outside of it")));
        }
        let touched = self.touching();
        touched.write(FieldPath::Step(id.clone()), ["place"]);
        for owner in around {
            touched.rely_on(FieldPath::Step(owner), ["place"]);
        }
        let (before, behind) = (self.parent(id).cloned(), self.at(id, &Port::next()).cloned());
        for edge in before.iter().chain(&behind) {
            self.unlink(edge);
        }
        if let (Some(before), Some(behind)) = (before, behind) {
            self.link(Edge { to: behind.to, ..before });
        }
        self.put(id, after, port.clone());
        Ok(())
    }

    /// Puts a step that has no neighbours on the edge that leaves `after` by `port`.
    fn put(&mut self, id: &StepId, after: &StepId, port: Port) {
        if let Some(edge) = self.at(after, &port).cloned() {
            self.unlink(&edge);
            self.link(Edge { from: id.clone(), port: Port::next(), to: edge.to, input: edge.input });
        }
        self.link(Edge { from: after.clone(), port, to: id.clone(), input: None });
    }

    fn connect(&mut self, edge: Edge) -> Done {
        self.free("connect")?;
        self.known("from", &edge.from)?;
        self.known("to", &edge.to)?;
        if self.has_edge(&edge) {
            return Err(Fault::new("to", format!("{:?} is connected there already; leave this edit out", edge.to)));
        }
        if self.edge_count() >= MAX_EDGES {
            return Err(Fault::new("op", format!("the flow has {MAX_EDGES} edges already, that is the most")));
        }
        self.link(edge);
        Ok(())
    }

    fn disconnect(&mut self, edge: &Edge) -> Done {
        self.free("disconnect")?;
        self.known("from", &edge.from)?;
        self.known("to", &edge.to)?;
        if !self.has_edge(edge) {
            let message = format!("{:?} does not lead there by port {:?}; leave this edit out", edge.from, edge.port);
            return Err(Fault::new("to", message));
        }
        self.unlink(edge);
        Ok(())
    }

    fn free(&self, what: &str) -> Done {
        if self.engine.free_layout {
            return Ok(());
        }
        Err(Fault::new("op", format!("there is no {what} here: every step follows one other; use move_step")))
    }

    fn set_position(&mut self, id: &StepId, position: Position) -> Done {
        self.known("id", id)?;
        if !self.engine.free_layout {
            return Err(Fault::new("op", "this engine lays its steps out by itself; leave this edit out"));
        }
        for (field, value) in [("x", position.x), ("y", position.y)] {
            if !(-1e9..=1e9).contains(&value) {
                return Err(Fault::new(field, "must be a number of pixels between -1e9 and 1e9"));
            }
        }
        self.touching().write(FieldPath::Step(id.clone()), ["position"]);
        if let Some(step) = self.step_mut(id) {
            step.position = Some(position);
        }
        Ok(())
    }

    fn add_note(&mut self, note: &Note) -> Done {
        if note.id.is_empty() || note.id.chars().count() > 64 {
            return Err(Fault::new("note.id", "must have from 1 to 64 characters"));
        }
        if self.note(&note.id).is_some() {
            return Err(Fault::new("note.id", format!("{:?} is taken; choose another", note.id)));
        }
        self.set_note(note.clone());
        Ok(())
    }

    fn known_note(&self, field: &str, id: &str) -> Done {
        match self.note(id) {
            Some(_) => Ok(()),
            None => Err(Fault::new(field, format!("there is no note {:?} in this flow", limits::clip(id)))),
        }
    }

    pub(super) fn known(&self, field: &str, id: &StepId) -> Result<&Step, Fault> {
        self.step(id).ok_or_else(|| {
            let mut names: Vec<&str> = self.steps().take(10).map(|step| step.id.as_str()).collect();
            if self.len() > names.len() {
                names.push("…");
            }
            let choice = if names.is_empty() {
                "the flow is empty".to_owned()
            } else {
                format!("choose one of: {}", names.join(", "))
            };
            Fault::new(field, format!("there is no step {id:?}; {choice}"))
        })
    }

    fn checked(&self, step: Step) -> Result<Step, Fault> {
        if let Some((field, message)) = limits::step_fault(&step) {
            return Err(Fault::new(format!("step.{field}"), message));
        }
        if step.position.is_some() && !self.engine.free_layout {
            return Err(Fault::new("step.position", "this engine lays its steps out by itself; leave it out"));
        }
        Ok(step)
    }
}

fn pair((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

fn edge(from: &StepId, port: &Port, to: &StepId, input: Option<&str>) -> Edge {
    Edge { from: from.clone(), port: port.clone(), to: to.clone(), input: input.map(str::to_owned) }.plain()
}
