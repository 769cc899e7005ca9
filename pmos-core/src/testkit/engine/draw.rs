//! Random flows and edits, built of what a catalogue offers.
//!
//! A flow is drawn from a tape of random numbers. A shorter tape with smaller numbers draws a smaller flow, so proptest
//! finds the smallest one that shows a fault.

use std::collections::BTreeSet;

use proptest::{
    collection::vec,
    prelude::any,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};

use super::Subject;
use crate::flow::{
    Capabilities, Dialect, Field, FieldKind, FlowEdit, Graph, NewStep, Note, Operation, Piece, Port, Position, Step,
    StepId, StepKind, operation_of,
};

/// What a case returns.
pub(super) type Outcome = Result<(), TestCaseError>;

/// Random flows per rule, enough to find the mistakes people make and few enough to be done in a moment; for each document
/// that came with the subject there are a few more.
const FLOWS: u32 = 48;

/// Runs a case on random flows, the same in every run.
pub(super) fn for_random_flows(subject: &Subject, case: impl Fn(&mut Draw) -> Outcome) {
    let pieces = subject.pieces();
    let cases = FLOWS + 2 * u32::try_from(subject.documents.len()).unwrap_or_default();
    let config = Config { cases, max_shrink_iters: FLOWS, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut blank = Draw::new(subject, &[], &pieces, &[]);
    let extras: Vec<Map<String, Value>> = extras().into_iter().filter(|set| blank.is_held(subject, set)).collect();
    let outcome = runner.run(&vec(any::<u16>(), 0..200), |tape| case(&mut Draw::new(subject, &tape, &pieces, &extras)));
    if let Err(error) = outcome {
        panic!("{subject}: {error}");
    }
}

/// What steps have in some engines only.
fn extras() -> Vec<Map<String, Value>> {
    let choices = [
        json!({"on_error": "continue"}),
        json!({"retry": {"times": 2, "backoff_s": 1}}),
        json!({"timeout_s": 30}),
        json!({"retry": null, "timeout_s": null, "on_error": null}),
    ];
    choices.iter().filter_map(|set| set.as_object().cloned()).collect()
}

/// Draws from one tape.
pub(super) struct Draw<'a> {
    tape: &'a [u16],
    at: usize,
    count: usize,
    pub(super) pieces: &'a [Piece],
    engine: Capabilities,
    dialect: &'a dyn Dialect,
    /// The extras that this engine has.
    extras: &'a [Map<String, Value>],
}

impl<'a> Draw<'a> {
    fn new(subject: &'a Subject, tape: &'a [u16], pieces: &'a [Piece], extras: &'a [Map<String, Value>]) -> Self {
        let (engine, dialect) = (subject.capabilities(), subject.lens().dialect());
        Self { tape, at: 0, count: 0, pieces, engine, dialect, extras }
    }

    /// Whether the engine takes a flow of which a step has this.
    fn is_held(&mut self, subject: &Subject, set: &Map<String, Value>) -> bool {
        let mut graph = self.graph();
        let (Some(step), Some(first)) = (self.step(StepKind::Action), graph.steps.first()) else { return false };
        let (after, port) = if self.engine.free_layout { (None, None) } else { (Some(first.id.clone()), None) };
        self.change(&mut graph, FlowEdit::AddStep { step, after, port });
        let Some(id) = self.settled(&graph) else { return false };
        self.change(&mut graph, FlowEdit::UpdateStep { id, set: set.clone() });
        subject.lens().create(&graph).is_ok()
    }

