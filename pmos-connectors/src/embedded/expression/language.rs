//! The language of expressions: minijinja with the rules of [`rules`](super::rules) in the place of its own.

use std::sync::LazyLock;

use minijinja::{
    Environment, Error, State, UndefinedBehavior,
    value::{Rest, Value},
};

use super::{
    filters,
    rules::{Number, calculate, compare, fault, kind, negative, there},
};

/// What one expression may compute. It pays for instructions, items and bytes alike: about 3 MiB of text in all.
const FUEL: u64 = 50_000;

/// Functions an expression may call.
pub(super) const FUNCTIONS: [&str; 2] = ["range", "dict"];

const TESTS: [&str; 38] = [
    "!=",
    "<",
    "<=",
    "==",
    ">",
    ">=",
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// Whether there is a test of that name.
pub(super) fn is_test(name: &str) -> bool {
    TESTS.contains(&name)
}

/// What the operators become, see [`checked`](super::checked).
pub(super) mod operators {
    /// `a|_calculate('+', b)`
    pub(in super::super) const CALCULATE: &str = "_calculate";
    /// `a|_compare('<', b, '<', c)`
    pub(in super::super) const COMPARE: &str = "_compare";
    /// `a|_negative`
    pub(in super::super) const NEGATIVE: &str = "_negative";
    /// `a|_there('name of a')`
    pub(in super::super) const THERE: &str = "_there";
    /// `a|_at(key)`: nothing from nothing.
    pub(in super::super) const AT: &str = "_at";
    /// `a|_slices`
    pub(in super::super) const SLICES: &str = "_slices";
}

/// There are expressions only: nothing loads, includes, defines or loops without end.
pub(super) static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = Environment::new();
    language.set_undefined_behavior(UndefinedBehavior::Strict);
    language.set_fuel(Some(FUEL));
    language.set_debug(true);
    language.remove_global("debug");
    language.remove_global("namespace");
    filters::add_to(&mut language);
    add_operators(&mut language);
    add_tests(&mut language);
    language
});

fn add_operators(language: &mut Environment<'static>) {
    language.add_filter(operators::CALCULATE, |state: &State, a: &Value, operator: &str, b: &Value| {
        calculate(state, operator, a, b)
    });
    language
        .add_filter(operators::COMPARE, |state: &State, first: Value, rest: Rest<Value>| chain(state, first, &rest));
    language.add_filter(operators::NEGATIVE, |value: &Value| negative(value));
    language.add_filter(operators::THERE, |value: Value, name: &str| {
        if value.is_undefined() { Err(fault(format!("`{name}` is undefined"))) } else { Ok(value) }
    });
    language.add_filter(operators::AT, |value: &Value, key: &Value| {
        if value.is_undefined() {
            return Ok(Value::UNDEFINED);
        }
        there(key)?;
        value.get_item(key)
    });
    language.add_filter(operators::SLICES, |value: &Value| {
        there(value)?;
        match kind(value) {
            "a text" | "a list" => Ok(value.clone()),
            other => Err(fault(format!("takes a part of {other}; only a text and a list have parts"))),
        }
    });
}

/// `a < b < c`: each with the next.
fn chain(state: &State, first: Value, rest: &[Value]) -> Result<bool, Error> {
    let mut left = first;
    for pair in rest.chunks(2) {
        let [operator, right] = pair else { return Err(fault("a comparison has two sides")) };
        if !compare(state, operator.as_str().unwrap_or_default(), &left, right)? {
            return Ok(false);
        }
        left = right.clone();
    }
    Ok(true)
}

fn add_tests(language: &mut Environment<'static>) {
    let comparisons = [
        ("==", ["==", "eq", "equalto"]),
        ("!=", ["!=", "ne", "ne"]),
        ("<", ["<", "lt", "lessthan"]),
        ("<=", ["<=", "le", "le"]),
        (">", [">", "gt", "greaterthan"]),
        (">=", [">=", "ge", "ge"]),
        ("in", ["in", "in", "in"]),
    ];
    for (operator, names) in comparisons {
        for name in names {
            language.add_test(name, move |state: &State, a: &Value, b: &Value| compare(state, operator, a, b));
        }
    }
    language.add_test("odd", |value: &Value| remainder("odd", value, 2).map(|rest| rest != 0));
    language.add_test("even", |value: &Value| remainder("even", value, 2).map(|rest| rest == 0));
    language.add_test("divisibleby", |value: &Value, by: &Value| match whole("divisibleby", by)? {
        0 => Err(fault("divides by zero")),
        by => remainder("divisibleby", value, by).map(|rest| rest == 0),
    });
    language.add_test("startingwith", |value: &Value, part: &Value| {
        Ok::<_, Error>(letters("startingwith", value)?.starts_with(letters("startingwith", part)?))
    });
    language.add_test("endingwith", |value: &Value, part: &Value| {
        Ok::<_, Error>(letters("endingwith", value)?.ends_with(letters("endingwith", part)?))
    });
}

fn remainder(test: &str, value: &Value, by: i128) -> Result<i128, Error> {
    Ok(whole(test, value)?.checked_rem(by).unwrap_or(0))
}

fn whole(test: &str, value: &Value) -> Result<i128, Error> {
    match Number::of(value) {
        Some(Number::Whole(whole)) => Ok(whole),
        _ => Err(fault(format!("`is {test}` is asked of a whole number, and got {}", kind(value)))),
    }
}

fn letters<'v>(test: &str, value: &'v Value) -> Result<&'v str, Error> {
    value.as_str().ok_or_else(|| fault(format!("`is {test}` is asked of a text, and got {}", kind(value))))
}
