//! When a property is shown: n8n's `displayOptions`, settled as far as the description alone can settle them.
//!
//! `show` names parameters with the values they may have, all of which must fit; `hide` is the same for when it is not
//! shown. A parameter is a sibling, or with a slash one of the node. What is known beforehand (the version, the chosen
//! resource and operation) is settled here; the rest becomes a [`Rule`] for the form.

use std::collections::HashMap;

use pmos_core::flow::{Condition, Operator, Rule};
use serde_json::Value;

use super::descriptor::Property;

/// What is known before a form is filled in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    pub(super) version: f64,
    pub(super) is_tool: bool,
    /// The operation that the form is for says which.
    pub(super) resource: Option<&'a str>,
    pub(super) operation: Option<&'a str>,
}

impl<'a> Known<'a> {
    /// The value of a parameter of the node that the operation settles.
    pub(super) fn choice(&self, name: &str) -> Option<&'a str> {
        match name {
            "resource" => self.resource,
            "operation" => self.operation,
            _ => None,
        }
    }
}

/// Whether something is so.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Truth {
    No,
    Yes,
    /// That depends on what is filled in.
    When(Rule),
}

impl From<bool> for Truth {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

impl Truth {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, truth) | (truth, Self::Yes) => truth,
            (Self::When(one), Self::When(other)) => {
                let mut all = parts_of_all(one);
                for rule in parts_of_all(other) {
                    if !all.contains(&rule) {
                        all.push(rule);
                    }
                }
                Self::When(if all.len() == 1 { all.swap_remove(0) } else { Rule::All { all } })
            }
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, truth) | (truth, Self::No) => truth,
            (Self::When(one), Self::When(other)) => {
                let mut any = parts_of_any(one);
                for rule in parts_of_any(other) {
                    if !any.contains(&rule) {
                        any.push(rule);
                    }
                }
                Self::When(if any.len() == 1 { any.swap_remove(0) } else { Rule::Any { any } })
            }
        }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            Self::When(Rule::Not { not }) => Self::When(*not),
            Self::When(Rule::Field(Condition { field, operator: Operator::In, values })) => {
                condition(&field, Operator::NotIn, values)
            }
            Self::When(rule) => Self::When(Rule::Not { not: Box::new(rule) }),
        }
    }

    /// The rule for the form; none when nothing needs to be asked.
    pub(super) fn into_rule(self) -> Option<Rule> {
        match self {
            Self::No => Some(Rule::never()),
            Self::Yes => None,
            Self::When(rule) => Some(rule),
        }
    }
}

fn parts_of_all(rule: Rule) -> Vec<Rule> {
    match rule {
        Rule::All { all } => all,
        rule => vec![rule],
    }
}

fn parts_of_any(rule: Rule) -> Vec<Rule> {
    match rule {
        Rule::Any { any } => any,
        rule => vec![rule],
    }
}

pub(super) fn condition(field: &str, operator: Operator, values: Vec<Value>) -> Truth {
    Truth::When(Rule::Field(Condition { field: field.to_owned(), operator, values }))
}

/// Whether two rules can never hold at once: both ask the same parameter for different values.
pub(super) fn exclude_each_other(one: &Rule, other: &Rule) -> bool {
    fn asked(rule: &Rule) -> Vec<&Condition> {
        let parts = match rule {
            Rule::All { all } => all.as_slice(),
            rule => std::slice::from_ref(rule),
        };
        let conditions = parts.iter().filter_map(|part| if let Rule::Field(asked) = part { Some(asked) } else { None });
        conditions.filter(|asked| asked.operator == Operator::In).collect()
    }
    let others = asked(other);
    asked(one).iter().any(|a| {
        let apart = |b: &&&Condition| a.field == b.field && !a.values.iter().any(|value| b.values.contains(value));
        others.iter().any(|b| apart(&b))
    })
}

/// What a condition has to know about a parameter that it asks.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a name may stand for several of these at once")]
struct Dependency<'a> {
    plain: bool,
    list: bool,
    locator: bool,
    expressions: bool,
    /// The value of one that is never shown.
    hidden: Option<&'a Value>,
}

/// The parameters of one level of a form.
#[derive(Debug, Default)]
pub(super) struct Names<'a>(HashMap<&'a str, Dependency<'a>>);

