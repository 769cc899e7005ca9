//! From the graph to the tree.

use std::collections::{HashMap, HashSet};

use pmos_core::flow::{Graph, Issue, Port, Step, StepId, StepKind};
use serde_json::Value;

use super::{
    Arm, Block, Branch, Loop, Node, Program, Trigger, Work,
    settings::{self, Settings},
};
use crate::embedded::{
    expression::{LOOP_ROOTS, ROOTS, Template},
    operation::Operations,
};

/// How deep branches and loops may stand inside each other; every level is a level of recursion.
const DEEPEST: usize = 32;
/// How many branches one step may have.
const MOST_BRANCHES: usize = 64;

/// What a step may refer to, given where it stands.
#[derive(Clone)]
pub(super) struct Seen<'a> {
    graph: &'a HashMap<&'a str, &'a Step>,
    before: HashSet<&'a str>,
    /// The loops around it, the innermost last.
    loops: Vec<&'a StepId>,
}

impl<'a> Seen<'a> {
    pub(super) fn roots(&self) -> &'static [&'static str] {
        if self.loops.is_empty() { &ROOTS } else { &LOOP_ROOTS }
    }

    /// Whether the result of this step is seen.
    pub(super) fn sees(&self, step: &StepId) -> bool {
        self.before.contains(step.as_str())
    }

    /// The loop whose item is seen.
    pub(super) fn innermost_loop(&self) -> Option<&'a StepId> {
        self.loops.last().copied()
    }

    /// Why a step cannot be referred to here.
    pub(super) fn fault(&self, id: &str) -> Option<String> {
        if self.before.contains(id) {
            return None;
        }
        Some(match self.graph.get(id) {
            None => format!("there is no step `{id}`"),
            Some(step) if step.kind == StepKind::Trigger => "what started the flow is reached as `trigger`".to_owned(),
            Some(step) => format!("the step `{id}` ({}) does not come before this one, or is inside a loop", step.name),
        })
    }
}

struct Grower<'a> {
    operations: &'a Operations,
    steps: HashMap<&'a str, &'a Step>,
    ways: HashMap<(&'a StepId, &'a Port), &'a StepId>,
    placed: HashSet<&'a str>,
    issues: &'a mut Vec<Issue>,
    /// The step of which it is noted down what it sees.
    asked: Option<&'a StepId>,
    found: Option<Seen<'a>>,
}

pub(super) fn grow(graph: &Graph, operations: &Operations, issues: &mut Vec<Issue>) -> Option<Program> {
    walk(graph, operations, issues, None, |_| ())
}

