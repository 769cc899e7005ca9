//! From what an expression gave to plain JSON, within a budget.

use minijinja::value::{DynObject, Value as Computed, ValueKind};
use serde_json::{Map, Number, Value};

use super::Fault;

/// How deep a value may nest. What comes in from outside is below it, so only a computed tower meets it; usual parsers
/// of JSON take a little more.
const DEEPEST: usize = 100;

/// How many bytes the values of one step may still take.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
    whole: usize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { left: bytes, whole: bytes }
    }

    pub(crate) fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        let whole = self.whole;
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Fault(format!("gives more than {} KiB; take only the parts that are needed", whole / 1024))
        })?;
        Ok(())
    }
}

/// Turns a computed value into JSON.
pub(crate) fn plain(value: &Computed, budget: &mut Budget) -> Result<Value, Fault> {
    convert(value, budget, 0)
}

fn convert(value: &Computed, budget: &mut Budget, depth: usize) -> Result<Value, Fault> {
    if depth > DEEPEST {
        return Err(Fault(format!("nests deeper than {DEEPEST} levels")));
    }
    // Every value has a price, so that a long list of nothing is not free.
    budget.spend(size_of::<Value>() / 4)?;
    match value.kind() {
        ValueKind::None => Ok(Value::Null),
        ValueKind::Bool => Ok(Value::Bool(value.is_true())),
        ValueKind::Number => number(value),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            budget.spend(text.len())?;
            Ok(Value::String(text.to_owned()))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().map_err(|cause| Fault(cause.to_string()))?;
            items.map(|item| convert(&item, budget, depth + 1)).collect::<Result<_, _>>().map(Value::Array)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for (key, item) in value.as_object().and_then(DynObject::try_iter_pairs).into_iter().flatten() {
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                budget.spend(key.len())?;
                map.insert(key, convert(&item, budget, depth + 1)?);
            }
            Ok(Value::Object(map))
        }
        ValueKind::Undefined => Err(Fault("is not there".to_owned())),
        kind => Err(Fault(format!("gives a {kind}, which is not a value that can be kept"))),
    }
}

/// A whole number is kept digit for digit, or refused.
fn number(value: &Computed) -> Result<Value, Fault> {
    if value.is_integer() {
        let signed = i64::try_from(value.clone()).map(Value::from);
        let whole = signed.or_else(|_| u64::try_from(value.clone()).map(Value::from));
        return whole.map_err(|_| {
            Fault(format!("gives the whole number {value}, which is too long to be kept exactly; keep it as a text"))
        });
    }
    let float = f64::try_from(value.clone()).ok().and_then(Number::from_f64);
    float.map(Value::Number).ok_or_else(|| Fault("gives a number that is infinite or undefined".to_owned()))
}

/// How a value reads inside a longer text: texts as they are, nothing for null, anything else as JSON.
pub(crate) fn append(text: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(part) => text.push_str(part),
        other => text.push_str(&other.to_string()),
    }
}
