//! Descriptions that no author would write.

use pmos_core::flow::OptionsQuestion;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::{credential, descriptor::Node, options, piece::Versioned};

/// Any JSON, with n8n's own words as keys and texts.
pub(super) fn json_value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "name",
        "displayName",
        "type",
        "default",
        "options",
        "values",
        "properties",
        "displayOptions",
        "show",
        "hide",
        "typeOptions",
        "multipleValues",
        "modes",
        "resource",
        "operation",
        "/resource",
        "@version",
        "_cnd",
        "gte",
        "regex",
        "between",
        "from",
        "to",
        "version",
        "defaultVersion",
        "group",
        "inputs",
        "outputs",
        "credentials",
        "extends",
        "value",
        "collection",
        "fixedCollection",
        "resourceLocator",
        "multiOptions",
        "resourceMapper",
        "filter",
        "hidden",
        "string",
        "loadOptionsMethod",
        "loadOptionsDependsOn",
        "&name",
        "a.b",
        "ai_tool",
        "={{ \"main\" }}",
        "<b",
        "&amp;",
        "\"\\",
        "é",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i16>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        word.clone().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..8).prop_map(|entries| Value::Object(
                entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

/// A node or a credential of properties that look like properties.
fn description() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec![
        "string",
        "options",
        "multiOptions",
        "collection",
        "fixedCollection",
        "resourceLocator",
        "resourceMapper",
        "hidden",
        "filter",
        "notice",
        "assignmentCollection",
        "number",
        "json",
        "button",
    ]);
    let name = prop::sample::select(vec!["resource", "operation", "a", "b", "c"]);
    let property = (name, kind, json_value(), json_value(), json_value(), json_value()).prop_map(
        |(name, kind, options, display, more, default)| {
            serde_json::json!({
                "name": name, "displayName": name, "type": kind, "options": options, "default": default,
                "displayOptions": {"show": {"resource": display.clone(), "/a": display, "@version": more.clone()}}, "typeOptions": more
            })
        },
    );
    let properties = prop::collection::vec(prop_oneof![4 => property, 1 => json_value()], 0..8);
    (properties, json_value(), json_value()).prop_map(|(properties, inputs, outputs)| {
        serde_json::json!({"name": "n", "properties": properties, "inputs": inputs, "outputs": outputs})
    })
}

proptest! {
    #[test]
    fn no_description_breaks_the_catalogue(value in prop_oneof![description(), json_value()], version in 0.0..5.0, path in "[abc0.]{0,9}") {
        let of = Versioned { node: Node(&value), version };
        let summary = of.summary();
        let piece = of.piece("n");
        let names = |operations: Vec<&String>| operations.into_iter().cloned().collect::<Vec<_>>();
        prop_assert_eq!(
            names(summary.operations.iter().map(|each| &each.name).collect()),
            names(piece.operations.iter().map(|each| &each.name).collect())
        );
        serde_json::to_string(&piece).unwrap();
        let question = OptionsQuestion {
            piece: "n".to_owned(), operation: piece.operations[0].name.clone(), field: path, settings: Map::new(), connection: None, search: None,
        };
        let _ = options::find(of, &question);
        credential::form(&value, |_| Some(value.clone()));
    }
}