impl<'a> Names<'a> {
    pub(super) fn of(properties: &[Property<'a>]) -> Self {
        let mut names: HashMap<&str, Dependency<'_>> = HashMap::new();
        for property in properties {
            let asked = names.entry(property.name()).or_default();
            match property.kind() {
                "resourceLocator" | "workflowSelector" | "agentSelector" => asked.locator = true,
                "multiOptions" => asked.list = true,
                "hidden" => asked.hidden = property.default(),
                _ if property.is_multiple() => asked.list = true,
                _ => asked.plain = true,
            }
            asked.expressions |= property.takes_expressions() && property.kind() != "hidden";
        }
        Self(names)
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.0.contains_key(head(path))
    }
}

fn head(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// One level of a form, with that of the node around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) siblings: &'a Names<'a>,
    /// None for the node itself.
    pub(super) root: Option<&'a Names<'a>>,
}

/// Finds out when a property is shown.
pub(super) struct Reader<'a> {
    pub(super) known: Known<'a>,
    pub(super) level: Level<'a>,
    /// Whether a parameter that is computed shows everything that asks for it, as n8n has it.
    pub(super) expressions: bool,
}

impl Reader<'_> {
    pub(super) fn shown(&self, display_options: &Value) -> Truth {
        let mut shown = Truth::Yes;
        for (name, wanted) in entries(&display_options["hide"]) {
            shown = shown.and(self.meets(name, wanted).unwrap_or(Truth::No).not());
        }
        // n8n goes through `show` from the front and stops at the first parameter that is computed: it is shown then,
        // whatever comes after.
        for (name, wanted) in entries(&display_options["show"]).collect::<Vec<_>>().into_iter().rev() {
            let meets = self.meets(name, wanted).unwrap_or(Truth::Yes);
            shown = self.is_computed(name).or(meets.and(shown));
        }
        shown
    }

    /// Whether the parameter has one of the wanted values; none when that cannot be known.
    pub(super) fn meets(&self, name: &str, wanted: &Value) -> Option<Truth> {
        let single = std::slice::from_ref(wanted);
        let wanted = wanted.as_array().map_or(single, Vec::as_slice);
        let settled = |value: &Value| Some(Truth::from(fits(wanted, value)));
        match name {
            "@version" => return settled(&Value::from(self.known.version)),
            "@tool" => return settled(&Value::Bool(self.known.is_tool)),
            _ if name.starts_with('@') => return None,
            _ => {}
        }
        if let Some(choice) = self.choice(name) {
            return settled(&Value::from(choice));
        }
        let Some((path, asked)) = self.find(name) else { return settled(&Value::Null) };
        let is_whole = !name.contains('.');
        let mut meets = Truth::No;
        if asked.locator && is_whole {
            meets = meets.or(ask(&format!("{path}.value"), wanted, Operator::In)?);
        }
        if asked.list && is_whole {
            meets = meets.or(ask(&path, wanted, Operator::HasAny)?);
        }
        if asked.plain || !is_whole || !(asked.locator || asked.list) {
            meets = meets.or(ask(&path, wanted, Operator::In)?);
        }
        match asked.hidden.filter(|_| is_whole && !asked.plain && !asked.list && !asked.locator) {
            Some(default) if fits(wanted, default) => Some(meets.or(condition(&path, Operator::NotSet, Vec::new()))),
            _ => Some(meets),
        }
    }

    fn is_computed(&self, name: &str) -> Truth {
        if !self.expressions || name.starts_with('@') || self.choice(name).is_some() {
            return Truth::No;
        }
        match self.find(name) {
            Some((path, asked)) if asked.expressions => {
                let value = if asked.locator && !name.contains('.') { ".value" } else { "" };
                condition(&format!("{path}{value}"), Operator::StartsWith, vec!["=".into()])
            }
            _ => Truth::No,
        }
    }

    fn choice(&self, name: &str) -> Option<&str> {
        match (name.strip_prefix('/'), self.level.root) {
            (Some(name), _) => self.known.choice(name),
            (None, None) => self.known.choice(name),
            (None, Some(_)) => None,
        }
    }

    /// The parameter of this name and how a rule names it; none when there is none.
    fn find(&self, name: &str) -> Option<(String, &Dependency<'_>)> {
        let (names, path) = match (name.strip_prefix('/'), self.level.root) {
            (Some(path), Some(root)) => (root, format!("/{path}")),
            (Some(path), None) => (self.level.siblings, path.to_owned()),
            (None, _) => (self.level.siblings, name.to_owned()),
        };
        let asked = names.0.get(head(path.trim_start_matches('/')))?;
        Some((path, asked))
    }
}

