//! Values that n8n's own screen edits with a control of their own, as plain fields in its own syntax.
//!
//! What a workflow needs but people do not is a field that is never shown, so that it counts as known and stays as it is.

use pmos_core::flow::{Condition, Field, FieldKind, FieldOption, Operator, Rule};
use serde_json::{Value, json};

use super::descriptor::{Property, plain, text};

pub(super) fn field(name: &str, title: &str, kind: FieldKind) -> Field {
    Field {
        name: name.to_owned(),
        title: title.to_owned(),
        help: None,
        kind,
        required: false,
        default: None,
        visible_when: None,
        expressions: false,
    }
}

fn computed(name: &str, title: &str, kind: FieldKind) -> Field {
    Field { expressions: true, ..field(name, title, kind) }
}

fn never_shown(name: &str) -> Field {
    Field { visible_when: Some(Rule::never()), ..field(name, name, FieldKind::Json) }
}

fn when(field: Field, asked: &str, operator: Operator, values: &[&str]) -> Field {
    let values = values.iter().map(|value| Value::from(*value)).collect();
    let condition = Condition { field: asked.to_owned(), operator, values };
    Field { visible_when: Some(Rule::Field(condition)), ..field }
}

fn choice(options: &[(&str, &str)]) -> FieldKind {
    let options = options.iter().map(|(value, label)| FieldOption { value: (*value).into(), label: (*label).into() });
    FieldKind::Select { options: options.collect() }
}

/// `resourceMapper`: `{ "mappingMode": "defineBelow", "value": { "<column>": … }, "schema": [ … ] }`.
pub(super) fn mapper(property: Property<'_>, depends_on: Vec<String>) -> FieldKind {
    let options = property.option("resourceMapper");
    let columns = plain(text(&options["fieldWords"], "plural"));
    let columns = if columns.is_empty() { "columns".to_owned() } else { columns };
    let by_hand = [("defineBelow", "Map each below")];
    let both = [("defineBelow", "Map each below"), ("autoMapInputData", "Take those of the same name from the input")];
    let automatic = options["supportAutoMap"].as_bool() != Some(false);
    let mode = choice(if automatic { &both } else { &by_hand });
    let mode = Field { default: Some("defineBelow".into()), ..field("mappingMode", "How to map", mode) };
    let title = format!("Values of the {columns}");
    let value = computed("value", &title, FieldKind::DynamicGroup { depends_on: depends_on.clone() });
    let value = when(value, "mappingMode", Operator::Equals, &["defineBelow"]);
    let matching = if matches!(text(options, "mode"), "update" | "upsert") {
        let kind = FieldKind::Dynamic { depends_on, search: false, multiple: true };
        field("matchingColumns", &format!("Which {columns} to match on"), kind)
    } else {
        never_shown("matchingColumns")
    };
    let kept =
        ["schema", "attemptToConvertTypes", "convertFieldsToString", "ignoreTypeMismatchErrors"].map(never_shown);
    FieldKind::Group { fields: [mode, matching, value].into_iter().chain(kept).collect() }
}

/// `assignmentCollection`: `{ "assignments": [{ "id", "name", "value", "type" }] }`.
pub(super) fn assignments() -> FieldKind {
    let types = choice(&[
        ("string", "Text"),
        ("number", "Number"),
        ("boolean", "Yes or no"),
        ("array", "List"),
        ("object", "Object"),
        ("binary", "File"),
    ]);
    let kind = Field { required: true, default: Some("string".into()), ..field("type", "Type", types) };
    let value = |kind| computed("value", "Value", kind);
    let entry = vec![
        never_shown("id"),
        computed("name", "Name", FieldKind::Text),
        kind,
        when(value(FieldKind::Text), "type", Operator::In, &["string", "binary"]),
        when(value(FieldKind::Number), "type", Operator::Equals, &["number"]),
        when(value(FieldKind::Boolean), "type", Operator::Equals, &["boolean"]),
        when(value(FieldKind::Code { language: "json".to_owned() }), "type", Operator::In, &["array", "object"]),
    ];
    let entries = FieldKind::List { of: Box::new(FieldKind::Group { fields: entry }) };
    FieldKind::Group { fields: vec![field("assignments", "Values", entries)] }
}

/// Tests that ask for nothing to compare with.
const UNARY: [&str; 6] = ["exists", "notExists", "empty", "notEmpty", "true", "false"];

const PRESENCE: [(&str, &str); 4] =
    [("exists", "exists"), ("notExists", "does not exist"), ("empty", "is empty"), ("notEmpty", "is not empty")];