/// What `step` sees, handed to `tell`; not called when nothing leads to it.
pub(super) fn seen_from(graph: &Graph, operations: &Operations, step: &StepId, tell: impl FnOnce(&Seen<'_>)) {
    walk(graph, operations, &mut Vec::new(), Some(step), tell);
}

fn walk(
    graph: &Graph,
    operations: &Operations,
    issues: &mut Vec<Issue>,
    asked: Option<&StepId>,
    tell: impl FnOnce(&Seen<'_>),
) -> Option<Program> {
    let mut triggers = graph.triggers();
    let (Some(trigger), None) = (triggers.next(), triggers.next()) else {
        let message = "a flow needs exactly one step that starts it";
        issues.push(Issue { step: None, field: None, code: "structure".to_owned(), message: message.to_owned() });
        return None;
    };
    let steps: HashMap<_, _> = graph.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let ways = graph.edges.iter().map(|edge| ((&edge.from, &edge.port), &edge.to)).collect();
    let lookup = steps.clone();
    let mut seen = Seen { graph: &lookup, before: HashSet::new(), loops: Vec::new() };
    let placed = HashSet::from([trigger.id.as_str()]);
    let mut grower = Grower { operations, steps, ways, placed, issues, asked, found: None };
    let compiled = grower.trigger(trigger, &seen);
    let body = grower.block(&trigger.id, &Port::next(), &mut seen, 0);
    if let Some(found) = &grower.found {
        tell(found);
    }
    compiled.map(|trigger| Program { trigger, body })
}

impl<'a> Grower<'a> {
    fn issue(&mut self, step: &Step, field: Option<&str>, code: &str, message: String) {
        let (step, field) = (Some(step.id.clone()), field.map(str::to_owned));
        self.issues.push(Issue { step, field, code: code.to_owned(), message });
    }

    fn not_offered(&mut self, step: &Step) {
        let pieces = self.operations.pieces().iter();
        let offered = pieces.flat_map(|piece| piece.operations.iter().map(move |operation| (piece, operation)));
        let offered = offered.filter(|(_, operation)| operation.kind == step.kind);
        let known: Vec<_> = offered.map(|(piece, operation)| format!("{}.{}", piece.name, operation.name)).collect();
        let message = format!(
            "there is no operation `{}` of piece `{}` here; choose one of: {}",
            step.operation,
            step.piece,
            known.join(", ")
        );
        self.issue(step, Some("operation"), "unknown_operation", message);
    }

    fn trigger(&mut self, step: &Step, seen: &Seen<'_>) -> Option<Trigger> {
        let mut settings = Settings::new(step, seen, self.issues);
        let trigger = match (step.piece.as_str(), step.operation.as_str()) {
            ("core", "webhook") => settings::webhook(step, &mut settings),
            ("core", "manual") => settings::manual(step, &mut settings),
            ("core", "schedule") => settings::schedule(step, &mut settings),
            _ => {
                self.not_offered(step);
                return None;
            }
        };
        settings.finish();
        Some(trigger)
    }

    /// The steps that follow `from` by `port`.
    fn block(&mut self, from: &StepId, port: &Port, seen: &mut Seen<'a>, depth: usize) -> Block {
        let mut block = Vec::new();
        let (mut from, mut port) = (from.clone(), port.clone());
        while let Some(step) = self.ways.get(&(&from, &port)).and_then(|to| self.steps.get(to.as_str()).copied()) {
            if !self.placed.insert(step.id.as_str()) {
                let message = "is reached in two ways; every step follows exactly one other".to_owned();
                self.issue(step, None, "structure", message);
                break;
            }
            if depth > DEEPEST {
                let message = format!("stands inside more than {DEEPEST} branches and loops; use a flow of its own");
                self.issue(step, None, "structure", message);
                break;
            }
            if self.asked == Some(&step.id) {
                self.found = Some(seen.clone());
            }
            if let Some(work) = self.work(step, seen, depth) {
                block.push(Node {
                    id: step.id.clone(),
                    name: step.name.clone(),
                    skip: step.skip,
                    on_error: step.on_error,
                    retry: step.retry,
                    timeout: step.timeout_s.map(|seconds| std::time::Duration::from_secs(seconds.into())),
                    work,
                });
            }
            seen.before.insert(step.id.as_str());
            (from, port) = (step.id.clone(), Port::next());
        }
        block
    }

    fn work(&mut self, step: &'a Step, seen: &mut Seen<'a>, depth: usize) -> Option<Work> {
        let mut settings = Settings::new(step, seen, self.issues);
        let work = match (step.piece.as_str(), step.operation.as_str()) {
            ("core", "set") => {
                let values = settings.object("values");
                Work::Set { values }
            }
            ("core", "respond") => Work::Respond(Box::new(settings::respond(&mut settings))),
            ("core", "delay") => {
                let delay = settings::delay(&mut settings);
                settings.finish();
                return delay.map(Work::Delay);
            }
            ("core", "subflow") => {
                let subflow = settings::subflow(&mut settings);
                settings.finish();
                return subflow.map(|subflow| Work::Subflow(Box::new(subflow)));
            }
            ("core", "stop") => Work::Stop { fail: settings.template("fail") },
            ("core", "branch") => {
                let all = settings.choice("mode", &["first", "all"], "first") == "all";
                let arms = conditions(&mut settings);
                settings.finish();
                return Some(Work::Branch(self.branch(step, all, arms, seen, depth)));
            }
            ("core", "loop") => {
                let items = settings.required_template("items");
                if let Template::Fixed(value) = &items
                    && !value.is_array()
                    && !value.is_null()
                {
                    settings.issue("items", "invalid", "must be a list, as in {{ trigger.body.lines }}");
                }
                let concurrency = settings.number("concurrency", 1..=16, 1);
                settings.finish();
                let body = self.inside_loop(step, seen, depth);
                return Some(Work::Loop(Loop { items, concurrency: usize::try_from(concurrency).unwrap_or(1), body }));
            }
            (piece, name) => {
                if let Some(operation) = self.operations.get(piece, name) {
                    return Some(Work::Call(Box::new(settings::call(step, operation, &mut settings))));
                }
                self.not_offered(step);
                return None;
            }
        };
        settings.finish();
        Some(work)
    }

    /// Steps of one branch are not seen from another unless both may run; after the branches all are. What was decided is
    /// seen from everywhere inside.
    fn branch(
        &mut self,
        step: &'a Step,
        all: bool,
        arms: Vec<(String, Template)>,
        seen: &mut Seen<'a>,
        depth: usize,
    ) -> Branch {
        seen.before.insert(step.id.as_str());
        let before = seen.before.clone();
        let mut after = before.clone();
        let mut ways = Vec::new();
        for (n, (name, when)) in arms.into_iter().enumerate() {
            let body = self.block(&step.id, &Port::branch(n), seen, depth + 1);
            ways.push(Arm { name, when, body });
            after.extend(&seen.before);
            if !all {
                seen.before.clone_from(&before);
            }
        }
        seen.before.clone_from(&before);
        let otherwise = self.block(&step.id, &Port::otherwise(), seen, depth + 1);
        after.extend(&seen.before);
        seen.before = after;
        Branch { all, arms: ways, otherwise }
    }

    /// What is inside a loop has as many results as there are passes, so it is not seen from after it.
    fn inside_loop(&mut self, step: &'a Step, seen: &mut Seen<'a>, depth: usize) -> Block {
        let before = seen.before.clone();
        seen.loops.push(&step.id);
        let body = self.block(&step.id, &Port::body(), seen, depth + 1);
        seen.loops.pop();
        seen.before = before;
        body
    }
}

fn conditions(settings: &mut Settings<'_>) -> Vec<(String, Template)> {
    let entries = settings.list("branches", true);
    if entries.len() > MOST_BRANCHES {
        settings.issue("branches", "invalid", format!("may have at most {MOST_BRANCHES} entries"));
    }
    let mut arms = Vec::new();
    for (n, entry) in entries.iter().enumerate().take(MOST_BRANCHES) {
        let name = entry.get("name").and_then(Value::as_str).map_or_else(|| format!("Branch {}", n + 1), str::to_owned);
        let field = format!("branches[{n}].when");
        let when = entry.get("when").unwrap_or(&Value::Null);
        let template = settings.compile(&field, when);
        match &template {
            Template::Lone(_) | Template::Fixed(Value::Bool(_)) => {}
            Template::Fixed(Value::Null) => settings.issue(field, "required", "is needed here"),
            _ => settings.issue(field, "invalid", "must be one expression, as in {{ trigger.body.total > 100 }}"),
        }
        arms.push((name, template));
    }
    arms
}