fn entries(of: &Value) -> impl Iterator<Item = (&str, &Value)> {
    of.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// A rule that asks whether what stands at `path` is one of `wanted`; none for what rules cannot say.
fn ask(path: &str, wanted: &[Value], among: Operator) -> Option<Truth> {
    let (conditions, values): (Vec<&Value>, Vec<&Value>) = wanted.iter().partition(|value| test_of(value).is_some());
    let mut meets =
        if values.is_empty() { Truth::No } else { condition(path, among, values.into_iter().cloned().collect()) };
    for (test, operand) in conditions.into_iter().filter_map(test_of) {
        meets = meets.or(compare(path, test, operand)?);
    }
    Some(meets)
}

/// The name and the operand of a `_cnd`.
fn test_of(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get("_cnd")?.as_object()?.iter().next().map(|(test, operand)| (test.as_str(), operand))
}

fn compare(path: &str, test: &str, operand: &Value) -> Option<Truth> {
    let one = |operator| condition(path, operator, vec![operand.clone()]);
    Some(match test {
        "eq" => one(Operator::Equals),
        "not" => one(Operator::NotEquals),
        "gt" => one(Operator::Above),
        "gte" => one(Operator::AtLeast),
        "lt" => one(Operator::Below),
        "lte" => one(Operator::AtMost),
        "between" => {
            let at_least = condition(path, Operator::AtLeast, vec![operand["from"].clone()]);
            at_least.and(condition(path, Operator::AtMost, vec![operand["to"].clone()]))
        }
        "includes" => one(Operator::Contains),
        "startsWith" => one(Operator::StartsWith),
        "endsWith" => one(Operator::EndsWith),
        "exists" => condition(path, Operator::Set, Vec::new()),
        "regex" => return pattern(path, operand.as_str()?),
        _ => Truth::No,
    })
}

/// Patterns are not evaluated, as no two languages read them alike; these are the ones in use.
fn pattern(path: &str, pattern: &str) -> Option<Truth> {
    let set = condition(path, Operator::Set, Vec::new());
    if pattern == r"\S" {
        return Some(set);
    }
    let word = pattern.strip_prefix("^(?!.*")?.strip_suffix(").*")?;
    let is_word = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_word.then(|| set.and(condition(path, Operator::Contains, vec![word.into()]).not()))
}

/// Whether a value that is known is one of `wanted`.
fn fits(wanted: &[Value], value: &Value) -> bool {
    let same = |a: &Value, b: &Value| a == b || a.as_f64().is_some_and(|a| Some(a) == b.as_f64());
    let number = |test: fn(&f64, &f64) -> bool, limit: &Value| {
        value.as_f64().zip(limit.as_f64()).is_some_and(|(value, limit)| test(&value, &limit))
    };
    let text = |test: fn(&str, &str) -> bool, part: &Value| {
        value.as_str().zip(part.as_str()).is_some_and(|(value, part)| test(value, part))
    };
    wanted.iter().any(|wanted| match test_of(wanted) {
        None => same(value, wanted),
        Some(("eq", operand)) => same(value, operand),
        Some(("not", operand)) => !same(value, operand),
        Some(("gt", limit)) => number(f64::gt, limit),
        Some(("gte", limit)) => number(f64::ge, limit),
        Some(("lt", limit)) => number(f64::lt, limit),
        Some(("lte", limit)) => number(f64::le, limit),
        Some(("between", limits)) => number(f64::ge, &limits["from"]) && number(f64::le, &limits["to"]),
        Some(("includes", part)) => text(|value, part| value.contains(part), part),
        Some(("startsWith", part)) => text(|value, part| value.starts_with(part), part),
        Some(("endsWith", part)) => text(|value, part| value.ends_with(part), part),
        Some(("exists", _)) => !value.is_null() && value.as_str() != Some(""),
        Some(_) => false,
    })
}
