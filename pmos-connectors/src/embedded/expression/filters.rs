//! The filters. Those of the language get only what they are made for, in one spelling; those that would guess are
//! written in `ours` and `conversions`.

use minijinja::{
    Environment, Error, State,
    value::{Kwargs, Rest, Value, ValueOrKwargs, from_args},
};

use super::{
    conversions::{float, integer, json_text, number, string, truth, urlencode},
    ours::{at_path, chosen, join, list, map, sum, unique},
    rules::{Number, fault, kind, order, text, there},
};

/// What a filter takes and who wrote it.
#[derive(Clone, Copy)]
enum Filter {
    /// The language's own, for any value that is there.
    Whatever,
    /// The language's own, for so many texts and then other values.
    Texts(usize),
    /// The language's own, for a text with values in it.
    Format,
    /// The language's own, for a number.
    Number,
    /// The language's own, for a list.
    List,
    /// The language's own, for a list or an object whose entries have an order.
    Ordered,
    /// The language's own, a part of a path: it may get and give nothing.
    InPath,
    /// One of ours.
    Own(fn(&mut State, &[Value]) -> Result<Value, Error>),
}

const FILTERS: [(&str, Filter); 49] = [
    ("abs", Filter::Number),
    ("attr", Filter::InPath),
    ("batch", Filter::List),
    ("bool", Filter::Own(truth)),
    ("capitalize", Filter::Texts(1)),
    ("chain", Filter::Whatever),
    ("count", Filter::Whatever),
    ("d", Filter::InPath),
    ("default", Filter::InPath),
    ("dictsort", Filter::Ordered),
    ("e", Filter::Texts(1)),
    ("escape", Filter::Texts(1)),
    ("first", Filter::InPath),
    ("float", Filter::Own(float)),
    ("format", Filter::Format),
    ("groupby", Filter::Ordered),
    ("indent", Filter::Texts(1)),
    ("int", Filter::Own(integer)),
    ("items", Filter::Whatever),
    ("join", Filter::Own(join)),
    ("last", Filter::InPath),
    ("length", Filter::Whatever),
    ("lines", Filter::Texts(1)),
    ("list", Filter::Own(list)),
    ("lower", Filter::Texts(1)),
    ("map", Filter::Own(map)),
    ("max", Filter::Ordered),
    ("min", Filter::Ordered),
    ("number", Filter::Own(number)),
    ("reject", Filter::Own(|state, args| chosen(state, args, false, false))),
    ("rejectattr", Filter::Own(|state, args| chosen(state, args, true, false))),
    ("replace", Filter::Texts(3)),
    ("reverse", Filter::Whatever),
    ("round", Filter::Number),
    ("safe", Filter::Texts(1)),
    ("select", Filter::Own(|state, args| chosen(state, args, false, true))),
    ("selectattr", Filter::Own(|state, args| chosen(state, args, true, true))),
    ("slice", Filter::List),
    ("sort", Filter::Ordered),
    ("split", Filter::Texts(2)),
    ("string", Filter::Own(string)),
    ("sum", Filter::Own(sum)),
    ("title", Filter::Texts(1)),
    ("tojson", Filter::Own(json_text)),
    ("trim", Filter::Texts(2)),
    ("unique", Filter::Own(unique)),
    ("upper", Filter::Texts(1)),
    ("urlencode", Filter::Own(urlencode)),
    ("zip", Filter::List),
];

/// Whether there is a filter of that name.
pub(super) fn is_filter(name: &str) -> bool {
    FILTERS.iter().any(|(known, _)| *known == name)
}

/// The name under which a filter goes through the rules. The language knows its own by the plain name.
pub(super) fn guarded(name: &str) -> String {
    format!("_{name}")
}

pub(super) fn add_to(language: &mut Environment<'static>) {
    for (name, filter) in FILTERS {
        let apply =
            move |state: &mut State, args: Rest<ValueOrKwargs>| applied(state, name, filter, args.into_values());
        language.add_filter(guarded(name), apply);
    }
}

fn applied(state: &mut State, name: &str, filter: Filter, mut args: Vec<Value>) -> Result<Value, Error> {
    if matches!(filter, Filter::InPath) {
        let (first, is_default) = (args.first(), matches!(name, "d" | "default"));
        return match first {
            Some(first) if first.is_undefined() && !is_default => Ok(Value::UNDEFINED),
            _ => state.apply_filter(name, &args),
        };
    }
    args.iter().try_for_each(there)?;
    let Some(first) = args.first().cloned() else { return Err(fault(format!("`{name}` needs a value"))) };
    match filter {
        Filter::Own(own) => return own(state, &args),
        Filter::Texts(count) => {
            for arg in args.iter_mut().take(count).filter(|arg| !arg.is_kwargs()) {
                if arg.as_str().is_none() {
                    *arg = Value::from(text(state, arg)?.into_owned());
                }
            }
        }
        Filter::Format => {
            for arg in args.iter_mut().filter(|arg| !arg.is_kwargs() && !arg.is_number()) {
                *arg = Value::from(text(state, arg)?.into_owned());
            }
        }
        Filter::Number if Number::of(&first).is_none() => return Err(unfit(name, "a number", &first)),
        Filter::List if kind(&first) != "a list" => return Err(unfit(name, "a list", &first)),
        Filter::Ordered => {
            let keys = keys(state, name, &args)?;
            let mut others = keys.iter();
            if let Some(one) = others.next() {
                order(state, one, one)?;
                others.try_for_each(|other| order(state, one, other).map(drop))?;
            }
        }
        Filter::Whatever | Filter::Number | Filter::List | Filter::InPath => {}
    }
    state.apply_filter(name, &args)
}

pub(super) fn unfit(name: &str, wanted: &str, got: &Value) -> Error {
    fault(format!("`{name}` works on {wanted}, and got {}", kind(got)))
}

/// What a filter orders its entries by.
fn keys(state: &State, name: &str, args: &[Value]) -> Result<Vec<Value>, Error> {
    let (_, places, named): (&Value, &[Value], Kwargs) = from_args(args)?;
    if name == "dictsort" {
        return match named.get::<Option<&str>>("by")? {
            Some("value") => {
                let values = args[0].try_iter()?.map(|key| args[0].get_item(&key));
                values.collect()
            }
            _ => Ok(Vec::new()),
        };
    }
    let entries = super::ours::entries_of(state, name, &args[0])?;
    let attribute = match places.first().and_then(Value::as_str) {
        Some(attribute) => Some(attribute),
        None => named.get::<Option<&str>>("attribute")?,
    };
    let Some(attribute) = attribute else { return Ok(entries) };
    let default = named.get::<Option<Value>>("default")?;
    let mut keys = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        state.consume_fuel(1)?;
        keys.push(match (at_path(entry, attribute), &default) {
            (key, _) if !key.is_undefined() => key,
            (_, Some(default)) => default.clone(),
            _ => return Err(super::ours::missing_in(attribute, n)),
        });
    }
    Ok(keys)
}
