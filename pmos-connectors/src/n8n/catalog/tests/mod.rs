//! The catalogue over descriptions written by hand, one per trait of n8n's format.

#![expect(clippy::needless_pass_by_value, reason = "cases are written as literals")]

mod credentials;
mod kinds;
mod live;
mod options;
mod pieces;
mod random;
mod rules;
mod server;
mod splitting;

use pmos_core::flow::{Field, Operation, Piece};
use serde_json::{Value, json};

use super::{descriptor::Node, piece::Versioned};

/// A node of this name with these members besides.
fn node(name: &str, more: Value) -> Value {
    let mut node = json!({
        "name": name, "displayName": name, "description": "Does something", "group": ["transform"], "version": 1,
        "inputs": ["main"], "outputs": ["main"], "properties": []
    });
    extend(&mut node, more);
    node
}

/// A node that consists of these properties.
fn with(properties: Value) -> Value {
    node("test.node", json!({ "properties": properties }))
}

/// A `string` of this name with these members besides.
fn property(name: &str, more: Value) -> Value {
    let mut property = json!({ "name": name, "displayName": name, "type": "string", "default": "" });
    extend(&mut property, more);
    property
}

fn extend(description: &mut Value, more: Value) {
    if let (Value::Object(description), Value::Object(more)) = (description, more) {
        description.extend(more);
    }
}

fn piece_of(node: &Value, version: f64) -> Piece {
    let piece = Versioned { node: Node(node), version }.piece("test.node");
    let engine = live::engine();
    let faults = pmos_core::testkit::engine::faults(std::slice::from_ref(&piece), &engine);
    let faults: Vec<_> = faults.iter().filter(|fault| !fault.contains("to build flows of")).collect();
    assert!(faults.is_empty(), "{faults:?}");
    piece
}

fn operation(piece: &Piece, name: &str) -> Operation {
    let called = piece.operations.iter().find(|operation| operation.is_called(name));
    called.unwrap_or_else(|| panic!("{name} is not in {:?}", piece.operations)).clone()
}

/// The fields of a node that does one thing.
fn fields(properties: Value) -> Vec<Field> {
    operation(&piece_of(&with(properties), 1.0), "execute").fields
}

fn field(fields: &[Field], name: &str) -> Field {
    fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("{name} is not in {fields:?}")).clone()
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}
