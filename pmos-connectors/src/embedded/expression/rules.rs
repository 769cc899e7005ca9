//! What holds for the values of expressions: how they compare, compute and read as text. Nothing else decides it.
//!
//! A value is never guessed. A text and a number are different kinds, whatever the text looks like, so whatever needs
//! one kind and gets another fails and names both; filters turn one into the other where the flow says so.

use std::{borrow::Cow, cmp::Ordering};

use minijinja::{
    Error, ErrorKind, State,
    value::{Value, ValueKind},
};

use super::value::{Budget, append, plain};

/// The longest text that a value turns into.
const LONGEST_TEXT: usize = 4 * 1024 * 1024;
/// Bytes of written JSON for a unit of fuel.
const BYTES_PER_FUEL: usize = 4;

pub(super) fn fault(detail: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// Fails for a value that is not there; the language knows its path.
pub(super) fn there(value: &Value) -> Result<(), Error> {
    if value.is_undefined() { value.get_attr("").map(drop) } else { Ok(()) }
}

/// What people call a kind of value.
pub(super) fn kind(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => "nothing",
        ValueKind::Bool => "a yes or no",
        ValueKind::Number => "a number",
        ValueKind::String => "a text",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "an object",
        _ => "no value",
    }
}

/// Whether two values are the same. Nothing is the same as nothing only; two single values of different kinds are
/// rather a mistake than different.
pub(super) fn same(state: &State, a: &Value, b: &Value) -> Result<bool, Error> {
    there(a)?;
    there(b)?;
    state.consume_fuel(1)?;
    match (kind(a), kind(b)) {
        ("a list", "a list") => {
            let (mut left, mut right) = (a.try_iter()?, b.try_iter()?);
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return Ok(true),
                    (Some(x), Some(y)) if same(state, &x, &y)? => {}
                    _ => return Ok(false),
                }
            }
        }
        ("an object", "an object") => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for key in a.try_iter()? {
                let (x, y) = (a.get_item(&key)?, b.get_item(&key)?);
                if y.is_undefined() || !same(state, &x, &y)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        ("nothing" | "a list" | "an object", _) | (_, "nothing" | "a list" | "an object") => {
            Ok(a.is_none() && b.is_none())
        }
        (left, right) if left == right => {
            charge_texts(state, a, b)?;
            Ok(a == b)
        }
        (left, right) => Err(mixed(left, right)),
    }
}

/// Which of two values comes first. Numbers have an order, texts have one, and yes comes after no.
pub(super) fn order(state: &State, a: &Value, b: &Value) -> Result<Ordering, Error> {
    there(a)?;
    there(b)?;
    match (kind(a), kind(b)) {
        (left @ ("a number" | "a text" | "a yes or no"), right) if left == right => {
            charge_texts(state, a, b)?;
            Ok(a.cmp(b))
        }
        (left, right) if left == right => Err(fault(format!("{left} has no order, so it cannot be compared"))),
        (left, right) => Err(mixed(left, right)),
    }
}

fn charge_texts(state: &State, a: &Value, b: &Value) -> Result<(), Error> {
    let shorter = a.as_str().map_or(0, str::len).min(b.as_str().map_or(0, str::len));
    state.consume_fuel(shorter as u64 / 64)
}

fn mixed(left: &str, right: &str) -> Error {
    let both = [left, right];
    let hint = if both.contains(&"a text") && both.contains(&"a number") {
        "; turn one into the other first, with `| number` or `| string`"
    } else {
        ""
    };
    fault(format!("compares {left} with {right}{hint}"))
}

/// Compares as an operator says.
pub(super) fn compare(state: &State, operator: &str, a: &Value, b: &Value) -> Result<bool, Error> {
    Ok(match operator {
        "==" => same(state, a, b)?,
        "!=" => !same(state, a, b)?,
        "<" => order(state, a, b)?.is_lt(),
        "<=" => order(state, a, b)?.is_le(),
        ">" => order(state, a, b)?.is_gt(),
        ">=" => order(state, a, b)?.is_ge(),
        "in" => contains(state, b, a)?,
        "not in" => !contains(state, b, a)?,
        _ => return Err(fault(format!("there is no comparison `{operator}`"))),
    })
}

/// Whether a list has an entry, an object a name, or a text a part.
fn contains(state: &State, whole: &Value, part: &Value) -> Result<bool, Error> {
    there(whole)?;
    there(part)?;
    match (kind(whole), part.as_str()) {
        ("a list", _) => {
            let mut mistaken = None;
            for item in whole.try_iter()? {
                match same(state, &item, part) {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(cause) => mistaken = Some(cause),
                }
            }
            mistaken.map_or(Ok(false), Err)
        }
        ("an object", Some(name)) => Ok(!whole.get_attr(name)?.is_undefined()),
        ("a text", Some(text)) => {
            let whole = whole.as_str().unwrap_or_default();
            state.consume_fuel(whole.len() as u64 / 64)?;
            Ok(whole.contains(text))
        }
        (whole, _) => Err(fault(format!("looks for {} in {whole}", kind(part)))),
    }
}

