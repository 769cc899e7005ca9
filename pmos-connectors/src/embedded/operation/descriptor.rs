//! What an operation says of itself.

use pmos_core::flow::{Field, Operation, Port, StepEffect, StepKind};
use serde_json::Value;

/// What people and programs are told of an operation: forms, checks and the catalogue follow from it.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationDescriptor {
    name: String,
    title: String,
    help: String,
    icon: Option<String>,
    fields: Vec<Field>,
    connection: bool,
    sample: Option<Value>,
    effect: StepEffect,
}

impl OperationDescriptor {
    /// An operation that may change something, under a slug such as `reserve`, which stays as it is once flows use it. The
    /// title is what people read, the help says in a sentence what it does.
    pub fn new(name: impl Into<String>, title: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            help: help.into(),
            icon: None,
            fields: Vec::new(),
            connection: false,
            sample: None,
            effect: StepEffect::Write,
        }
    }

    /// The name of an icon of the UI, as `box`, or an image of your own as a `data:` address.
    pub fn icon(self, icon: impl Into<String>) -> Self {
        Self { icon: Some(icon.into()), ..self }
    }

    /// One more setting.
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// A step of it may use a stored credential: [`StepContext::credential`](super::StepContext::credential).
    pub fn takes_connection(self) -> Self {
        Self { connection: true, ..self }
    }

    /// What it gives, by example.
    pub fn sample(self, sample: Value) -> Self {
        Self { sample: Some(sample), ..self }
    }

    /// What it may do to the world. It decides what is written before the step begins, and whether a step whose answer was
    /// lost is done again: what only computes or reads is.
    pub fn effect(self, effect: StepEffect) -> Self {
        Self { effect, ..self }
    }

    /// The entry of the catalogue.
    pub(crate) fn into_operation(self) -> Operation {
        let Self { name, title, help, icon, fields, connection, sample, effect } = self;
        Operation {
            name,
            aliases: Vec::new(),
            kind: StepKind::Action,
            title,
            help,
            icon,
            fields,
            outputs: vec![Port::next()],
            inputs: None,
            ports_from: None,
            connection,
            sample,
            effect,
        }
    }
}
