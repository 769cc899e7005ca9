//! Each type of property as a field.

use pmos_core::flow::FieldKind;
use serde_json::{Value, json};

use super::{field, fields, names, property};

fn kind(more: Value) -> Value {
    let fields = fields(json!([property("f", more)]));
    serde_json::to_value(&field(&fields, "f").kind).unwrap()
}

#[test]
fn simple_types_become_the_kinds_of_the_model() {
    for (more, expected) in [
        (json!({}), json!({"type": "text"})),
        (json!({"typeOptions": {"rows": 1}}), json!({"type": "text"})),
        (json!({"typeOptions": {"rows": 4}}), json!({"type": "long_text"})),
        (json!({"typeOptions": {"password": true}}), json!({"type": "secret"})),
        (json!({"typeOptions": {"editor": "sqlEditor"}}), json!({"type": "code", "language": "sql"})),
        (json!({"typeOptions": {"editor": "codeNodeEditor"}}), json!({"type": "code", "language": "javascript"})),
        (
            json!({"typeOptions": {"editor": "codeNodeEditor", "editorLanguage": "python"}}),
            json!({"type": "code", "language": "python"}),
        ),
        (json!({"type": "json"}), json!({"type": "code", "language": "json"})),
        (json!({"type": "number"}), json!({"type": "number"})),
        (json!({"type": "boolean"}), json!({"type": "boolean"})),
        (json!({"type": "dateTime"}), json!({"type": "date_time"})),
        (json!({"type": "color"}), json!({"type": "color"})),
        (json!({"type": "notice"}), json!({"type": "hint"})),
        (json!({"type": "callout"}), json!({"type": "hint"})),
        (json!({"type": "credentialsSelect"}), json!({"type": "text"})),
        (json!({"type": "icon"}), json!({"type": "json"})),
        (json!({"type": "ofNextYear"}), json!({"type": "json"})),
        (json!({"typeOptions": {"multipleValues": true}}), json!({"type": "list", "of": {"type": "text"}})),
    ] {
        assert_eq!(kind(more.clone()), expected, "{more}");
    }
}

#[test]
fn choices_keep_their_values_and_say_what_they_mean() {
    let options = json!([
        {"name": "One", "value": 1}, {"name": "Yes", "value": true}, {"name": "", "value": ""}, {"name": "Again", "value": 1}, {"name": "?"}
    ]);
    let expected = json!([
        {"value": 1, "label": "One"}, {"value": true, "label": "Yes"}, {"value": "", "label": "(empty)"}
    ]);
    assert_eq!(kind(json!({"type": "options", "options": options})), json!({"type": "select", "options": expected}));
    assert_eq!(
        kind(json!({"type": "multiOptions", "options": options})),
        json!({"type": "multi_select", "options": expected})
    );
}

#[test]
fn options_that_a_server_names_say_what_they_depend_on() {
    let fields = fields(json!([
        property(
            "base",
            json!({"type": "resourceLocator", "modes": [{"name": "id", "type": "string", "displayName": "By id"}]})
        ),
        property(
            "table",
            json!({"type": "options", "typeOptions": {"loadOptionsMethod": "getTables", "loadOptionsDependsOn": ["base.value", "gone"]}})
        ),
        property("tags", json!({"type": "multiOptions", "typeOptions": {"loadOptions": {"routing": {}}}})),
        property(
            "more",
            json!({"type": "collection", "options": [
                property("near", json!({})),
                property("column", json!({"type": "options", "typeOptions": {"loadOptionsMethod": "getColumns", "loadOptionsDependsOn": ["table", "&near"]}})),
            ]})
        ),
    ]));
    let dynamic = |name: &str| match field(&fields, name).kind {
        FieldKind::Dynamic { depends_on, multiple, .. } => (depends_on, multiple),
        kind => panic!("{kind:?}"),
    };
    assert_eq!(dynamic("table"), (vec!["base.value".to_owned()], false));
    assert_eq!(dynamic("tags"), (vec![], true));
    let FieldKind::OptionalGroup { fields: inner } = field(&fields, "more").kind else { panic!("a collection") };
    let FieldKind::Dynamic { depends_on, .. } = field(&inner, "column").kind else { panic!("options") };
    assert_eq!(depends_on, ["/table", "near"], "of the node with a slash, of the same group without");
}

#[test]
fn a_locator_is_written_as_n8n_recognises_it() {
    let fields = fields(json!([property(
        "channel",
        json!({
            "type": "resourceLocator", "required": true, "default": {"mode": "list", "value": ""},
            "modes": [
                {"name": "list", "displayName": "From list", "type": "list", "typeOptions": {"searchListMethod": "getChannels", "searchable": true}},
                {"name": "id", "displayName": "By id", "type": "string", "hint": "Like C0123"}
            ]
        })
    )]));
    let channel = field(&fields, "channel");
    assert_eq!((channel.required, channel.default), (true, Some(json!({"__rl": true, "mode": "list", "value": ""}))));
    let FieldKind::Locator { modes, fixed } = channel.kind else { panic!("a locator") };
    assert_eq!(Value::Object(fixed), json!({"__rl": true}));
    assert_eq!(modes[0].kind, FieldKind::Dynamic { depends_on: vec![], search: true, multiple: false });
    assert_eq!((&modes[1].kind, modes[1].help.as_deref()), (&FieldKind::Text, Some("Like C0123")));
}

