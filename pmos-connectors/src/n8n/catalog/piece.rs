//! Turns a node into a piece.
//!
//! A node with a `resource` and an `operation` parameter does many things; each pair is an operation of its own, and what
//! the pair decides is settled in its form. The two parameters are not in it: they are what the operation is called.
//!
//! | the node has | its operations | what else they are called |
//! |---|---|---|
//! | both | `message:post` | `post` of the default resource, `message:` for the default operation of a resource |
//! | `operation` only | `post` | |
//! | `resource` only | `message:` | |
//! | neither | `execute` | |
//!
//! The one that n8n takes when neither is given is also called `execute`: workflows leave out what is the default.

use pmos_core::flow::{Operation, OperationSummary, Piece, PieceSummary, StepEffect, StepKind};
use serde_json::Value;

use super::{
    descriptor::{Node, Property, plain, text},
    form::Form,
    kind, ports,
    rule::{Known, Level, Names, Reader, Truth},
};

/// The operation of a node that does one thing, and what any other does when nothing else is said.
const EXECUTE: &str = "execute";

/// One version of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Versioned<'a> {
    pub(super) node: Node<'a>,
    pub(super) version: f64,
}

/// One of the things that a node does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    resource: Option<String>,
    operation: Option<String>,
    title: String,
    help: Option<String>,
}

impl Choice {
    /// The parameters that it stands for.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parameters = [("resource", self.resource.as_deref()), ("operation", self.operation.as_deref())];
        parameters.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)))
    }
}

/// A value of `resource` or `operation`, with what people read and the option that it is.
struct Named<'a> {
    value: String,
    title: String,
    option: Option<&'a Value>,
}

