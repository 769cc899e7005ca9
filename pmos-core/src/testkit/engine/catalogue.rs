//! What an engine says about itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Subject;
use crate::flow::{Capabilities, Field, FieldKind, Graph, Operation, Operator, Piece, Rule, Step, StepId, StepKind};

/// An engine has a name, a title and a version.
pub fn the_descriptor_is_complete(subject: &Subject) {
    let descriptor = subject.engine.descriptor();
    assert!(is_slug(&descriptor.name), "{:?} is not a slug", descriptor.name);
    assert!(!descriptor.title.trim().is_empty(), "{subject} has no title");
    assert!(!descriptor.version.trim().is_empty(), "{subject} has no version");
    assert!(!subject.to_string().is_empty(), "an engine without a name in logs");
}

/// Names are unique, forms refer to fields that are there, defaults are of the kind they stand for, ports make sense.
pub fn the_catalogue_is_consistent(subject: &Subject) {
    let pieces = subject.pieces();
    let faults: Vec<String> = faults(&pieces, &subject.capabilities());
    assert!(faults.is_empty(), "{subject}:\n{}", faults.join("\n"));
}

/// Every template is a flow that can be published as it is.
pub fn templates_can_be_published(subject: &Subject) {
    let (pieces, templates, engine) = (subject.pieces(), subject.templates(), subject.capabilities());
    let names: BTreeSet<&str> = templates.iter().map(|template| template.name.as_str()).collect();
    assert_eq!(names.len(), templates.len(), "two templates have the same name");
    for template in templates.iter() {
        let name = &template.name;
        assert!(is_slug(name), "template {name:?} is not a slug");
        assert!(!template.title.trim().is_empty() && !template.summary.trim().is_empty(), "{name} says nothing");
        assert_eq!(template.graph.check(&pieces, &engine), [], "template {name}");
        let document = subject.lens().create(&template.graph);
        let document = document.unwrap_or_else(|error| panic!("template {name} is refused: {error}"));
        assert_eq!(subject.lens().check(&document), [], "template {name}");
    }
}

/// What is wrong with these pieces, a sentence each.
pub fn faults(pieces: &[Piece], engine: &Capabilities) -> Vec<String> {
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for piece in pieces {
        if !names.insert(&piece.name) {
            faults.push(format!("two pieces are called {:?}", piece.name));
        }
        let mut operations = BTreeSet::new();
        for operation in &piece.operations {
            let place = format!("{}.{}", piece.name, operation.name);
            let mut sheet = Sheet { place, root: &operation.fields, faults: &mut faults };
            let is_trigger = operation.kind == StepKind::Trigger;
            let mut names = std::iter::once(&operation.name).chain(&operation.aliases);
            sheet.check(names.all(|name| operations.insert((is_trigger, name))), "there are two of this name");
            sheet.check(!operation.title.trim().is_empty(), "has no title");
            sheet.check(!operation.help.trim().is_empty(), "does not say what it does");
            sheet.check(!operation.connection || !piece.auth.is_empty(), "takes a connection of no kind");
            sheet.check(operation.sample != Some(Value::Null), "has null as its sample");
            sheet.outputs(operation);
            sheet.fields(&operation.fields, engine);
            sheet.defaults(piece, operation, engine);
        }
    }
    for (kind, what) in [(StepKind::Trigger, "trigger"), (StepKind::Action, "action")] {
        if !pieces.iter().any(|piece| piece.operations.iter().any(|operation| operation.kind == kind)) {
            faults.push(format!("there is no {what} to build flows of"));
        }
    }
    faults
}

/// Collects what is wrong with one operation.
struct Sheet<'a> {
    place: String,
    /// The fields of the operation, which rules name with a slash.
    root: &'a [Field],
    faults: &'a mut Vec<String>,
}

