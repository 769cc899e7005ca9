//! Short ways to describe fields.

use pmos_core::flow::{Condition, Field, FieldKind, FieldOption, Operator, Rule};
use serde_json::Value;

/// A field that takes expressions.
pub(super) fn computed(name: &str, title: &str, kind: FieldKind, help: &str) -> Field {
    fixed(name, title, kind, help).computed()
}

/// A field that means what it says.
pub(super) fn fixed(name: &str, title: &str, kind: FieldKind, help: &str) -> Field {
    Field::new(name, title, kind).help(help)
}

pub(super) fn required(field: Field) -> Field {
    field.required()
}

pub(super) fn with_default(field: Field, default: impl Into<Value>) -> Field {
    field.with_default(default)
}

pub(super) fn only_for(field: Field, other: &str, values: &[&str]) -> Field {
    let values = values.iter().map(|value| Value::from(*value)).collect();
    let condition = Condition { field: other.to_owned(), operator: Operator::In, values };
    Field { visible_when: Some(Rule::Field(condition)), ..field }
}

pub(super) fn unless_one_of(field: Field, other: &str, values: &[&str]) -> Field {
    let values = values.iter().map(|value| Value::from(*value)).collect();
    let condition = Condition { field: other.to_owned(), operator: Operator::NotIn, values };
    Field { visible_when: Some(Rule::Field(condition)), ..field }
}

/// A choice between values that each have a title.
pub(super) fn choice(options: &[(&str, &str)]) -> FieldKind {
    FieldKind::Select { options: self::options(options) }
}

pub(super) fn options(options: &[(&str, &str)]) -> Vec<FieldOption> {
    options.iter().map(|(value, label)| FieldOption { value: (*value).into(), label: (*label).to_owned() }).collect()
}