    /// A number below `end`; 0 when the tape has come to its end.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let drawn = self.tape.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::from(drawn) % end.max(1)
    }

    fn one_of<'b, T>(&mut self, choices: &'b [T]) -> Option<&'b T> {
        choices.get(self.below(choices.len()))
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    fn fresh(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{what} {}", self.count)
    }

    /// A well-formed flow of up to a dozen steps, at most three deep, every setting of the kind it should be.
    pub(super) fn graph(&mut self) -> Graph {
        let mut graph = Graph::default();
        let Some(trigger) = self.step(StepKind::Trigger) else { return graph };
        self.change(&mut graph, FlowEdit::AddStep { step: trigger, after: None, port: None });
        for _ in 0..self.below(12) {
            let Some(step) = self.step(StepKind::Action) else { break };
            let place = if self.engine.free_layout { None } else { self.place(&graph) };
            let (after, port) = place.unzip();
            self.change(&mut graph, FlowEdit::AddStep { step, after, port });
        }
        if self.engine.free_layout {
            for _ in 0..self.below(12) {
                if let Some(edit) = self.connection(&graph) {
                    self.change(&mut graph, edit);
                }
            }
        }
        for _ in 0..self.below(3) {
            let note = Note { id: self.fresh("note"), text: self.text(), position: None };
            self.change(&mut graph, FlowEdit::AddNote { note });
        }
        graph
    }

    /// Changes a graph by the rules of PMOS; what does not fit is left out.
    pub(super) fn change(&mut self, graph: &mut Graph, edit: FlowEdit) {
        let explicit = graph.expand(&[edit], &self.engine, self.dialect);
        if let Ok(changed) = explicit.and_then(|edits| graph.apply(&edits, &self.engine)) {
            *graph = changed;
        }
    }

    /// One edit that might be made; not always one that fits.
    pub(super) fn edit(&mut self, graph: &Graph) -> FlowEdit {
        loop {
            let drawn = match self.below(14) {
                0 => Some(FlowEdit::Rename { name: self.fresh("Flow") }),
                1 | 2 => self.addition(graph),
                3 => self.replacement(graph),
                4 | 5 => self.update(graph),
                6 => self.settled(graph).map(|id| FlowEdit::RemoveStep { id, keep_following: true }),
                7 => self.settled(graph).map(|id| FlowEdit::RemoveStep { id, keep_following: false }),
                8 => self.settled(graph).map(|id| FlowEdit::DuplicateStep { id }),
                9 | 10 if !self.engine.free_layout => self.movement(graph),
                9 => self.connection(graph),
                10 => self.disconnection(graph),
                11 => self.settled(graph).filter(|_| self.engine.free_layout).map(|id| {
                    let Position { x, y } = self.position();
                    FlowEdit::SetPosition { id, x, y }
                }),
                12 => Some(self.note(graph)),
                _ => self.fine_tuning(graph),
            };
            // An exhausted tape draws the first kind, which always fits.
            if let Some(edit) = drawn {
                return edit;
            }
        }
    }

    /// A few edits, each made on what the ones before led to, by the rules of PMOS.
    pub(super) fn edits(&mut self, graph: &Graph, most: usize) -> Vec<FlowEdit> {
        let mut at = graph.clone();
        let mut edits = Vec::new();
        for _ in 0..=self.below(most) {
            let edit = self.edit(&at);
            if let Ok(explicit) = at.expand(&[edit], &self.engine, self.dialect)
                && let Ok(next) = at.apply(&explicit, &self.engine)
            {
                at = next;
                edits.extend(explicit);
            }
        }
        edits
    }

    fn addition(&mut self, graph: &Graph) -> Option<FlowEdit> {
        let mut step = self.step(StepKind::Action)?;
        if self.once_in(4) {
            // A request that is taken.
            step.id = self.settled(graph);
        }
        let place = if self.engine.free_layout && self.once_in(2) { None } else { self.place(graph) };
        let (after, port) = place.unzip();
        Some(FlowEdit::AddStep { step, after, port })
    }

    fn replacement(&mut self, graph: &Graph) -> Option<FlowEdit> {
        let old = self.one_of(&graph.steps)?;
        Some(FlowEdit::ReplaceStep { id: old.id.clone(), step: self.step(old.kind)? })
    }

    /// Settings change to those of another step of the same operation: some come, some go, some change.
    fn update(&mut self, graph: &Graph) -> Option<FlowEdit> {
        let step = self.one_of(&graph.steps)?;
        let operation = operation_of(self.pieces, step.kind, &step.piece, &step.operation)?;
        let mut set = Map::new();
        if self.once_in(3) {
            set.insert("name".to_owned(), json!(self.fresh("Renamed")));
        }
        if step.kind == StepKind::Action && self.once_in(4) {
            set.insert("skip".to_owned(), json!(!step.skip));
        }
        let goal = self.settings(&operation.fields);
        let mut settings = goal.clone();
        for key in step.settings.keys().filter(|key| !goal.contains_key(*key)) {
            settings.insert(key.clone(), Value::Null);
        }
        if self.once_in(2) {
            // People mostly change one thing, and the rest stays.
            let changed = self.below(settings.len());
            settings = settings.into_iter().skip(changed).take(1).collect();
        }
        set.insert("settings".to_owned(), Value::Object(settings));
        Some(FlowEdit::UpdateStep { id: step.id.clone(), set })
    }

    /// What not every engine has.
    fn fine_tuning(&mut self, graph: &Graph) -> Option<FlowEdit> {
        let id = self.settled(graph)?;
        let set = self.one_of(self.extras)?.clone();
        Some(FlowEdit::UpdateStep { id, set })
    }

    fn movement(&mut self, graph: &Graph) -> Option<FlowEdit> {
        let id = self.settled(graph)?;
        let (after, port) = self.place(graph)?;
        Some(FlowEdit::MoveStep { id, after, port })
    }

    fn connection(&mut self, graph: &Graph) -> Option<FlowEdit> {
        let (from, port) = self.place(graph)?;
        let to = self.settled(graph)?;
        Some(FlowEdit::Connect { from, port, to, input: None })
    }

    fn disconnection(&mut self, graph: &Graph) -> Option<FlowEdit> {
        let edge = self.one_of(&graph.edges)?.clone();
        Some(FlowEdit::Disconnect { from: edge.from, port: edge.port, to: edge.to, input: edge.input })
    }

    fn note(&mut self, graph: &Graph) -> FlowEdit {
        match self.one_of(&graph.notes).cloned() {
            Some(Note { id, .. }) if self.once_in(3) => FlowEdit::RemoveNote { id },
            Some(note) if self.once_in(2) => FlowEdit::UpdateNote { note: Note { text: self.text(), ..note } },
            _ => FlowEdit::AddNote { note: Note { id: self.fresh("remark"), text: self.text(), position: None } },
        }
    }

    /// An action that is there.
    fn settled(&mut self, graph: &Graph) -> Option<StepId> {
        let actions: Vec<&Step> = graph.steps.iter().filter(|step| step.kind == StepKind::Action).collect();
        self.one_of(&actions).map(|step| step.id.clone())
    }

    /// A port of a step, in a tree not deeper than three.
    fn place(&mut self, graph: &Graph) -> Option<(StepId, Port)> {
        let after = self.one_of(&graph.steps)?;
        let operation = operation_of(self.pieces, after.kind, &after.piece, &after.operation)?;
        let mut ports = operation.outputs.clone();
        if let Some(Value::Array(list)) = operation.ports_from.as_ref().and_then(|name| after.settings.get(name)) {
            ports.extend((0..list.len()).map(Port::branch));
        }
        if depth(graph, &after.id) >= 3 {
            ports.retain(Port::is_next);
        }
        Some((after.id.clone(), self.one_of(&ports)?.clone()))
    }

    /// A new action.
    pub(super) fn action(&mut self) -> Option<NewStep> {
        self.step(StepKind::Action)
    }

    fn step(&mut self, kind: StepKind) -> Option<NewStep> {
        let choices: Vec<(&Piece, &Operation)> = self
            .pieces
            .iter()
            .flat_map(|piece| piece.operations.iter().map(move |operation| (piece, operation)))
            .filter(|(_, operation)| operation.kind == kind)
            .collect();
        let (piece, operation) = *self.one_of(&choices)?;
        Some(NewStep {
            id: None,
            name: Some(self.fresh(&operation.title)),
            kind,
            piece: piece.name.clone(),
            operation: operation.name.clone(),
            settings: self.settings(&operation.fields),
            connection: None,
            skip: kind == StepKind::Action && self.once_in(6),
            on_error: crate::flow::OnError::Stop,
            retry: None,
            timeout_s: None,
            position: self.engine.free_layout.then(|| self.position()),
        })
    }

    fn position(&mut self) -> Position {
        let mut pixels = || f64::from(u16::try_from(self.below(2_000)).unwrap_or_default());
        Position { x: pixels(), y: pixels() }
    }

    fn settings(&mut self, fields: &[Field]) -> Map<String, Value> {
        let mut settings = Map::new();
        for field in fields.iter().filter(|field| field.kind != FieldKind::Hint) {
            if field.required || self.once_in(3) {
                let value = self.value(field, &field.kind);
                settings.insert(field.name.clone(), value);
            }
        }
        settings
    }

    fn value(&mut self, field: &Field, kind: &FieldKind) -> Value {
        match kind {
            FieldKind::Number => json!(self.below(100) + 1),
            FieldKind::Boolean => json!(self.once_in(2)),
            FieldKind::DateTime => json!("2030-01-31T08:00:00Z"),
            FieldKind::Flow => json!("flow_00000000000000000000000000000007"),
            FieldKind::Color => json!("#1f6feb"),
            FieldKind::Select { options } => match self.one_of(options) {
                Some(option) => option.value.clone(),
                None => json!("any"),
            },
            FieldKind::MultiSelect { options } => {
                options.iter().filter(|_| self.once_in(2)).map(|o| o.value.clone()).collect()
            }
            FieldKind::Dynamic { multiple: true, .. } => json!([self.text()]),
            FieldKind::List { of } => (0..=self.below(3)).map(|_| self.value(field, of)).collect(),
            FieldKind::Group { fields } | FieldKind::OptionalGroup { fields } => Value::Object(self.settings(fields)),
            FieldKind::KeyValue => json!({"a": self.text(), "n": self.below(9), "deep": {"list": [1, null]}}),
            FieldKind::Json => [json!({"x": null, "y": [self.below(9)]}), json!([1, "two"]), json!("text"), json!(7)]
                .get(self.below(4))
                .cloned()
                .unwrap_or_default(),
            FieldKind::DynamicGroup { .. } => json!({"a": self.text()}),
            FieldKind::Conditions => field.default.clone().unwrap_or_else(|| json!([{}, {}])),
            _ => match &field.default {
                Some(default) if self.once_in(2) => default.clone(),
                _ => json!(self.text()),
            },
        }
    }

    fn text(&mut self) -> String {
        let texts = ["a", "größer", "zwei Worte", "\"quoted\" \\ \n lines", "日本", "0", "null"];
        self.one_of(&texts).copied().unwrap_or_default().to_owned()
    }
}

/// How many steps a step stands inside of.
fn depth(graph: &Graph, id: &StepId) -> usize {
    let mut depth = 0;
    let mut seen = BTreeSet::new();
    let mut at = id;
    while seen.insert(at) {
        let Some(edge) = graph.edges.iter().find(|edge| &edge.to == at) else { break };
        depth += usize::from(!edge.port.is_next());
        at = &edge.from;
    }
    depth
}
