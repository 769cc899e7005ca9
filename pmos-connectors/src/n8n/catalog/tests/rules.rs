//! When fields are shown. Each case is a node and settings; the form shows what n8n shows.

use pmos_core::flow::{Field, FieldKind, Filled};
use serde_json::{Map, Value, json};

use super::{field, fields, operation, piece_of, property, with};

fn settings(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The names of what a form shows for these settings.
fn shown<'a>(fields: &'a [Field], given: &Map<String, Value>) -> Vec<&'a str> {
    let filled = Filled::new(fields, given, None);
    fields.iter().filter(|field| filled.shows(field)).map(|field| field.name.as_str()).collect()
}

fn shows(properties: Value, given: Value) -> bool {
    let fields = fields(properties);
    let given = settings(given);
    shown(&fields, &given).contains(&"f")
}

/// Whether `f` is shown beside an `options` called `mode`, a list called `tags` and a locator called `model`.
fn beside(display: Value, given: Value) -> bool {
    let options = json!([{"name": "A", "value": "a"}, {"name": "B", "value": "b"}]);
    shows(
        json!([
            property("mode", json!({"type": "options", "default": "a", "options": options})),
            property("strict", json!({"type": "boolean", "default": false})),
            property("tags", json!({"type": "multiOptions", "default": [], "options": options})),
            property("model", json!({"type": "resourceLocator", "default": {"mode": "id", "value": ""}, "modes": []})),
            property("f", json!({"displayOptions": display})),
        ]),
        given,
    )
}

#[test]
fn all_parameters_must_have_one_of_their_values() {
    let both = json!({"show": {"mode": ["a", "b"], "strict": [true]}});
    assert!(beside(both.clone(), json!({"mode": "b", "strict": true})));
    assert!(beside(both.clone(), json!({"strict": true})), "the mode is `a` unless it is said");
    assert!(!beside(both.clone(), json!({"mode": "b"})));
    assert!(!beside(both, json!({"mode": "c", "strict": true})));
}

#[test]
fn one_parameter_suffices_to_hide() {
    let either = json!({"hide": {"mode": ["b"], "strict": [true]}});
    assert!(beside(either.clone(), json!({})));
    assert!(!beside(either.clone(), json!({"mode": "b"})));
    assert!(!beside(either, json!({"strict": true})));
}

#[test]
fn a_parameter_that_is_computed_shows_what_asks_for_it() {
    let asked = json!({"show": {"mode": ["b"]}, "hide": {"strict": [true]}});
    assert!(beside(asked.clone(), json!({"mode": "={{ $json.mode }}"})));
    assert!(
        beside(asked.clone(), json!({"mode": "={{ $json.mode }}", "strict": true})),
        "as in n8n, whatever hides it"
    );
    assert!(!beside(asked, json!({"mode": "a"})));
}

#[test]
fn lists_hold_and_locators_name_what_is_asked_for() {
    assert!(beside(json!({"show": {"tags": ["a"]}}), json!({"tags": ["b", "a"]})));
    assert!(!beside(json!({"show": {"tags": ["a"]}}), json!({"tags": ["b"]})));
    let image = json!({"show": {"model": [{"_cnd": {"includes": "image"}}]}});
    assert!(beside(image.clone(), json!({"model": {"__rl": true, "mode": "id", "value": "an-image-model"}})));
    assert!(!beside(image, json!({"model": {"__rl": true, "mode": "id", "value": "other"}})));
}

#[test]
fn every_comparison_is_understood() {
    for (condition, fits, other) in [
        (json!({"eq": "a"}), json!("a"), json!("b")),
        (json!({"not": "a"}), json!("b"), json!("a")),
        (json!({"gt": 2}), json!(3), json!(2)),
        (json!({"gte": 2}), json!(2), json!(1)),
        (json!({"lt": 2}), json!(1), json!(2)),
        (json!({"lte": 2}), json!(2), json!(3)),
        (json!({"between": {"from": 1, "to": 2}}), json!(2), json!(3)),
        (json!({"startsWith": "a"}), json!("ab"), json!("ba")),
        (json!({"endsWith": "a"}), json!("ba"), json!("ab")),
        (json!({"includes": "a"}), json!("bab"), json!("b")),
        (json!({"exists": true}), json!("a"), json!("")),
        (json!({"regex": "\\S"}), json!("a"), json!("")),
        (json!({"regex": "^(?!.*opus).*"}), json!("haiku"), json!("an-opus")),
    ] {
        let asked = |given: &Value| {
            let properties = json!([
                property("x", json!({"type": "json", "default": null})),
                property("f", json!({"displayOptions": {"show": {"x": [{"_cnd": condition}]}}})),
            ]);
            shows(properties, json!({ "x": given }))
        };
        assert!(asked(&fits), "{condition} {fits}");
        assert!(!asked(&other), "{condition} {other}");
    }
}

