//! The one table of actions.

use std::{
    collections::{BTreeMap, HashMap},
    marker::PhantomData,
};

use async_trait::async_trait;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, value::RawValue};

use super::{
    Action, ActionSpec, Called, Caller, Effect, Permission,
    caller::{Form, Named},
    input::{self, Scalar},
};
use crate::{Error, Result, audit::Subject};

/// An action in the table: what is known about it, and how to call it with JSON.
pub struct Entry {
    /// Its name, who may, how it is reached.
    pub spec: ActionSpec,
    /// The JSON schema of its input.
    pub input: Value,
    /// The JSON schema of its output.
    pub output: Value,
    scalars: HashMap<String, Scalar>,
    /// The fields of its input that are never shown again.
    pub(super) secret_fields: Vec<String>,
    action: Box<dyn Erased>,
}

impl Entry {
    /// Puts the parts of an HTTP request together as one input.
    ///
    /// # Errors
    /// `malformed` for a body that cannot be read, `invalid_input` for a field that is given twice or is of another type.
    pub fn merge(&self, path: &[(&str, &str)], query: Option<&str>, body: &[u8]) -> Result<Value> {
        input::merge(&self.scalars, path, query, body)
    }

    pub(super) async fn call(&self, caller: &Caller, input: Value) -> Result<Called<Box<RawValue>>> {
        self.action.call(caller, self, input).await
    }

    /// A field of an input that is never shown again, when there is one.
    pub(crate) fn secret_field_of(&self, input: &Value) -> Option<&str> {
        self.secret_fields.iter().map(String::as_str).find(|field| input.get(field).is_some())
    }

    /// The first sentence of the input type's documentation.
    pub fn summary(&self) -> &str {
        self.input["description"].as_str().unwrap_or_default().lines().next().unwrap_or_default()
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({})", self.spec.name)
    }
}

/// All actions of an instance, by name.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<&'static str, Entry>);

impl Table {
    /// Adds an action.
    ///
    /// # Panics
    /// When the action is not sound: its input takes unknown fields, a parameter of its path is not a field, or its name
    /// or route is taken. That is a mistake in the program, found by its first test.
    #[must_use]
    pub fn with<A: Action>(mut self) -> Self {
        let spec = A::SPEC;
        let input = schema(SchemaSettings::draft2020_12(), SchemaGenerator::into_root_schema_for::<A>);
        let output =
            schema(SchemaSettings::draft2020_12().for_serialize(), SchemaGenerator::into_root_schema_for::<A::Output>);
        let scalars = input::scalars(&input);
        let others = &input["additionalProperties"];
        assert!(
            others == &Value::Bool(false) || others.is_object(),
            "{}: its input must refuse unknown fields (deny_unknown_fields), or say what they are",
            spec.name
        );
        for parameter in parameters(spec.path) {
            assert!(scalars.contains_key(parameter), "{}: {{{parameter}}} is not a field", spec.name);
        }
        assert!(
            spec.permission != Permission::Anyone || spec.effect == Effect::Read,
            "{}: what anyone may do can only read",
            spec.name
        );
        let taken = self
            .0
            .values()
            .find(|entry| entry.spec.method == spec.method && entry.spec.full_path() == spec.full_path());
        assert!(taken.is_none(), "{}: its route is taken by {taken:?}", spec.name);
        let secret_fields = secret_fields(&input);
        let entry = Entry { spec, input, output, scalars, secret_fields, action: Box::new(Typed::<A>(PhantomData)) };
        assert!(self.0.insert(spec.name, entry).is_none(), "{}: the name is taken", spec.name);
        self
    }

    /// The action with this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    /// What a call of this action is about.
    ///
    /// # Errors
    /// `not_found` when there is no such action; when the input is not one of it.
    pub(crate) fn subject(&self, name: &str, input: &Value) -> Result<Option<Subject>> {
        self.get(name).ok_or_else(Error::not_found)?.action.subject(input)
    }

    /// All actions in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.values()
    }
}

/// The parameters of a path: `flow` in `/flows/{flow}`.
pub(super) fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn schema(settings: SchemaSettings, root: impl FnOnce(SchemaGenerator) -> schemars::Schema) -> Value {
    root(settings.into_generator()).to_value()
}

/// The fields of an input that hold, however deep, what is never shown again.
fn secret_fields(schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object();
    let secret = properties.into_iter().flatten().filter(|(_, field)| holds_secrets(field, &schema["$defs"], 0));
    secret.map(|(name, _)| name.clone()).collect()
}

/// Definitions may name themselves; nothing that is read from a request is nested deeper than this.
const DEEPEST: usize = 32;

fn holds_secrets(schema: &Value, definitions: &Value, depth: usize) -> bool {
    match schema {
        Value::Object(object) if depth < DEEPEST => object.iter().any(|(key, value)| match (key.as_str(), value) {
            ("writeOnly", Value::Bool(true)) => true,
            ("$ref", Value::String(name)) => {
                let name = name.rsplit('/').next().unwrap_or_default();
                holds_secrets(&definitions[name], definitions, depth + 1)
            }
            _ => holds_secrets(value, definitions, depth + 1),
        }),
        Value::Array(items) => items.iter().any(|item| holds_secrets(item, definitions, depth + 1)),
        _ => false,
    }
}

#[async_trait]
trait Erased: Send + Sync {
    async fn call(&self, caller: &Caller, entry: &Entry, input: Value) -> Result<Called<Box<RawValue>>>;
    fn subject(&self, input: &Value) -> Result<Option<Subject>>;
}

struct Typed<A>(PhantomData<fn() -> A>);

#[async_trait]
impl<A: Action> Erased for Typed<A> {
    fn subject(&self, input: &Value) -> Result<Option<Subject>> {
        let action: A = input::parse(input.clone())?;
        Ok(action.subject())
    }

    async fn call(&self, caller: &Caller, entry: &Entry, input: Value) -> Result<Called<Box<RawValue>>> {
        let request = caller.named(&entry.spec, !entry.secret_fields.is_empty(), || Ok(input.clone()))?;
        let kept = caller.may_wait().then(|| input.clone());
        let action: A = input::parse(input)?;
        caller.pass(action, Written { entry, kept, request }).await
    }
}

/// A call in JSON: its input is text, and so is its answer, which can be remembered.
struct Written<'e> {
    entry: &'e Entry,
    kept: Option<Value>,
    request: Option<Named>,
}

impl<A: Action> Form<A> for Written<'_> {
    type Answer = Box<RawValue>;

    fn request(&mut self) -> Option<Named> {
        self.request.take()
    }

    fn write(&self, output: A::Output) -> Result<Self::Answer> {
        serde_json::value::to_raw_value(&output).map_err(|cause| Error::internal("write an answer").because(cause))
    }

    fn remember(&self, answer: &Self::Answer) -> Result<Option<Box<RawValue>>> {
        Ok((!self.entry.spec.shown_once).then(|| answer.clone()))
    }

    fn replay(&self, answer: Option<Box<RawValue>>) -> Result<Self::Answer> {
        let shown_once = || RawValue::from_string(r#"{"replayed":true}"#.to_owned()).unwrap_or_default();
        Ok(answer.unwrap_or_else(shown_once))
    }

    fn kept(&mut self, _: &A) -> Result<Value> {
        self.kept.take().ok_or_else(|| Error::internal("park a call"))
    }
}
