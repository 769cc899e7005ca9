//! What keeps a graph from doing what it should, judged by the catalogue alone.
//!
//! An engine adds what only it can know, as expressions that do not parse. What is found here is found for every engine.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};

use super::{
    Capabilities, Field, FieldKind, Graph, Issue, Operation, Piece, Port, Step, StepId, StepKind,
    limits::clip,
    visible::{Filled, lookup, same},
};
use crate::{Error, FlowId, Result};

/// More than anybody reads at once; the rest shows when these are mended.
const MAX_ISSUES: usize = 200;

impl Graph {
    /// What is wrong with this graph, given what flows can be built of; empty when nothing is.
    ///
    /// Codes: those of [`Graph::structure`], and `empty`, `no_trigger`, `unknown_piece`, `unknown_operation`, `wrong_kind`,
    /// `unknown_port`, `connection_unused`, `required`, `wrong_value`, `not_an_option`, `unknown_setting`.
    pub fn check(&self, pieces: &[Piece], engine: &Capabilities) -> Vec<Issue> {
        let mut issues = self.structure(engine);
        if self.steps.is_empty() {
            issues.push(Issue::of_flow("empty", "The flow is empty; begin with a trigger."));
        } else if self.triggers().next().is_none() {
            issues.push(Issue::of_flow("no_trigger", "Nothing starts the flow; add a trigger."));
        }
        let catalogue = Catalogue::new(pieces);
        let mut ports: HashMap<&str, Vec<&Port>> = HashMap::new();
        for edge in &self.edges {
            ports.entry(edge.from.as_str()).or_default().push(&edge.port);
        }
        for step in &self.steps {
            if issues.len() >= MAX_ISSUES {
                break;
            }
            match catalogue.operation(step) {
                Err(issue) => issues.push(issue),
                Ok(operation) => {
                    let used = ports.get(step.id.as_str()).map(Vec::as_slice).unwrap_or_default();
                    check_ports(step, operation, used, engine, &mut issues);
                    if step.connection.is_some() && !operation.connection {
                        let message = format!("{:?} uses no connection; remove it from the step", operation.title);
                        issues.push(Issue::of(&step.id, "connection_unused", message).at("connection"));
                    }
                    issues.extend(check_settings(&step.id, &operation.fields, &step.settings));
                }
            }
        }
        issues.truncate(MAX_ISSUES);
        issues
    }
}

/// What is wrong with the settings of a step, given the fields of its operation.
pub fn check_settings(step: &StepId, fields: &[Field], settings: &Map<String, Value>) -> Vec<Issue> {
    let filled = Filled::new(fields, settings, None);
    let mut form = Form { step: Some(step), root: &filled, issues: Vec::new() };
    form.fields(fields, settings, &filled, Level { path: "", optional: false });
    form.issues
}

/// What a person or a program gave for these fields, with the defaults of what was left out.
///
/// # Errors
/// `invalid_input` naming each value below `path` that does not fit its field, or that no field is for.
pub fn fill_in(fields: &[Field], given: Value, path: &str) -> Result<Value> {
    let Value::Object(mut given) = given else {
        return Err(Error::invalid(path, format!("must be an object with fields; {} stands there", name_of(&given))));
    };
    let filled = Filled::new(fields, &given, None);
    let mut form = Form { step: None, root: &filled, issues: Vec::new() };
    form.fields(fields, &given, &filled, Level { path, optional: false });
    let mut faults = form.issues.into_iter().map(|issue| (issue.field.unwrap_or_default(), issue.message));
    if let Some((field, message)) = faults.next() {
        return Err(faults.fold(Error::invalid(field, message), |error, (field, message)| error.at(field, message)));
    }
    let defaults: Vec<_> = filled.defaults().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    given.extend(defaults);
    Ok(Value::Object(given))
}

/// The operation of a piece that a step carries out, if the catalogue has it.
pub fn operation_of<'a>(pieces: &'a [Piece], kind: StepKind, piece: &str, operation: &str) -> Option<&'a Operation> {
    let piece = pieces.iter().find(|known| known.name == piece)?;
    piece.operations.iter().find(|known| known.kind == kind && known.is_called(operation))
}

struct Catalogue<'a>(BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a Operation>>>);

impl<'a> Catalogue<'a> {
    fn new(pieces: &'a [Piece]) -> Self {
        let mut known: BTreeMap<&str, BTreeMap<&str, Vec<&Operation>>> = BTreeMap::new();
        for piece in pieces {
            let operations = known.entry(&piece.name).or_default();
            for operation in &piece.operations {
                for name in std::iter::once(&operation.name).chain(&operation.aliases) {
                    operations.entry(name).or_default().push(operation);
                }
            }
        }
        Self(known)
    }