const EQUALITY: [(&str, &str); 2] = [("equals", "is"), ("notEquals", "is not")];
type Tests = &'static [(&'static str, &'static str)];

/// The tests of each type besides those.
const TESTS: [(&str, &str, Tests); 6] = [
    (
        "string",
        "Text",
        &[
            ("contains", "contains"),
            ("notContains", "does not contain"),
            ("startsWith", "begins with"),
            ("notStartsWith", "does not begin with"),
            ("endsWith", "ends with"),
            ("notEndsWith", "does not end with"),
            ("regex", "matches the pattern"),
            ("notRegex", "does not match the pattern"),
        ],
    ),
    ("number", "Number", &[("gt", "is above"), ("lt", "is below"), ("gte", "is at least"), ("lte", "is at most")]),
    (
        "dateTime",
        "Point in time",
        &[
            ("after", "is after"),
            ("before", "is before"),
            ("afterOrEquals", "is not before"),
            ("beforeOrEquals", "is not after"),
        ],
    ),
    ("boolean", "Yes or no", &[("true", "is yes"), ("false", "is no")]),
    (
        "array",
        "List",
        &[
            ("contains", "contains"),
            ("notContains", "does not contain"),
            ("lengthEquals", "has this many entries"),
            ("lengthNotEquals", "has another number of entries"),
            ("lengthGt", "has more entries than"),
            ("lengthLt", "has fewer entries than"),
            ("lengthGte", "has at least this many entries"),
            ("lengthLte", "has at most this many entries"),
        ],
    ),
    ("object", "Object", &[]),
];

/// `filter`: `{ "options": {…}, "combinator": "and", "conditions": [{ "id", "leftValue", "operator", "rightValue" }] }`.
pub(super) fn filter() -> FieldKind {
    let types: Vec<(&str, &str)> = TESTS.iter().map(|(name, title, _)| (*name, *title)).collect();
    let kind = Field { default: Some("string".into()), ..field("type", "Type", choice(&types)) };
    let mut operator = vec![kind];
    for (name, _, own) in TESTS {
        let equality = if matches!(name, "array" | "object") { &[][..] } else { &EQUALITY };
        let tests: Vec<(&str, &str)> = equality.iter().chain(own).chain(&PRESENCE).copied().collect();
        let first = tests.first().map(|(test, _)| Value::from(*test));
        let tests = Field { default: first, ..field("operation", "Test", choice(&tests)) };
        operator.push(when(tests, "type", Operator::Equals, &[name]));
    }
    operator.extend(["rightType", "singleValue", "name"].map(never_shown));
    let begin = json!({ "type": "string", "operation": "equals" });
    let operator = FieldKind::Group { fields: operator };
    let condition = vec![
        never_shown("id"),
        computed("leftValue", "Value", FieldKind::Text),
        Field { required: true, default: Some(begin), ..field("operator", "Comparison", operator) },
        right_side(FieldKind::Text, Operator::NotIn, &["number", "boolean"]),
        right_side(FieldKind::Number, Operator::Equals, &["number"]),
        right_side(FieldKind::Boolean, Operator::Equals, &["boolean"]),
    ];
    let conditions = FieldKind::List { of: Box::new(FieldKind::Group { fields: condition }) };
    let combinator = choice(&[("and", "all of them hold"), ("or", "one of them holds")]);
    FieldKind::Group {
        fields: vec![
            field("conditions", "Conditions", conditions),
            Field { default: Some("and".into()), ..field("combinator", "Holds when", combinator) },
            never_shown("options"),
        ],
    }
}

/// What a condition compares with, for operators of some types.
fn right_side(kind: FieldKind, operator: Operator, types: &[&str]) -> Field {
    let asks = |field: &str, operator, values: &[&str]| {
        let values = values.iter().map(|value| Value::from(*value)).collect();
        Rule::Field(Condition { field: field.to_owned(), operator, values })
    };
    let all = vec![asks("operator.type", operator, types), asks("operator.operation", Operator::NotIn, &UNARY)];
    let field = computed("rightValue", "What to compare with", kind);
    Field { visible_when: Some(Rule::All { all }), ..field }
}

/// What a filter begins with: n8n does not read one without these options.
pub(super) fn no_conditions() -> Value {
    let options = json!({ "caseSensitive": true, "leftValue": "", "typeValidation": "loose", "version": 2 });
    json!({ "options": options, "combinator": "and", "conditions": [] })
}
