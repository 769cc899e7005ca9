//! Filters on lists in which nothing that is missing is passed over.

use minijinja::{
    Error, State,
    value::{Kwargs, Value, from_args},
};

use super::{
    filters::unfit,
    rules::{Number, calculate, entries, fault, kind, same, text, there},
};

/// The entries of what must be a list.
pub(super) fn entries_of(state: &State, name: &str, list: &Value) -> Result<Vec<Value>, Error> {
    if kind(list) == "a list" { entries(state, list) } else { Err(unfit(name, "a list", list)) }
}

/// The value at a path as `lines.0.price`; nothing where a part of it is not there.
pub(super) fn at_path(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |value, part| {
        let found = match part.parse::<usize>() {
            Ok(place) => value.get_item(&Value::from(place)),
            Err(_) => value.get_attr(part),
        };
        found.unwrap_or_default()
    })
}

pub(super) fn missing_in(path: &str, place: usize) -> Error {
    fault(format!("`{path}` is not there in entry {place} of the list"))
}

/// The attribute by place or name.
fn attribute<'a>(place: Option<&'a Value>, named: &'a Kwargs) -> Result<Option<&'a str>, Error> {
    match place.and_then(Value::as_str) {
        Some(attribute) => Ok(Some(attribute)),
        None => named.get("attribute"),
    }
}

/// The entries, or what they have at a path.
fn of_each(state: &State, name: &str, list: &Value, path: Option<&str>) -> Result<Vec<Value>, Error> {
    let mut entries = entries_of(state, name, list)?;
    for (n, entry) in entries.iter_mut().enumerate() {
        if let Some(path) = path {
            state.consume_fuel(1)?;
            *entry = at_path(entry, path);
        }
        if entry.is_undefined() {
            return Err(missing_in(path.unwrap_or("the value"), n));
        }
    }
    Ok(entries)
}

pub(super) fn join(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (list, between, path, named): (&Value, Option<Value>, Option<Value>, Kwargs) = from_args(args)?;
    let path = attribute(path.as_ref(), &named)?;
    let between = match between {
        Some(between) => Some(between),
        None => named.get("d")?,
    };
    named.assert_all_used()?;
    let between = between.unwrap_or_default();
    let between = if between.is_undefined() { "".into() } else { text(state, &between)? };
    let mut joined = String::new();
    for (n, entry) in of_each(state, "join", list, path)?.iter().enumerate() {
        if n > 0 {
            joined.push_str(&between);
        }
        let part = text(state, entry)?;
        state.consume_fuel(((part.len() + between.len()) as u64).div_ceil(64))?;
        joined.push_str(&part);
    }
    Ok(Value::from(joined))
}

pub(super) fn sum(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (list, path, start, named): (&Value, Option<Value>, Option<Value>, Kwargs) = from_args(args)?;
    let path = attribute(path.as_ref(), &named)?;
    let start = match start {
        Some(start) => Some(start),
        None => named.get("start")?,
    };
    named.assert_all_used()?;
    let mut sum = start.unwrap_or_else(|| Value::from(0));
    for entry in of_each(state, "sum", list, path)? {
        if Number::of(&entry).is_none() {
            return Err(fault(format!("can only sum numbers, and got {}", kind(&entry))));
        }
        sum = calculate(state, "+", &sum, &entry)?;
    }
    Ok(sum)
}

/// All of something as a list.
pub(super) fn list(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    match kind(&args[0]) {
        "nothing" => Err(unfit("list", "a list, a text or an object", &args[0])),
        _ => state.apply_filter("list", args),
    }
}

/// What the entries have at a path, or what another filter makes of each.
pub(super) fn map(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (list, filter, more, named): (&Value, Option<&str>, &[Value], Kwargs) = from_args(args)?;
    let path = named.get::<Option<Value>>("attribute")?;
    let default = named.get::<Option<Value>>("default")?;
    let entries = entries_of(state, "map", list)?;
    let mut mapped = Vec::with_capacity(entries.len());
    if let Some(path) = path {
        named.assert_all_used()?;
        for (n, entry) in entries.iter().enumerate() {
            state.consume_fuel(1)?;
            let found = match path.as_str() {
                Some(path) => at_path(entry, path),
                None => entry.get_item(&path).unwrap_or_default(),
            };
            mapped.push(match (&default, found.is_undefined()) {
                (_, false) => found,
                (Some(default), true) => default.clone(),
                (None, true) => return Err(missing_in(path.as_str().unwrap_or("the place"), n)),
            });
        }
        return Ok(Value::from(mapped));
    }
    let Some(filter) = filter else { return Err(fault("`map` needs the name of a filter or `attribute`")) };
    for (n, entry) in entries.into_iter().enumerate() {
        state.consume_fuel(1)?;
        let mut inner = vec![entry];
        inner.extend(more.iter().cloned());
        inner.extend((args.len() > 2).then(|| args[args.len() - 1].clone()).filter(Value::is_kwargs));
        let found = state.apply_filter(filter, &inner)?;
        state.consume_fuel(found.as_str().map_or(0, str::len) as u64 / 64)?;
        if found.is_undefined() {
            return Err(missing_in("the value", n));
        }
        mapped.push(found);
    }
    Ok(Value::from(mapped))
}

/// The entries that pass a test, or that do not; by an attribute or by themselves.
pub(super) fn chosen(state: &mut State, args: &[Value], by_attribute: bool, wanted: bool) -> Result<Value, Error> {
    let name = match (wanted, by_attribute) {
        (true, true) => "selectattr",
        (true, false) => "select",
        (false, true) => "rejectattr",
        (false, false) => "reject",
    };
    let (list, mut more): (&Value, &[Value]) = from_args(args)?;
    let mut path = None;
    if by_attribute {
        let Some((first, rest)) = more.split_first() else {
            return Err(fault(format!("`{name}` needs the name of an attribute")));
        };
        path = Some(first.as_str().ok_or_else(|| fault(format!("`{name}` needs the name of an attribute")))?);
        more = rest;
    }
    let test = more.first().map(|test| test.as_str().unwrap_or_default());
    let mut kept = Vec::new();
    for (n, entry) in entries_of(state, name, list)?.into_iter().enumerate() {
        state.consume_fuel(1)?;
        let looked_at = path.map_or_else(|| entry.clone(), |path| at_path(&entry, path));
        if looked_at.is_undefined() && !matches!(test, Some("defined" | "undefined")) {
            return Err(missing_in(path.unwrap_or("the value"), n));
        }
        let passes = match test {
            None => looked_at.is_true(),
            Some(test) => {
                let mut asked = vec![looked_at];
                asked.extend(more[1..].iter().cloned());
                state.perform_test(test, &asked)?
            }
        };
        if passes == wanted {
            kept.push(entry);
        }
    }
    Ok(Value::from(kept))
}

/// The entries without those that came before; single values of different kinds are a mistake.
pub(super) fn unique(state: &mut State, args: &[Value]) -> Result<Value, Error> {
    let (list, named): (&Value, Kwargs) = from_args(args)?;
    let keys = of_each(state, "unique", list, named.get("attribute")?)?;
    let mut single = keys.iter().filter(|key| !matches!(kind(key), "nothing" | "a list" | "an object"));
    if let Some(one) = single.next() {
        single.try_for_each(|other| same(state, one, other).map(drop))?;
    }
    keys.iter().try_for_each(there)?;
    state.apply_filter("unique", args)
}