    fn operation(&self, step: &Step) -> std::result::Result<&'a Operation, Issue> {
        let piece = clip(&step.piece);
        let Some(operations) = self.0.get(step.piece.as_str()) else {
            let message = format!("there is no piece {piece:?} here; choose {}", choices(self.0.keys().copied()));
            return Err(Issue::of(&step.id, "unknown_piece", message).at("piece"));
        };
        let Some(named) = operations.get(step.operation.as_str()) else {
            let (operation, choice) = (clip(&step.operation), choices(operations.keys().copied()));
            let message = format!("{piece:?} has no operation {operation:?}; choose {choice}");
            return Err(Issue::of(&step.id, "unknown_operation", message).at("operation"));
        };
        named.iter().copied().find(|operation| operation.kind == step.kind).ok_or_else(|| {
            let message = match step.kind {
                StepKind::Trigger => "is an action, it cannot start the flow; choose a trigger",
                StepKind::Action => "is a trigger, it can only start a flow; choose an action",
            };
            Issue::of(&step.id, "wrong_kind", format!("{:?} {message}", clip(&step.operation))).at("operation")
        })
    }
}

/// Some of the names there are, for a message.
fn choices<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let mut names = names.map(clip);
    let shown: Vec<&str> = names.by_ref().take(SHOWN).collect();
    match (shown.is_empty(), names.next()) {
        (true, _) => "another engine, this one has none".to_owned(),
        (false, None) => format!("one of: {}", shown.join(", ")),
        (false, Some(_)) => format!("one of: {} …", shown.join(", ")),
    }
}

fn check_ports(step: &Step, operation: &Operation, used: &[&Port], engine: &Capabilities, issues: &mut Vec<Issue>) {
    let branches = operation.ports_from.as_ref().map(|list| match lookup(&step.settings, list) {
        Some(Value::Array(entries)) => (list, entries.len()),
        _ => (list, 0),
    });
    for port in used {
        let fixed = operation.outputs.contains(port);
        let on_error = engine.error_ports && matches!(port.as_str(), "success" | "failure");
        let counted = matches!((port.numbered(), branches), (Some(("branch", at)), Some((_, count))) if at < count);
        if fixed || on_error || counted {
            continue;
        }
        let outputs = operation.outputs.iter().map(Port::as_str);
        let message = match branches {
            Some((list, count)) if port.numbered().is_some_and(|(family, _)| family == "branch") => {
                format!("has {count} entries in {list:?}, so no port {port}; add an entry or remove what follows there")
            }
            _ => format!("has no port {port}; connect what follows by {}", choices(outputs)),
        };
        issues.push(Issue::of(&step.id, "unknown_port", message));
    }
}

/// Where in the settings some fields stand.
#[derive(Clone, Copy)]
struct Level<'a> {
    path: &'a str,
    /// Whether all of them may be left out.
    optional: bool,
}

/// Compares settings with what can be configured.
struct Form<'a> {
    /// Whose settings they are; none for what is filled in by itself.
    step: Option<&'a StepId>,
    root: &'a Filled<'a>,
    issues: Vec<Issue>,
}

