//! Every operation that steps can carry out.

use std::{collections::HashMap, sync::Arc};

use pmos_core::{
    Error, Result,
    flow::{Field, FieldKind, Operation, Piece, StepEffect, fill_in},
};
use serde_json::{Map, Value, json};

use super::{OperationHandler, http::HttpOperation};
use crate::embedded::{catalog, sender::HttpSender};

/// The pieces of the engine with their operations, and what carries them out.
#[derive(Debug)]
pub(crate) struct Operations {
    pieces: Vec<Piece>,
    handlers: HashMap<(String, String), Arc<Registered>>,
}

/// An operation with what carries it out.
#[derive(Debug)]
pub(crate) struct Registered {
    /// What the catalogue says of it.
    pub(crate) operation: Operation,
    /// The fields of settings that are computed, where `{{` is text like any other.
    pub(crate) computed: Vec<Field>,
    pub(crate) handler: Arc<dyn OperationHandler>,
}

impl Registered {
    fn new(handler: Arc<dyn OperationHandler>) -> Self {
        let operation = handler.descriptor().into_operation();
        let computed = operation.fields.iter().cloned().map(plain).collect();
        Self { operation, computed, handler }
    }

    /// Whether a step with these settings may be done twice.
    pub(crate) fn is_repeatable(&self, settings: &Map<String, Value>) -> bool {
        self.operation.effect != StepEffect::Write || self.handler.is_repeatable(settings)
    }
}

impl Operations {
    /// What the engine has by itself.
    pub(crate) fn new(sender: Arc<dyn HttpSender>, answer_bytes: usize) -> Self {
        let http = Registered::new(Arc::new(HttpOperation::new(sender, answer_bytes)));
        let name = (catalog::CORE.to_owned(), http.operation.name.clone());
        Self { pieces: vec![catalog::core()], handlers: HashMap::from([(name, Arc::new(http))]) }
    }

    /// What the engine has by itself, where nothing is sent.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        let outbound = crate::outbound::Outbound::builder().build().unwrap();
        Self::new(Arc::new(outbound), 0)
    }

    /// A piece for operations of the embedding program.
    ///
    /// # Errors
    /// `invalid_input` for a name that is taken or no slug, or no title.
    pub(crate) fn add_piece(&mut self, name: &str, title: &str) -> Result<()> {
        let refused = |why: String| Err(Error::invalid(format!("pieces.{name}"), why));
        if !is_slug(name) {
            return refused("the name must be a slug, as `warehouse`".to_owned());
        }
        if self.pieces.iter().any(|piece| piece.name == name) {
            return refused(format!("there is a piece {name:?} already"));
        }
        if title.trim().is_empty() {
            return refused("needs a title".to_owned());
        }
        self.pieces.push(Piece {
            name: name.to_owned(),
            title: title.to_owned(),
            logo: None,
            categories: vec!["own".to_owned()],
            auth: catalog::credential_kinds(),
            operations: Vec::new(),
        });
        Ok(())
    }

    /// An operation of the embedding program.
    ///
    /// # Errors
    /// `invalid_input` naming what is wrong with its descriptor, or that its name is taken.
    pub(crate) fn add(&mut self, piece: &str, handler: Arc<dyn OperationHandler>) -> Result<()> {
        let registered = Registered::new(handler);
        let operation = &registered.operation;
        let place = format!("operations.{piece}.{}", operation.name);
        let refused = |why: String| Err(Error::invalid(&place, why));
        let own = |known: &&mut Piece| known.name == piece && known.name != catalog::CORE;
        let Some(known) = self.pieces.iter_mut().find(own) else {
            return refused(format!("there is no piece {piece:?} of your own; add it first"));
        };
        if known.operations.iter().any(|known| known.name == operation.name) {
            return refused("there is an operation of this name already".to_owned());
        }
        if !is_slug(&operation.name) {
            return refused("the name must be a slug, as `reserve`".to_owned());
        }
        if operation.title.trim().is_empty() || operation.help.trim().is_empty() {
            return refused("needs a title and a sentence that says what it does".to_owned());
        }
        check_fields(&place, &operation.fields)?;
        known.operations.push(operation.clone());
        self.handlers.insert((piece.to_owned(), operation.name.clone()), Arc::new(registered));
        Ok(())
    }

    /// Everything that steps can be, as the catalogue shows it.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// What carries out this operation of this piece.
    pub(crate) fn get(&self, piece: &str, operation: &str) -> Option<&Arc<Registered>> {
        self.handlers.get(&(piece.to_owned(), operation.to_owned()))
    }
}

fn check_fields(place: &str, fields: &[Field]) -> Result<()> {
    for field in fields {
        let place = format!("{place}.{}", field.name);
        let refused = |why: &str| Err(Error::invalid(&place, why));
        if field.name.is_empty() || field.name.contains('.') || field.title.trim().is_empty() {
            return refused("a field needs a title, and a name without dots");
        }
        let mut twins = fields.iter().filter(|other| other.name == field.name);
        if twins.clone().count() > 1 && twins.any(|twin| twin.visible_when.is_none()) {
            return refused("there is another field of this name that is shown at the same time");
        }
        check_kind(&place, &field.kind)?;
        if let Some(default) = &field.default {
            let alone = Field { visible_when: None, ..field.clone() };
            if let Err(error) = fill_in(&[alone], json!({ &field.name: default }), &place) {
                return refused(&format!("the default does not fit: {}", error.detail()));
            }
        }
    }
    Ok(())
}

fn check_kind(place: &str, kind: &FieldKind) -> Result<()> {
    match kind {
        FieldKind::Secret => {
            let why = "everyone who may read a flow reads its settings; take a connection for what is secret";
            Err(Error::invalid(place, why))
        }
        FieldKind::Dynamic { .. } | FieldKind::DynamicGroup { .. } => {
            Err(Error::invalid(place, "this engine looks up no options; give them as a select"))
        }
        FieldKind::Group { fields } | FieldKind::OptionalGroup { fields } => check_fields(place, fields),
        FieldKind::Locator { modes, .. } => modes.iter().try_for_each(|mode| check_kind(place, &mode.kind)),
        FieldKind::List { of } => check_kind(place, of),
        _ => Ok(()),
    }
}

/// The field of a value that is computed.
fn plain(field: Field) -> Field {
    let all = |fields: Vec<Field>| fields.into_iter().map(plain).collect();
    let kind = match field.kind {
        FieldKind::Group { fields } => FieldKind::Group { fields: all(fields) },
        FieldKind::OptionalGroup { fields } => FieldKind::OptionalGroup { fields: all(fields) },
        FieldKind::List { of } => {
            let entry = plain(Field::new("", "", *of));
            FieldKind::List { of: Box::new(entry.kind) }
        }
        other => other,
    };
    Field { kind, expressions: false, ..field }
}

fn is_slug(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.bytes().all(fits)
}