/// A number of an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// Exact.
    Whole(i128),
    /// As near as 64 bits come.
    Float(f64),
}

impl Number {
    pub(super) fn of(value: &Value) -> Option<Self> {
        if value.is_integer() {
            return i128::try_from(value.clone()).ok().map(Self::Whole);
        }
        if !value.is_number() {
            return None;
        }
        f64::try_from(value.clone()).ok().map(Self::Float)
    }

    /// The same as a float; none that rounds a whole number.
    pub(super) fn float(self) -> Result<f64, Error> {
        match self {
            Self::Float(float) => Ok(float),
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "looked at right here")]
            Self::Whole(whole) => {
                let float = whole as f64;
                if float as i128 == whole { Ok(float) } else { Err(too_long(&whole)) }
            }
        }
    }

    /// The value, when it is one that a number can be.
    pub(super) fn value(self) -> Result<Value, Error> {
        match self {
            Self::Whole(whole) => Ok(i64::try_from(whole).map_or_else(|_| Value::from(whole), Value::from)),
            Self::Float(float) if float.is_finite() => Ok(Value::from(float)),
            Self::Float(_) => Err(fault("gives a number that is infinite or undefined")),
        }
    }
}

fn too_long(whole: &i128) -> Error {
    fault(format!("{whole} has too many digits to be kept exactly as a decimal number"))
}

/// Computes as an operator says.
pub(super) fn calculate(state: &State, operator: &str, a: &Value, b: &Value) -> Result<Value, Error> {
    there(a)?;
    there(b)?;
    match (operator, kind(a), kind(b)) {
        ("~", ..) | ("+", "a text", "a text") => {
            let (left, right) = (text(state, a)?, text(state, b)?);
            state.consume_fuel((left.len() + right.len()) as u64 / 64)?;
            Ok(Value::from([left, right].concat()))
        }
        ("+", "a list", "a list") => {
            let mut items = entries(state, a)?;
            items.extend(entries(state, b)?);
            Ok(Value::from(items))
        }
        _ => match (Number::of(a), Number::of(b)) {
            (Some(a), Some(b)) => numbers(operator, a, b)?.value(),
            _ => Err(fault(format!(
                "cannot compute {} {operator} {}{}",
                kind(a),
                kind(b),
                if [kind(a), kind(b)].contains(&"a text") { "; turn a text into a number with `| number`" } else { "" }
            ))),
        },
    }
}

fn numbers(operator: &str, a: Number, b: Number) -> Result<Number, Error> {
    if matches!(operator, "/" | "//" | "%") && b.float().is_ok_and(|b| b == 0.0) {
        return Err(fault("divides by zero"));
    }
    if let (Number::Whole(a), Number::Whole(b)) = (a, b)
        && !(operator == "/" || operator == "**" && b < 0)
    {
        return exact(operator, a, b).map(Number::Whole);
    }
    let (a, b) = (a.float()?, b.float()?);
    Ok(Number::Float(match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "//" => (a / b).floor(),
        "**" => a.powf(b),
        _ => a - b * (a / b).floor(),
    }))
}

fn exact(operator: &str, a: i128, b: i128) -> Result<i128, Error> {
    let result = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        // Rounds down, as the remainder has the sign of the divisor.
        "//" => a.checked_div(b).map(|q| if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q }),
        "%" => a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r }),
        _ => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
    };
    result.ok_or_else(|| fault(format!("{a} {operator} {b} has too many digits to be kept exactly")))
}

/// The negative of a number.
pub(super) fn negative(value: &Value) -> Result<Value, Error> {
    there(value)?;
    match Number::of(value) {
        Some(Number::Whole(whole)) => exact("-", 0, whole).map(Number::Whole)?.value(),
        Some(Number::Float(float)) => Number::Float(-float).value(),
        None => Err(fault(format!("cannot compute the negative of {}", kind(value)))),
    }
}

/// A value as text: a text as it is, nothing as no text, anything else as JSON.
pub(super) fn text<'v>(state: &State, value: &'v Value) -> Result<Cow<'v, str>, Error> {
    there(value)?;
    if let Some(text) = value.as_str() {
        return Ok(Cow::Borrowed(text));
    }
    let mut text = String::new();
    append(&mut text, &json(state, value)?);
    state.consume_fuel((text.len() / BYTES_PER_FUEL) as u64)?;
    Ok(Cow::Owned(text))
}

/// A value as plain JSON.
pub(super) fn json(state: &State, value: &Value) -> Result<serde_json::Value, Error> {
    let left = state.fuel_levels().map_or(u64::MAX, |(_, left)| left);
    let affordable = usize::try_from(left).unwrap_or(usize::MAX).saturating_mul(64).min(LONGEST_TEXT);
    plain(value, &mut Budget::new(affordable)).map_err(|fault| self::fault(fault.0))
}

/// The entries of a list.
pub(super) fn entries(state: &State, list: &Value) -> Result<Vec<Value>, Error> {
    let mut entries = Vec::new();
    for (n, entry) in list.try_iter()?.enumerate() {
        state.consume_fuel(n as u64 % 2)?;
        entries.push(entry);
    }
    Ok(entries)
}