impl Sheet<'_> {
    fn check(&mut self, fine: bool, fault: &str) {
        if !fine {
            self.faults.push(format!("{}: {fault}", self.place));
        }
    }

    fn outputs(&mut self, operation: &Operation) {
        let outputs: BTreeSet<_> = operation.outputs.iter().collect();
        self.check(outputs.len() == operation.outputs.len(), "has the same port twice");
        // One that others are joined to may be the whole flow.
        let alone = operation.inputs.as_ref().is_none_or(Vec::is_empty);
        let starts_nothing = operation.kind == StepKind::Trigger && operation.outputs.is_empty() && alone;
        self.check(!starts_nothing, "is a trigger that leads nowhere");
        if let Some(list) = &operation.ports_from {
            let field = operation.fields.iter().find(|field| &field.name == list);
            let is_list =
                field.is_some_and(|field| matches!(field.kind, FieldKind::List { .. } | FieldKind::Conditions));
            self.check(is_list, "takes its ports from a setting that is not a list");
        }
    }

    fn fields(&mut self, fields: &[Field], engine: &Capabilities) {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        for field in fields {
            let place = std::mem::take(&mut self.place);
            self.place = format!("{place}.{}", field.name);
            self.field(field, fields, &names, engine);
            self.place = place;
        }
    }

    fn field(&mut self, field: &Field, fields: &[Field], names: &[&str], engine: &Capabilities) {
        self.check(!field.name.is_empty() && !field.name.contains('.'), "needs a name without dots");
        self.check(!field.title.trim().is_empty(), "has no title");
        let twins = fields.iter().filter(|other| other.name == field.name);
        let apart = twins.clone().count() == 1 || twins.clone().all(|twin| twin.visible_when.is_some());
        self.check(apart, "shares its name with a field that is shown at the same time");
        for condition in field.visible_when.iter().flat_map(Rule::conditions) {
            let known = self.knows(&condition.field, names) && head(&condition.field) != field.name;
            self.check(known, "depends on a field that is not there");
            let compares = !matches!(condition.operator, Operator::Set | Operator::NotSet);
            self.check(!compares || !condition.values.is_empty(), "is compared with no values");
        }
        match &field.kind {
            FieldKind::Select { options } | FieldKind::MultiSelect { options } => {
                let values: BTreeSet<String> = options.iter().map(|option| option.value.to_string()).collect();
                self.check(values.len() == options.len(), "offers the same value twice");
                self.check(options.iter().all(|option| !option.label.is_empty()), "offers a choice without a label");
            }
            FieldKind::Dynamic { depends_on, .. } | FieldKind::DynamicGroup { depends_on } => {
                let known = depends_on.iter().all(|path| self.knows(path, names));
                self.check(known, "depends on a field that is not there");
                self.check(engine.dynamic_options, "looks options up, which the engine says it cannot");
            }
            FieldKind::Group { fields } | FieldKind::OptionalGroup { fields } => self.fields(fields, engine),
            // The ways to name an object are no siblings; what they depend on stands beside the whole.
            FieldKind::Locator { modes, .. } => modes.iter().for_each(|mode| self.field(mode, modes, names, engine)),
            FieldKind::List { of } => match of.as_ref() {
                FieldKind::Group { fields } | FieldKind::OptionalGroup { fields } => self.fields(fields, engine),
                _ => {}
            },
            _ => {}
        }
    }

    /// Whether a path leads to one of these siblings or, with a slash, to a field of the operation.
    fn knows(&self, path: &str, siblings: &[&str]) -> bool {
        match path.strip_prefix('/') {
            Some(path) => self.root.iter().any(|field| field.name == head(path)),
            None => siblings.contains(&head(path)),
        }
    }

    /// A default is checked as if it had been entered.
    fn defaults(&mut self, piece: &Piece, operation: &Operation, engine: &Capabilities) {
        let Ok(id) = "step".parse::<StepId>() else { return };
        for field in &operation.fields {
            let Some(default) = &field.default else { continue };
            let mut operation = operation.clone();
            let name = field.name.clone();
            operation.fields = vec![Field { visible_when: None, required: false, ..field.clone() }];
            let step = Step {
                id: id.clone(),
                kind: operation.kind,
                name: "Step".to_owned(),
                piece: piece.name.clone(),
                operation: operation.name.clone(),
                settings: [(name, default.clone())].into_iter().collect(),
                connection: None,
                skip: false,
                on_error: crate::flow::OnError::Stop,
                retry: None,
                timeout_s: None,
                position: None,
            };
            let alone = [Piece { operations: vec![operation], ..piece.clone() }];
            let issues = Graph { steps: vec![step], ..Graph::default() }.check(&alone, engine);
            for issue in issues.iter().filter(|issue| issue.field.is_some()) {
                self.check(false, &format!("the default of {:?} does not fit: {}", field.name, issue.message));
            }
        }
    }
}

/// The name that a path begins with.
fn head(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
}
