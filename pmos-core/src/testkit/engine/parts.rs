//! What a document holds about one step, found without knowing the engine: the object whose `id` or `name` is the id of
//! the step, without the other steps that may be nested in it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::flow::{Document, FlowLens, Graph, StepId};

const MARK: &str = "pmos_testkit_mark";

/// The document with a mark in every step and one at the top, if the engine takes documents that hold more than it knows.
pub(super) fn marked(lens: &dyn FlowLens, document: &Document, view: &Graph) -> Option<Document> {
    let mut value: Value = document.read().ok()?;
    mark(&mut value, view);
    if let Value::Object(top) = &mut value {
        top.insert(MARK.to_owned(), Value::from("the document"));
    }
    let marked = Document::write(&value).ok()?;
    let same = lens.view(&marked).is_ok_and(|marked| marked.in_reading_order() == view.in_reading_order());
    same.then_some(marked)
}

/// The mark at the top.
pub(super) fn top_mark(document: &Document) -> Option<Value> {
    document.read::<Value>().ok()?.get(MARK).cloned()
}

/// What the document holds about each step of the view; steps that are not found, or found twice, are left out.
pub(super) fn parts(document: &Document, view: &Graph) -> BTreeMap<StepId, Value> {
    let value: Value = document.read().unwrap_or_default();
    let mut found: BTreeMap<StepId, Vec<Value>> = BTreeMap::new();
    collect(&value, view, &mut found);
    found
        .into_iter()
        .filter_map(|(id, mut parts)| parts.pop().filter(|_| parts.is_empty()).map(|part| (id, part)))
        .collect()
}

/// The mark in what a document holds about a step.
pub(super) fn mark_of(part: &Value) -> Option<&Value> {
    part.get(MARK)
}

fn id_of<'a>(object: &Map<String, Value>, view: &'a Graph) -> Option<&'a StepId> {
    let named = |key: &str| object.get(key).and_then(Value::as_str);
    let step = view.steps.iter().find(|step| [named("id"), named("name")].contains(&Some(step.id.as_str())))?;
    Some(&step.id)
}

fn mark(value: &mut Value, view: &Graph) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| mark(entry, view)),
        Value::Object(object) => {
            object.values_mut().for_each(|inner| mark(inner, view));
            if let Some(id) = id_of(object, view) {
                object.insert(MARK.to_owned(), Value::from(id.as_str()));
            }
        }
        _ => {}
    }
}

fn collect(value: &Value, view: &Graph, found: &mut BTreeMap<StepId, Vec<Value>>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, view, found)),
        Value::Object(object) => {
            if let Some(id) = id_of(object, view) {
                let own = object.iter().map(|(key, inner)| (key.clone(), without_steps(inner, view)));
                let own = own.filter_map(|(key, inner)| Some((key, inner?))).collect();
                found.entry(id.clone()).or_default().push(Value::Object(own));
            }
            object.values().for_each(|inner| collect(inner, view, found));
        }
        _ => {}
    }
}

fn without_steps(value: &Value, view: &Graph) -> Option<Value> {
    match value {
        Value::Object(object) if id_of(object, view).is_some() => None,
        Value::Object(object) => Some(Value::Object(
            object.iter().filter_map(|(key, inner)| Some((key.clone(), without_steps(inner, view)?))).collect(),
        )),
        Value::Array(entries) => Some(entries.iter().filter_map(|entry| without_steps(entry, view)).collect()),
        other => Some(other.clone()),
    }
}