impl<'a> Versioned<'a> {
    /// What is known of a form of the node.
    pub(super) fn known(self, choice: Option<&Choice>) -> Known<'_> {
        Known {
            version: self.version,
            is_tool: self.node.is_tool(),
            resource: choice.and_then(|choice| choice.resource.as_deref()),
            operation: choice.and_then(|choice| choice.operation.as_deref()),
        }
    }

    /// What the node does, in the order of n8n; nothing when it does one thing only.
    pub(super) fn choices(self) -> Vec<Choice> {
        let known = self.known(None);
        let resources = self.values_of("resource", known);
        let mut choices: Vec<Choice> = Vec::new();
        if resources.is_empty() {
            let default = self.default_of("operation", known);
            for operation in self.values_of("operation", known) {
                let is_default = default.as_ref() == Some(&operation.value);
                let aliases = is_default.then(|| EXECUTE.to_owned());
                choices.push(Choice {
                    name: operation.value.clone(),
                    aliases: aliases.into_iter().collect(),
                    resource: None,
                    help: operation.help(),
                    title: operation.action().unwrap_or(operation.title),
                    operation: Some(operation.value),
                });
            }
        }
        let default_resource = self.default_of("resource", known);
        for resource in resources {
            let of_default = default_resource.as_ref() == Some(&resource.value);
            self.choices_of(&resource, of_default, &mut choices);
        }
        // Each name means one thing, and names come before aliases.
        let mut taken: Vec<String> = Vec::new();
        choices.retain(|choice| {
            let is_new = !taken.contains(&choice.name);
            taken.push(choice.name.clone());
            is_new
        });
        for choice in &mut choices {
            choice.aliases.retain(|alias| {
                let is_new = !taken.contains(alias);
                taken.push(alias.clone());
                is_new
            });
        }
        choices
    }

    fn choices_of(self, resource: &Named<'_>, of_default: bool, choices: &mut Vec<Choice>) {
        let known = Known { resource: Some(&resource.value), ..self.known(None) };
        let operations = self.values_of("operation", known);
        let default = self.default_of("operation", known);
        if operations.is_empty() {
            choices.push(Choice {
                name: format!("{}:", resource.value),
                aliases: of_default.then(|| EXECUTE.to_owned()).into_iter().collect(),
                resource: Some(resource.value.clone()),
                operation: None,
                title: resource.action().unwrap_or_else(|| resource.title.clone()),
                help: resource.help(),
            });
        }
        for operation in operations {
            let is_default = default.as_ref() == Some(&operation.value);
            let aliases = [
                (of_default && operation.value != EXECUTE).then(|| operation.value.clone()),
                is_default.then(|| format!("{}:", resource.value)),
                (of_default && is_default).then(|| EXECUTE.to_owned()),
            ];
            choices.push(Choice {
                name: format!("{}:{}", resource.value, operation.value),
                aliases: aliases.into_iter().flatten().collect(),
                resource: Some(resource.value.clone()),
                help: operation.help(),
                title: operation.action().unwrap_or_else(|| format!("{} ({})", operation.title, resource.title)),
                operation: Some(operation.value),
            });
        }
    }

    /// The values that a parameter of the node may have. What steps cannot be called by is left out.
    fn values_of(self, name: &str, known: Known<'_>) -> Vec<Named<'a>> {
        let properties = self.node.properties();
        let names = Names::of(&properties);
        let reader = Reader { known, level: Level { siblings: &names, root: None }, expressions: false };
        let mut values: Vec<Named<'a>> = Vec::new();
        for property in shown(&properties, name, &reader) {
            let options = property.options().filter(|option| reader.shown(&option["displayOptions"]) != Truth::No);
            let named = options.filter_map(|option| {
                let value = option["value"].as_str().filter(|value| is_word(value))?;
                Some(Named {
                    value: value.to_owned(),
                    title: kind::label(option, &option["value"]),
                    option: Some(option),
                })
            });
            match property.kind() {
                "options" => values.extend(named),
                // n8n keeps the one value there is out of sight.
                "hidden" => {
                    let Some(default) = property.default().and_then(Value::as_str).filter(|value| is_word(value))
                    else {
                        continue;
                    };
                    let plain = Named { value: default.to_owned(), title: default.to_owned(), option: None };
                    values.push(named.into_iter().find(|named| named.value == default).unwrap_or(plain));
                }
                _ => {}
            }
        }
        values
    }

    /// The value that a parameter has when it is left out.
    fn default_of(self, name: &str, known: Known<'_>) -> Option<String> {
        let properties = self.node.properties();
        let names = Names::of(&properties);
        let reader = Reader { known, level: Level { siblings: &names, root: None }, expressions: false };
        let property = shown(&properties, name, &reader).next()?;
        property.default()?.as_str().map(str::to_owned)
    }

    /// The node in a list.
    pub(super) fn summary(self) -> PieceSummary {
        let node = self.node;
        let choices = self.choices();
        let operations = match choices.as_slice() {
            [] => vec![self.summary_of(None)],
            choices => choices.iter().map(|choice| self.summary_of(Some(choice))).collect(),
        };
        PieceSummary {
            name: node.name().to_owned(),
            title: node.title(),
            logo: node.logo(),
            categories: node.categories(),
            operations,
        }
    }

    fn summary_of(self, choice: Option<&Choice>) -> OperationSummary {
        OperationSummary {
            name: choice.map_or_else(|| EXECUTE.to_owned(), |choice| choice.name.clone()),
            kind: if self.node.is_trigger() { StepKind::Trigger } else { StepKind::Action },
            title: choice.map_or_else(|| self.node.title(), |choice| choice.title.clone()),
            help: choice.and_then(|choice| choice.help.clone()).unwrap_or_else(|| self.node.help()),
            icon: None,
        }
    }

    /// The piece, under the name it was asked for.
    pub(super) fn piece(self, name: &str) -> Piece {
        let node = self.node;
        let choices = self.choices();
        let operations = match choices.as_slice() {
            [] => vec![self.operation(None)],
            choices => choices.iter().map(|choice| self.operation(Some(choice))).collect(),
        };
        Piece {
            name: name.to_owned(),
            title: node.title(),
            logo: node.logo(),
            categories: node.categories(),
            auth: node.credentials(),
            operations,
        }
    }

    fn operation(self, choice: Option<&Choice>) -> Operation {
        let known = self.known(choice);
        let OperationSummary { name, kind, title, help, icon } = self.summary_of(choice);
        Operation {
            name,
            aliases: choice.map(|choice| choice.aliases.clone()).unwrap_or_default(),
            kind,
            title,
            help,
            icon,
            fields: Form { known, root: None }.fields(self.node.properties()),
            outputs: ports::outputs(self.node.outputs()),
            ports_from: None,
            inputs: ports::inputs(self.node.inputs()),
            connection: !self.node.credentials().is_empty(),
            sample: None,
            effect: self.effect(choice),
        }
    }

    /// What a step may do, told by the verb of its operation; what is not known may write.
    fn effect(self, choice: Option<&Choice>) -> StepEffect {
        const READS: [&str; 9] = ["get", "list", "search", "find", "read", "lookup", "count", "download", "query"];
        let reads = choice.and_then(|choice| choice.operation.as_ref()).is_some_and(|operation| {
            let verb = operation.to_ascii_lowercase();
            // `getOrCreate` and the like write.
            READS.iter().any(|read| verb.starts_with(read)) && !verb.contains("create") && !verb.contains("update")
        });
        if self.node.is_trigger() || reads {
            StepEffect::Read
        } else if self.node.only_computes() {
            StepEffect::Pure
        } else {
            StepEffect::Write
        }
    }
}

impl Named<'_> {
    fn action(&self) -> Option<String> {
        self.told("action")
    }

    fn help(&self) -> Option<String> {
        self.told("description")
    }

    fn told(&self, what: &str) -> Option<String> {
        self.option.map(|option| plain(text(option, what))).filter(|told| !told.is_empty())
    }
}

/// The properties of this name that may be shown.
fn shown<'p, 'a>(
    properties: &'p [Property<'a>],
    name: &'p str,
    reader: &'p Reader<'_>,
) -> impl Iterator<Item = Property<'a>> + use<'p, 'a> {
    let of_name = properties.iter().copied().filter(move |property| property.name() == name);
    of_name.filter(|property| reader.shown(property.display_options()) != Truth::No)
}

/// Whether a step can be called by this value, as parts of operations are.
fn is_word(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
