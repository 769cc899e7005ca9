//! JSON merge patches (RFC 7396), both ways.

use serde_json::{Map, Value};

/// Changes `target` by `patch`; `null` removes.
pub(super) fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.remove(key);
            }
            Value::Object(inner) => {
                let place = target.entry(key.clone()).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Value::Object(place) = place {
                    merge(place, inner);
                }
            }
            other => {
                target.insert(key.clone(), other.clone());
            }
        }
    }
}

/// The patch that makes `to` of `from`; none when that would have to set a null, which a merge patch cannot say.
pub(super) fn between(from: &Map<String, Value>, to: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut patch = Map::new();
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, new) in to {
        match (from.get(key), new) {
            (Some(old), new) if old == new => {}
            (Some(Value::Object(old)), Value::Object(new)) => {
                patch.insert(key.clone(), Value::Object(between(old, new)?));
            }
            (_, new) if sets_null(new) => return None,
            (_, new) => {
                patch.insert(key.clone(), new.clone());
            }
        }
    }
    Some(patch)
}

/// Inside a list a null is a value like any other: lists are replaced as a whole.
fn sets_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.values().any(sets_null),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_patch_changes_adds_and_removes_what_it_names_and_nothing_else() {
        let mut target = map(&json!({"url": "a", "query": {"x": 1, "y": 2}, "body": [1]}));
        merge(&mut target, &map(&json!({"url": "b", "query": {"x": null, "z": {"n": null}}, "body": null})));
        assert_eq!(Value::Object(target), json!({"url": "b", "query": {"y": 2, "z": {}}}));
    }

    #[test]
    fn the_patch_between_two_values_leads_from_one_to_the_other() {
        let cases = [
            (json!({}), json!({"a": {"b": [null]}})),
            (json!({"a": 1}), json!({"a": {}})),
            (json!({"a": {"b": 1, "c": {"d": 2}}}), json!({"a": {"c": {"d": 3}}})),
            (json!({"a": {"b": 1}}), json!({"a": {}})),
            (json!({"a": null}), json!({})),
            (json!({"a": {"n": null, "x": 1}}), json!({"a": {"n": null, "x": 2}})),
        ];
        for (from, to) in cases {
            let (mut from, to) = (map(&from), map(&to));
            let patch = between(&from, &to).unwrap();
            merge(&mut from, &patch);
            assert_eq!(from, to);
        }
    }

    #[test]
    fn there_is_no_patch_that_sets_a_null() {
        assert_eq!(between(&map(&json!({})), &map(&json!({"a": null}))), None);
        assert_eq!(between(&map(&json!({"a": 1})), &map(&json!({"a": {"b": null}}))), None);
        assert_eq!(between(&map(&json!({"a": {"b": 1}})), &map(&json!({"a": {"b": null}}))), None);
    }
}
