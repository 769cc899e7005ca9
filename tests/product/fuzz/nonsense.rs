//! Values, right by a schema or wrong on purpose.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Texts that have broken programs.
pub(super) const TEXTS: [&str; 24] = [
    "",
    " ",
    "\0",
    "\u{feff}",
    "\u{202e}abc",
    "é\u{301}\u{301}\u{301}",
    "𝕏👩‍👩‍👧‍👦",
    "null",
    "true",
    "-0",
    "1e999",
    "9223372036854775808",
    "../../../etc/passwd",
    "%00%2e%2e%2f",
    "'; drop table flows; --",
    "<script>alert(1)</script>",
    "{{ 1 }}",
    "{{ trigger.__class__ }}",
    "{{ range(1000000000) }}",
    "{% for a in b %}",
    "${jndi:ldap://x}",
    "http://169.254.169.254/",
    "Europe/Nowhere",
    "0000-00-00T99:99:99Z",
];

pub(super) fn text(rng: &mut Rng) -> String {
    match rng.u8(..10) {
        0 => "x".repeat(rng.usize(1..70_000)),
        1 => (0..rng.usize(..40)).map(|_| rng.char(..)).collect(),
        _ => (*rng.choice(&TEXTS).unwrap()).to_owned(),
    }
}

/// Anything at all.
pub(super) fn anything(rng: &mut Rng) -> Value {
    match rng.u8(..12) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(..)),
        3 => json!(u64::MAX),
        4 => json!(f64::MAX),
        5 => json!(-1.5e-300),
        6 => json!([]),
        7 => json!({}),
        8 => json!(vec![Value::Null; rng.usize(0..300)]),
        9 => (0..rng.usize(1..80)).fold(json!(1), |inner, _| json!([inner])),
        10 => (0..rng.usize(1..80)).fold(json!(1), |inner, _| json!({ "a": inner })),
        _ => json!(text(rng)),
    }
}

/// A value that a schema takes, as far as it says.
pub(super) fn by_schema(rng: &mut Rng, root: &Value, schema: &Value, known: &[Value], depth: u8) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        let definition = root.pointer(target.trim_start_matches('#')).unwrap();
        return by_schema(rng, root, definition, known, depth);
    }
    if !schema["const"].is_null() {
        return schema["const"].clone();
    }
    for several in ["enum", "oneOf", "anyOf"] {
        if let Some(options) = schema[several].as_array().filter(|options| !options.is_empty()) {
            let chosen = rng.choice(options).unwrap().clone();
            return if several == "enum" { chosen } else { merged(rng, root, schema, &chosen, known, depth) };
        }
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        let prefix = pattern.trim_start_matches('^').split('[').next().unwrap_or_default();
        let fitting: Vec<_> = known.iter().filter(|id| id.as_str().is_some_and(|id| id.starts_with(prefix))).collect();
        return match rng.choice(&fitting) {
            Some(id) if rng.u8(..4) > 0 => (*id).clone(),
            _ => json!(format!("{prefix}{:032x}", rng.u128(..))),
        };
    }
    let kind = match &schema["type"] {
        Value::Array(several) => rng.choice(several).and_then(Value::as_str).unwrap_or("null"),
        one => one.as_str().unwrap_or("any"),
    };
    match kind {
        "null" => Value::Null,
        "boolean" => json!(rng.bool()),
        "integer" | "number" => json!(*rng.choice(&[0, 1, 2, 7, 50, 200, 201, 100_000]).unwrap()),
        "string" => match rng.u8(..4) {
            0 => json!(text(rng)),
            1 => json!("core"),
            2 => json!("embedded"),
            _ => json!("A name"),
        },
        "array" if depth < 6 => {
            (0..rng.usize(0..4)).map(|_| by_schema(rng, root, &schema["items"], known, depth + 1)).collect()
        }
        "object" => Value::Object(object(rng, root, schema, known, depth)),
        "array" => json!([]),
        _ => anything(rng),
    }
}

fn object(rng: &mut Rng, root: &Value, schema: &Value, known: &[Value], depth: u8) -> Map<String, Value> {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let mut object = Map::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        if required.iter().any(|required| *required == name) || (depth < 6 && rng.u8(..3) == 0) {
            object.insert(name.clone(), by_schema(rng, root, field, known, depth + 1));
        }
    }
    object
}

/// An object may have fields of its own beside those of the variant.
fn merged(rng: &mut Rng, root: &Value, schema: &Value, variant: &Value, known: &[Value], depth: u8) -> Value {
    let mut value = by_schema(rng, root, variant, known, depth + 1);
    if let (Some(into), true) = (value.as_object_mut(), schema["properties"].is_object()) {
        into.extend(object(rng, root, schema, known, depth));
    }
    value
}

/// Spoils one place of a value.
pub(super) fn spoil(rng: &mut Rng, value: &mut Value) {
    match value {
        Value::Object(fields) if !fields.is_empty() && rng.u8(..4) > 0 => {
            let name = fields.keys().nth(rng.usize(..fields.len())).unwrap().clone();
            match rng.u8(..8) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(text(rng), anything(rng))),
                2 => drop(fields.insert(name, anything(rng))),
                _ => spoil(rng, &mut fields[&name]),
            }
        }
        Value::Array(items) if !items.is_empty() && rng.u8(..4) > 0 => {
            let at = rng.usize(..items.len());
            spoil(rng, &mut items[at]);
        }
        other => *other = anything(rng),
    }
}