#[test]
fn what_cannot_be_understood_is_shown() {
    assert!(beside(json!({"show": {"mode": [{"_cnd": {"regex": "^[ab]+$"}}]}}), json!({"mode": "a"})));
    assert!(beside(json!({"show": {"@feature": ["x"]}}), json!({})));
    assert!(beside(json!({"hide": {"@feature": ["x"]}}), json!({})));
}

#[test]
fn what_asks_for_nothing_that_is_there_is_not_shown() {
    assert!(!beside(json!({"show": {"gone": ["a"]}}), json!({})));
    assert!(beside(json!({"hide": {"gone": ["a"]}}), json!({})));
}

#[test]
fn the_version_and_the_tool_are_settled_beforehand() {
    let node = |display: Value| with(json!([property("f", json!({"displayOptions": display}))]));
    let has = |display: Value, version: f64| {
        let piece = piece_of(&node(display), version);
        let fields = operation(&piece, "execute").fields;
        assert!(fields.iter().all(|field| field.visible_when.is_none()));
        !fields.is_empty()
    };
    assert!(has(json!({"show": {"@version": [2, 3]}}), 3.0) && !has(json!({"show": {"@version": [2]}}), 3.0));
    let since = json!({"show": {"@version": [{"_cnd": {"gte": 2.1}}]}});
    assert!(has(since.clone(), 2.2) && !has(since, 2.0));
    let between = json!({"hide": {"@version": [{"_cnd": {"between": {"from": 1, "to": 2}}}]}});
    assert!(has(between.clone(), 2.1) && !has(between, 1.5));
    assert!(!has(json!({"show": {"@tool": [true]}}), 1.0));
}

#[test]
fn fields_in_groups_ask_their_siblings_or_with_a_slash_the_node() {
    let fields = fields(json!([
        property("mode", json!({})),
        property(
            "more",
            json!({"type": "collection", "options": [
                property("mode", json!({})),
                property("near", json!({"displayOptions": {"show": {"mode": ["x"]}}})),
                property("far", json!({"displayOptions": {"show": {"/mode": ["x"]}}})),
            ]})
        ),
    ]));
    let FieldKind::OptionalGroup { fields: inner } = field(&fields, "more").kind else { panic!("a collection") };
    let seen = |root: Value, given: Value| {
        let (root, given) = (settings(root), settings(given));
        let root = Filled::new(&fields, &root, None);
        let filled = Filled::new(&[], &given, Some(&root));
        inner.iter().filter(|field| filled.shows(field)).map(|field| field.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(seen(json!({"mode": "x"}), json!({})), ["mode", "far"]);
    assert_eq!(seen(json!({}), json!({"mode": "x"})), ["mode", "near"]);
}

#[test]
fn what_is_kept_out_of_sight_decides_by_its_default() {
    let secret = property("secret", json!({"type": "hidden", "default": "x"}));
    let asks = |value: &str| property("f", json!({"displayOptions": {"show": {"secret": [value]}}}));
    assert!(shows(json!([secret.clone(), asks("x")]), json!({})));
    assert!(!shows(json!([secret.clone(), asks("y")]), json!({})));
    assert!(shows(json!([secret, asks("y")]), json!({"secret": "y"})));
}

#[test]
fn equal_properties_of_one_name_become_one_field() {
    let on = |mode: &str| property("f", json!({"displayOptions": {"show": {"mode": [mode]}}}));
    let fields = fields(json!([property("mode", json!({"noDataExpression": true})), on("a"), on("b")]));
    assert_eq!(fields.len(), 2);
    for (mode, is_shown) in [("a", true), ("b", true), ("c", false)] {
        assert_eq!(shown(&fields, &settings(json!({ "mode": mode }))).contains(&"f"), is_shown, "{mode}");
    }
}

#[test]
fn of_different_properties_of_one_name_one_at_a_time_is_shown() {
    let fields = fields(json!([
        property("mode", json!({})),
        property("f", json!({"type": "number", "displayOptions": {"show": {"mode": ["a"]}}})),
        property("f", json!({"type": "boolean", "displayOptions": {"hide": {"mode": ["b"]}}})),
        property("f", json!({"displayName": "Otherwise"})),
    ]));
    for (mode, kind) in [
        ("a", FieldKind::Number),
        ("b", FieldKind::Text),
        ("c", FieldKind::Boolean),
        ("={{ $json.mode }}", FieldKind::Number),
    ] {
        let given = settings(json!({ "mode": mode }));
        let filled = Filled::new(&fields, &given, None);
        let kinds: Vec<_> =
            fields.iter().filter(|field| field.name == "f" && filled.shows(field)).map(|field| &field.kind).collect();
        assert_eq!(kinds, [&kind], "{mode}");
    }
}