impl Form<'_> {
    fn report(&mut self, path: &str, code: &str, message: impl Into<String>) {
        if self.issues.len() < MAX_ISSUES {
            let (step, field) = (self.step.cloned(), Some(path.to_owned()));
            self.issues.push(Issue { step, field, code: code.to_owned(), message: message.into() });
        }
    }

    fn fields(&mut self, fields: &[Field], settings: &Map<String, Value>, filled: &Filled<'_>, level: Level<'_>) {
        let mut known: HashMap<&str, bool> = HashMap::new();
        for field in fields.iter().filter(|field| field.kind != FieldKind::Hint) {
            // A name may stand for several fields of which one is shown at a time.
            known.entry(&field.name).or_default();
            if !filled.shows(field) {
                continue;
            }
            let path = join(level.path, &field.name);
            match settings.get(&field.name).filter(|value| !value.is_null()) {
                Some(value) => self.value(field, value, &path),
                None if field.required
                    && !level.optional
                    && field.default.as_ref().is_none_or(|value| is_empty(field, value)) =>
                {
                    self.report(&path, "required", format!("{:?} is required; fill it in", field.title));
                }
                None => {}
            }
        }
        for key in settings.keys().filter(|key| !known.contains_key(key.as_str())) {
            let choice = choices(fields.iter().map(|field| field.name.as_str()));
            let message = format!("there is no setting {:?} here; remove it or use {choice}", clip(key));
            self.report(&join(level.path, clip(key)), "unknown_setting", message);
        }
    }

    fn group(&mut self, fields: &[Field], settings: &Map<String, Value>, path: &str, optional: bool) {
        // What may be left out has no value until it is asked for.
        let filled = Filled::new(if optional { &[] } else { fields }, settings, Some(self.root));
        self.fields(fields, settings, &filled, Level { path, optional });
    }

    fn value(&mut self, field: &Field, value: &Value, path: &str) {
        if field.required && is_empty(field, value) {
            return self.report(path, "required", format!("{:?} is required; fill it in", field.title));
        }
        self.kind(&field.kind, field, value, path);
    }

    fn kind(&mut self, kind: &FieldKind, field: &Field, value: &Value, path: &str) {
        if field.expressions && value.as_str().is_some_and(|text| text.contains("{{")) {
            return;
        }
        match (kind, value) {
            (FieldKind::List { of }, Value::Array(entries)) => {
                for (at, entry) in entries.iter().enumerate() {
                    self.kind(of, field, entry, &format!("{path}[{at}]"));
                }
            }
            (FieldKind::Group { fields }, Value::Object(inner)) => self.group(fields, inner, path, false),
            (FieldKind::OptionalGroup { fields }, Value::Object(inner)) => self.group(fields, inner, path, true),
            (FieldKind::Select { options }, value) => self.option(options, value, path),
            (FieldKind::MultiSelect { options }, Value::Array(chosen)) => {
                for (at, value) in chosen.iter().enumerate() {
                    self.option(options, value, &format!("{path}[{at}]"));
                }
            }
            (kind, value) => {
                if let Some(expected) = expected(kind, value) {
                    let or = if field.expressions { ", or an expression in {{ }}" } else { "" };
                    let message = format!("{:?} must be {expected}{or}; {} stands there", field.title, name_of(value));
                    self.report(path, "wrong_value", message);
                }
            }
        }
    }

    fn option(&mut self, options: &[super::FieldOption], value: &Value, path: &str) {
        // Without options the engine does not know them beforehand.
        if options.is_empty() || options.iter().any(|option| same(&option.value, value)) {
            return;
        }
        let texts: Vec<String> = options.iter().take(13).map(|option| text_of(&option.value)).collect();
        let message = format!(
            "{} is not to choose here; choose {}",
            clip(&text_of(value)),
            choices(texts.iter().map(String::as_str))
        );
        self.report(path, "not_an_option", message);
    }
}

/// Whether a value says no more than nothing does: the empty text, or a locator that names nothing.
fn is_empty(field: &Field, value: &Value) -> bool {
    let located = matches!(field.kind, FieldKind::Locator { .. }).then(|| value.get("value")).flatten();
    located.unwrap_or(value).as_str() == Some("")
}

/// What should stand there, unless the value is that.
fn expected(kind: &FieldKind, value: &Value) -> Option<&'static str> {
    let (fits, expected) = match kind {
        FieldKind::Text | FieldKind::LongText | FieldKind::Secret => (value.is_string(), "a text"),
        FieldKind::Code { .. } => (value.is_string(), "program text"),
        FieldKind::Number => (value.is_number(), "a number"),
        FieldKind::Boolean => (value.is_boolean(), "true or false"),
        FieldKind::DateTime => (value.as_str().is_some_and(is_date), "a point in time, as 2030-01-31T08:00:00Z"),
        FieldKind::Flow => (value.as_str().is_some_and(|id| id.parse::<FlowId>().is_ok()), "an automation"),
        FieldKind::Color => (value.as_str().is_some_and(is_color), "a colour, as #1f6feb"),
        FieldKind::MultiSelect { .. } | FieldKind::Dynamic { multiple: true, .. } => {
            (value.is_array(), "a list of choices")
        }
        FieldKind::List { .. } => (value.is_array(), "a list"),
        FieldKind::Group { .. } | FieldKind::OptionalGroup { .. } | FieldKind::DynamicGroup { .. } => {
            (value.is_object(), "an object with fields")
        }
        FieldKind::KeyValue => (value.is_object(), "an object of names and values"),
        FieldKind::Locator { .. } | FieldKind::File => (value.is_string() || value.is_object(), "a text or an object"),
        FieldKind::Conditions => (value.is_array() || value.is_object(), "a list of conditions"),
        FieldKind::Select { .. } | FieldKind::Dynamic { .. } | FieldKind::Json | FieldKind::Hint => (true, "a value"),
    };
    (!fits).then_some(expected)
}

fn is_date(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
        || text.parse::<NaiveDateTime>().is_ok()
        || text.parse::<NaiveDate>().is_ok()
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => name_of(value).to_owned(),
        other => other.to_string(),
    }
}

fn join(within: &str, name: &str) -> String {
    if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") }
}