#[test]
fn collections_are_fields_that_may_be_left_out() {
    let inner = json!([property("a", json!({})), property("b", json!({"type": "number"}))]);
    let one = kind(json!({"type": "collection", "default": {}, "options": inner}));
    assert_eq!((&one["type"], one["fields"].as_array().unwrap().len()), (&json!("optional_group"), 2));
    let many =
        kind(json!({"type": "collection", "default": {}, "options": inner, "typeOptions": {"multipleValues": true}}));
    assert_eq!((&many["type"], &many["of"]["type"]), (&json!("list"), &json!("optional_group")));
}

#[test]
fn fixed_collections_hold_their_groups_by_name_once_or_as_lists() {
    let groups = json!([{"name": "pair", "displayName": "Pair", "values": [property("key", json!({})), property("value", json!({}))]}]);
    let one = kind(json!({"type": "fixedCollection", "default": {}, "options": groups}));
    assert_eq!(
        (&one["type"], &one["fields"][0]["name"], &one["fields"][0]["kind"]["type"]),
        (&json!("optional_group"), &json!("pair"), &json!("group"))
    );
    let many = kind(
        json!({"type": "fixedCollection", "default": {}, "options": groups, "typeOptions": {"multipleValues": true}}),
    );
    assert_eq!((&many["type"], &many["fields"][0]["kind"]["of"]["type"]), (&json!("group"), &json!("group")));
}

#[test]
fn values_with_controls_of_their_own_are_fields_in_n8ns_syntax() {
    let fields = fields(json!([
        property("table", json!({})),
        property("conditions", json!({"type": "filter", "default": {}})),
        property("assignments", json!({"type": "assignmentCollection", "default": {}})),
        property(
            "columns",
            json!({"type": "resourceMapper", "typeOptions": {
                "loadOptionsDependsOn": ["table"], "resourceMapper": {"mode": "update", "resourceMapperMethod": "getColumns", "fieldWords": {"plural": "columns"}}
            }})
        ),
    ]));
    let inner = |name: &str| match field(&fields, name).kind {
        FieldKind::Group { fields } => fields,
        kind => panic!("{kind:?}"),
    };
    assert_eq!(names(&inner("conditions")), ["conditions", "combinator", "options"]);
    assert_eq!(field(&fields, "conditions").default.unwrap()["options"]["version"], 2);
    assert_eq!(names(&inner("assignments")), ["assignments"]);
    let columns = inner("columns");
    assert_eq!(names(&columns)[..3], ["mappingMode", "matchingColumns", "value"]);
    assert_eq!(field(&columns, "value").kind, FieldKind::DynamicGroup { depends_on: vec!["/table".to_owned()] });
}

#[test]
fn what_n8n_keeps_for_itself_is_known_and_never_shown() {
    for kind in ["hidden", "credentials", "curlImport", "button"] {
        let fields = fields(json!([property("f", json!({"type": kind, "required": true}))]));
        let f = field(&fields, "f");
        assert_eq!(f.visible_when, Some(pmos_core::flow::Rule::never()), "{kind}");
        assert!(!f.required, "it cannot be filled in");
    }
    let input = json!({"type": "button", "typeOptions": {"buttonConfig": {"hasInputField": true}}});
    assert_eq!(kind(input), json!({"type": "long_text"}));
}

#[test]
fn defaults_that_do_not_fit_and_markup_are_left_out() {
    let fields = fields(json!([
        property("n", json!({"type": "number", "default": ""})),
        property("o", json!({"type": "options", "default": "gone", "options": [{"name": "A", "value": "a"}]})),
        property(
            "t",
            json!({"required": true, "description": "See <a href=\"https://x\">the docs</a> &amp; <code>x &lt; y</code>", "hint": "if 1 < 2"})
        ),
        property("u", json!({"noDataExpression": true})),
        property(
            "c",
            json!({"type": "fixedCollection", "default": {"rows": [{"other": 1}]}, "typeOptions": {"multipleValues": true}, "options": [
                {"name": "rows", "displayName": "Rows", "values": [property("a", json!({}))]}
            ]})
        ),
    ]));
    for name in ["n", "o", "c"] {
        assert_eq!(field(&fields, name).default, None, "{name}");
    }
    assert_eq!(field(&fields, "t").default, Some(json!("")), "rules may ask for the empty text");
    assert_eq!(field(&fields, "t").help.unwrap(), "See the docs & x < y if 1 < 2");
    assert!(field(&fields, "t").expressions && !field(&fields, "u").expressions);
}
