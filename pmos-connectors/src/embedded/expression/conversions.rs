//! Filters that turn a value of one kind into another, where it is one.

use minijinja::{
    Error, State,
    value::{Kwargs, Value, ValueKind, from_args},
};
use serde::Serialize as _;

use super::rules::{Number, fault, json, kind, text};

/// The text of a value.
pub(super) fn string(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (value,): (&Value,) = from_args(args)?;
    if value.as_str().is_some() { Ok(value.clone()) } else { text(state, value).map(|text| Value::from(&*text)) }
}

/// The whole number of a text or number.
pub(super) fn integer(_: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (value, default, base, named): (&Value, Option<Value>, Option<u32>, Kwargs) = from_args(args)?;
    let base = match base {
        Some(base) => Some(base),
        None => named.get("base")?,
    };
    let base = base.unwrap_or(10);
    if !(2..=36).contains(&base) {
        return Err(fault("`int` takes a base from 2 to 36"));
    }
    let read = match (Number::of(value), value.as_str()) {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and far below the limit")]
        (Some(Number::Float(float)), _) if float.fract() == 0.0 && float.abs() < 1e18 => {
            Ok(Number::Whole(float as i128))
        }
        (Some(Number::Float(float)), _) => {
            Err(fault(format!("{float} is not a whole number; round it first, with `| round | int`")))
        }
        (Some(whole), _) => Ok(whole),
        (None, Some(text)) => {
            i128::from_str_radix(text.trim(), base).map(Number::Whole).map_err(|_| no_number(text, "a whole number"))
        }
        _ => Err(fault(format!("cannot turn {} into a whole number", kind(value)))),
    };
    or_default(read.and_then(Number::value), default, &named)
}

/// The number of a text or number, as a decimal number.
pub(super) fn float(_: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (value, default, named): (&Value, Option<Value>, Kwargs) = from_args(args)?;
    or_default(read(value).and_then(Number::float).map(Value::from), default, &named)
}

/// The number of a text or number: whole where it has no fraction.
pub(super) fn number(_: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (value, default, named): (&Value, Option<Value>, Kwargs) = from_args(args)?;
    or_default(read(value).and_then(Number::value), default, &named)
}

fn read(value: &Value) -> Result<Number, Error> {
    if let Some(number) = Number::of(value) {
        return Ok(number);
    }
    let Some(text) = value.as_str() else {
        return Err(fault(format!("cannot turn {} into a number", kind(value))));
    };
    let digits = text.trim();
    let number = if digits.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'+') {
        digits.parse().ok().map(Number::Whole)
    } else if digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
        digits.parse().ok().filter(|float: &f64| float.is_finite()).map(Number::Float)
    } else {
        None
    };
    number.ok_or_else(|| no_number(text, "a number"))
}

fn no_number(text: &str, wanted: &str) -> Error {
    fault(format!("\"{}\" is not {wanted}", text.chars().take(40).collect::<String>()))
}

fn or_default(read: Result<Value, Error>, default: Option<Value>, named: &Kwargs) -> Result<Value, Error> {
    let default = match default {
        Some(default) => Some(default),
        None => named.get("default")?,
    };
    named.assert_all_used()?;
    read.or_else(|cause| default.ok_or(cause))
}

/// Yes or no from itself or from how forms write it.
pub(super) fn truth(_: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (value,): (&Value,) = from_args(args)?;
    match (value.kind(), value.as_str()) {
        (ValueKind::Bool, _) => Ok(value.clone()),
        (_, Some("true")) => Ok(Value::from(true)),
        (_, Some("false")) => Ok(Value::from(false)),
        (_, Some(text)) => Err(no_number(text, "true or false")),
        _ => Err(fault(format!("cannot turn {} into a yes or no", kind(value)))),
    }
}

/// The value as JSON.
pub(super) fn json_text(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (value, indent, named): (&Value, Option<Value>, Kwargs) = from_args(args)?;
    let indent = match indent {
        Some(indent) => Some(indent),
        None => named.get("indent")?,
    };
    named.assert_all_used()?;
    let width = match indent {
        None => None,
        Some(indent) if indent.kind() == ValueKind::Bool => indent.is_true().then_some(2),
        Some(indent) => Some(usize::try_from(indent)?.min(16)),
    };
    let value = json(state, value)?;
    let written = match width {
        None => value.to_string(),
        Some(width) => {
            let (mut bytes, spaces) = (Vec::new(), " ".repeat(width));
            let shape = serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes());
            let mut to = serde_json::Serializer::with_formatter(&mut bytes, shape);
            value.serialize(&mut to).map_err(|cause| fault(cause.to_string()))?;
            String::from_utf8(bytes).map_err(|cause| fault(cause.to_string()))?
        }
    };
    state.consume_fuel(written.len() as u64 / 4)?;
    Ok(Value::from(written))
}

/// A text for an address, or an object as the pairs of a form.
pub(super) fn urlencode(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (value,): (&Value,) = from_args(args)?;
    if kind(value) != "an object" {
        let text = text(state, value)?.into_owned();
        return state.apply_filter("urlencode", &[Value::from(text)]);
    }
    let mut pairs = Vec::new();
    for key in value.try_iter()? {
        state.consume_fuel(1)?;
        pairs.push((key.clone(), Value::from(&*text(state, &value.get_item(&key)?)?)));
    }
    state.apply_filter("urlencode", &[Value::from_pairs(pairs)])
}
