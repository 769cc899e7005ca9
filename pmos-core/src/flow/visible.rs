//! When a field is shown.
//!
//! Forms in the browser decide the same; `visible_cases.json` beside this file holds the cases both are tested with.

use serde_json::{Map, Value};

use super::{Condition, Operator};

impl Condition {
    /// Whether the condition holds for these settings.
    ///
    /// `field` may lead into objects (`options.mode`); what is not there counts as null. Numbers are compared by value,
    /// so `1` equals `1.0`. Without values, `equals` asks for null.
    pub fn holds(&self, settings: &Map<String, Value>) -> bool {
        let value = lookup(settings, &self.field).unwrap_or(&Value::Null);
        let is_first = || same(value, self.values.first().unwrap_or(&Value::Null));
        let is_any = || self.values.iter().any(|candidate| same(value, candidate));
        let is_set = || !(value.is_null() || value.as_str() == Some(""));
        match self.operator {
            Operator::Equals => is_first(),
            Operator::NotEquals => !is_first(),
            Operator::In => is_any(),
            Operator::NotIn => !is_any(),
            Operator::Set => is_set(),
            Operator::NotSet => !is_set(),
        }
    }
}

/// The setting that a dotted path leads to. Lists are not entered.
pub(super) fn lookup<'a>(settings: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let value = settings.get(first)?;
    match rest {
        None => Some(value),
        Some(rest) => lookup(value.as_object()?, rest),
    }
}

/// Equality as JSON sees it, where there is one kind of number.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        name: String,
        settings: Map<String, Value>,
        condition: Condition,
        holds: bool,
    }

    #[test]
    fn a_field_is_shown_exactly_when_the_shared_table_says_so() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("visible_cases.json")).unwrap();
        assert!(cases.len() >= 30);
        for case in cases {
            assert_eq!(case.condition.holds(&case.settings), case.holds, "{}", case.name);
        }
    }
}
