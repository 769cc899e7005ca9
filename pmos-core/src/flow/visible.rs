//! When a field is shown.
//!
//! Forms in the browser decide the same; `visible_cases.json` beside this file holds the cases both are tested with.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Condition, Field, Operator, Rule};

/// Settings as the form sees them: with the defaults of what is left out, and inside the settings of the whole step.
#[derive(Debug)]
pub struct Filled<'a> {
    settings: &'a Map<String, Value>,
    defaults: HashMap<&'a str, &'a Value>,
    root: Option<&'a Filled<'a>>,
}

impl<'a> Filled<'a> {
    /// The settings of these fields; `root` are those of the step when these are a part of them.
    ///
    /// The fields are gone through in their order: of several with one name, the default of the first that is shown
    /// counts.
    pub fn new(fields: &'a [Field], settings: &'a Map<String, Value>, root: Option<&'a Self>) -> Self {
        let mut filled = Self { settings, defaults: HashMap::new(), root };
        for field in fields {
            let Some(default) = &field.default else { continue };
            let missing = !settings.contains_key(&field.name) && !filled.defaults.contains_key(field.name.as_str());
            if missing && filled.shows(field) {
                filled.defaults.insert(&field.name, default);
            }
        }
        filled
    }

    /// What is taken for the fields that are left out.
    pub fn defaults(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.defaults.iter().map(|(name, default)| (*name, *default))
    }

    /// Whether one of these fields is shown.
    pub fn shows(&self, field: &Field) -> bool {
        field.visible_when.as_ref().is_none_or(|rule| rule.holds(self))
    }

    /// The value that a path leads to. Lists are not entered.
    fn get(&self, path: &str) -> Option<&Value> {
        if let Some(path) = path.strip_prefix('/') {
            return self.root.unwrap_or(self).get(path);
        }
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let value = self.settings.get(first).or_else(|| self.defaults.get(first).copied())?;
        match rest {
            None => Some(value),
            Some(rest) => lookup(value.as_object()?, rest),
        }
    }
}

impl Rule {
    /// A rule that never holds.
    pub fn never() -> Self {
        Self::Any { any: Vec::new() }
    }

    /// Whether it holds for these settings.
    pub fn holds(&self, settings: &Filled<'_>) -> bool {
        match self {
            Self::All { all } => all.iter().all(|rule| rule.holds(settings)),
            Self::Any { any } => any.iter().any(|rule| rule.holds(settings)),
            Self::Not { not } => !not.holds(settings),
            Self::Field(condition) => condition.holds(settings),
        }
    }

    /// The conditions that it is made of.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::All { all: rules } | Self::Any { any: rules } => rules.iter().flat_map(Self::conditions).collect(),
            Self::Not { not } => not.conditions(),
            Self::Field(condition) => vec![condition],
        }
    }
}

impl Condition {
    /// Whether the condition holds for these settings.
    ///
    /// What is not there counts as null. Numbers are compared by value, so `1` equals `1.0`. Without values, `equals`
    /// asks for null.
    pub fn holds(&self, settings: &Filled<'_>) -> bool {
        let value = settings.get(&self.field).unwrap_or(&Value::Null);
        let first = self.values.first().unwrap_or(&Value::Null);
        let among = |value: &Value| self.values.iter().any(|candidate| same(value, candidate));
        let is_set = || !(value.is_null() || value.as_str() == Some(""));
        let texts = |test: fn(&str, &str) -> bool| {
            value.as_str().zip(first.as_str()).is_some_and(|(value, part)| test(value, part))
        };
        let numbers = |test: fn(&f64, &f64) -> bool| {
            value.as_f64().zip(first.as_f64()).is_some_and(|(value, limit)| test(&value, &limit))
        };
        match self.operator {
            Operator::Equals => same(value, first),
            Operator::NotEquals => !same(value, first),
            Operator::In => among(value),
            Operator::NotIn => !among(value),
            Operator::Set => is_set(),
            Operator::NotSet => !is_set(),
            Operator::HasAny => value.as_array().is_some_and(|entries| entries.iter().any(among)),
            Operator::Contains => texts(|value, part| value.contains(part)),
            Operator::StartsWith => texts(|value, part| value.starts_with(part)),
            Operator::EndsWith => texts(|value, part| value.ends_with(part)),
            Operator::Above => numbers(f64::gt),
            Operator::AtLeast => numbers(f64::ge),
            Operator::Below => numbers(f64::lt),
            Operator::AtMost => numbers(f64::le),
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
    use crate::flow::FieldKind;

    /// A rule, the settings it looks at, and whether it holds for them.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        name: String,
        /// The fields that the settings belong to; only those that matter.
        #[serde(default)]
        fields: Vec<Sibling>,
        settings: Map<String, Value>,
        /// The settings of the step, when the others are a part of them.
        root: Option<Map<String, Value>>,
        rule: Rule,
        holds: bool,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sibling {
        name: String,
        default: Option<Value>,
        visible_when: Option<Rule>,
    }

    impl From<Sibling> for Field {
        fn from(Sibling { name, default, visible_when }: Sibling) -> Self {
            let (title, kind) = (name.clone(), FieldKind::Text);
            Self { name, title, help: None, kind, required: false, default, visible_when, expressions: false }
        }
    }

    #[test]
    fn a_field_is_shown_exactly_when_the_shared_table_says_so() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("visible_cases.json")).unwrap();
        assert!(cases.len() >= 80);
        for Case { name, fields, settings, root, rule, holds } in cases {
            let fields: Vec<Field> = fields.into_iter().map(Field::from).collect();
            let root = root.as_ref().map(|root| Filled::new(&[], root, None));
            assert_eq!(rule.holds(&Filled::new(&fields, &settings, root.as_ref())), holds, "{name}");
        }
    }

    #[test]
    fn a_simple_condition_is_a_rule_and_stays_as_it_was_written() {
        let text = r#"{"field":"mode","operator":"equals","values":["list"]}"#;
        let rule: Rule = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        assert_eq!(rule.conditions().len(), 1);
    }
}
