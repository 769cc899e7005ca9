//! Settings with expressions in them, compiled once and evaluated per run.

use std::sync::{Arc, LazyLock};

use minijinja::{Environment, ErrorKind, Expression, UndefinedBehavior, value::Value as Computed};
use serde_json::{Map, Value};

use super::{
    Fault, Scope,
    source::{Kind, Part, Token, split},
    value::{Budget, append, plain},
};

/// What one expression may compute. It pays for instructions, items and bytes alike: about 3 MiB of text in all.
const FUEL: u64 = 50_000;

/// The language. There are expressions only: nothing loads, includes, defines or loops without end.
static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = Environment::new();
    language.set_undefined_behavior(UndefinedBehavior::Strict);
    language.set_fuel(Some(FUEL));
    language.set_debug(true);
    language.remove_global("debug");
    language.remove_global("namespace");
    language.remove_filter("pprint");
    language
});

/// Functions an expression may call.
const FUNCTIONS: [&str; 2] = ["range", "dict"];

/// A setting, ready to be evaluated.
#[derive(Debug)]
pub(crate) enum Template {
    /// Nothing to compute.
    Fixed(Value),
    /// Exactly one expression: it keeps its type.
    Lone(Compiled),
    /// Text with expressions in it.
    Text(Vec<Piece>),
    /// An object with something to compute.
    Object(Vec<(String, Template)>),
    /// A list with something to compute.
    List(Vec<Template>),
}

/// A stretch of a text.
#[derive(Debug)]
pub(crate) enum Piece {
    Literal(String),
    Computed(Compiled),
}

/// One expression.
#[derive(Debug)]
pub(crate) struct Compiled {
    source: String,
    expression: Expression<'static, 'static>,
}

/// What goes wrong at a place inside a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The place, as `values.total`.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) fault: Fault,
}

impl Template {
    /// Compiles a setting that may begin with the names of `roots`; what is wrong with it goes to `mismatches`.
    pub(crate) fn compile(field: &str, value: &Value, roots: &[&str], mismatches: &mut Vec<Mismatch>) -> Self {
        match value {
            Value::String(text) => match Self::of_text(text, roots) {
                Ok(template) => template,
                Err(fault) => {
                    mismatches.push(Mismatch { field: field.to_owned(), fault });
                    Self::Fixed(Value::Null)
                }
            },
            Value::Array(items) => {
                let inner = items
                    .iter()
                    .enumerate()
                    .map(|(n, item)| Self::compile(&format!("{field}[{n}]"), item, roots, mismatches));
                let inner: Vec<_> = inner.collect();
                if inner.iter().all(Self::is_fixed) { Self::Fixed(value.clone()) } else { Self::List(inner) }
            }
            Value::Object(map) => {
                let inner = map
                    .iter()
                    .map(|(key, item)| (key.clone(), Self::compile(&join(field, key), item, roots, mismatches)));
                let inner: Vec<_> = inner.collect();
                if inner.iter().all(|(_, item)| item.is_fixed()) {
                    Self::Fixed(value.clone())
                } else {
                    Self::Object(inner)
                }
            }
            other => Self::Fixed(other.clone()),
        }
    }

    fn of_text(text: &str, roots: &[&str]) -> Result<Self, Fault> {
        let parts = split(text)?;
        let lone = match &parts[..] {
            [] | [Part::Literal(_)] => return Ok(Self::Fixed(Value::String(text.to_owned()))),
            [before @ .., Part::Expression { source, tokens }] if blank(before) => Some((source, tokens)),
            [Part::Expression { source, tokens }, after] if blank(std::slice::from_ref(after)) => {
                Some((source, tokens))
            }
            [before, Part::Expression { source, tokens }, after]
                if blank(std::slice::from_ref(before)) && blank(std::slice::from_ref(after)) =>
            {
                Some((source, tokens))
            }
            _ => None,
        };
        if let Some((source, tokens)) = lone {
            return Compiled::new(source, tokens, roots).map(Self::Lone);
        }
        let pieces = parts.iter().map(|part| match part {
            Part::Literal(text) => Ok(Piece::Literal((*text).to_owned())),
            Part::Expression { source, tokens } => Compiled::new(source, tokens, roots).map(Piece::Computed),
        });
        pieces.collect::<Result<_, _>>().map(Self::Text)
    }

    /// Whether it is the same in every run.
    pub(crate) fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    /// How many expressions it has.
    pub(crate) fn expressions(&self) -> usize {
        match self {
            Self::Fixed(_) => 0,
            Self::Lone(_) => 1,
            Self::Text(pieces) => pieces.iter().filter(|piece| matches!(piece, Piece::Computed(_))).count(),
            Self::Object(inner) => inner.iter().map(|(_, item)| item.expressions()).sum(),
            Self::List(inner) => inner.iter().map(Self::expressions).sum(),
        }
    }

    /// The value in this scope.
    pub(crate) fn evaluate(&self, scope: &Arc<Scope>, budget: &mut Budget) -> Result<Value, Mismatch> {
        self.within(&Computed::from_dyn_object(Arc::clone(scope)), budget)
    }

    fn within(&self, context: &Computed, budget: &mut Budget) -> Result<Value, Mismatch> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Lone(expression) => expression.evaluate(context, budget).map_err(Mismatch::here),
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Literal(part) => text.push_str(part),
                        Piece::Computed(expression) => {
                            append(&mut text, &expression.evaluate(context, budget).map_err(Mismatch::here)?);
                        }
                    }
                }
                Ok(Value::String(text))
            }
            Self::Object(inner) => {
                let mut map = Map::with_capacity(inner.len());
                for (key, item) in inner {
                    map.insert(key.clone(), item.within(context, budget).map_err(|mismatch| mismatch.inside(key))?);
                }
                Ok(Value::Object(map))
            }
            Self::List(inner) => {
                let items = inner.iter().enumerate();
                let items = items
                    .map(|(n, item)| item.within(context, budget).map_err(|mismatch| mismatch.inside(&n.to_string())));
                items.collect::<Result<_, _>>().map(Value::Array)
            }
        }
    }
}

fn blank(parts: &[Part<'_>]) -> bool {
    parts.iter().all(|part| matches!(part, Part::Literal(text) if text.trim().is_empty()))
}

/// The path of `key` inside `field`.
pub(crate) fn join(field: &str, key: &str) -> String {
    if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") }
}

impl Mismatch {
    fn here(fault: Fault) -> Self {
        Self { field: String::new(), fault }
    }

    /// The same, seen from one level further out.
    pub(crate) fn inside(self, key: &str) -> Self {
        let field = if self.field.is_empty() { key.to_owned() } else { join(key, &self.field) };
        Self { field, fault: self.fault }
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.fault)
    }
}

impl Compiled {
    fn new(source: &str, tokens: &[Token<'_>], roots: &[&str]) -> Result<Self, Fault> {
        let expression =
            LANGUAGE.compile_expression_owned(source.trim().to_owned()).map_err(|cause| explain(&cause))?;
        for name in expression.undeclared_variables(false) {
            if !roots.contains(&name.as_str()) && !FUNCTIONS.contains(&name.as_str()) {
                return Err(Fault(format!(
                    "there is no `{name}` here; an expression begins with one of: {}",
                    roots.join(", ")
                )));
            }
        }
        for pair in tokens.windows(2) {
            if pair[0].is("|") && pair[1].kind == Kind::Word && !knows(pair[1].text, "name is filter") {
                return Err(Fault(format!("there is no filter `{}`", pair[1].text)));
            }
            let asks = pair[0].kind == Kind::Word && pair[0].text == "is" && pair[1].kind == Kind::Word;
            if asks && pair[1].text != "not" && !knows(pair[1].text, "name is test") {
                return Err(Fault(format!("there is no test `{}`", pair[1].text)));
            }
        }
        Ok(Self { source: source.trim().to_owned(), expression })
    }

    fn evaluate(&self, context: &Computed, budget: &mut Budget) -> Result<Value, Fault> {
        let value = self.expression.eval(context.clone()).map_err(|cause| explain(&cause))?;
        if value.is_undefined() {
            return Err(missing(&self.source));
        }
        plain(&value, budget)
    }
}

/// Asks the language itself, so that the answer cannot differ from what it does.
fn knows(name: &str, question: &'static str) -> bool {
    let asked = LANGUAGE.compile_expression(question);
    asked.and_then(|asked| asked.eval(minijinja::context! { name })).is_ok_and(|known| known.is_true())
}

/// What went wrong, in plain language.
fn explain(cause: &minijinja::Error) -> Fault {
    let detail = cause.detail().unwrap_or_default();
    // The language names the missing path behind whatever else it has to say.
    if let Some((before, _)) = detail.rsplit_once("` is undefined")
        && let Some((_, path)) = before.rsplit_once('`')
    {
        return missing(path);
    }
    Fault(match cause.kind() {
        ErrorKind::OutOfFuel => "needs too much computing; split it over several steps or take fewer items".to_owned(),
        ErrorKind::UndefinedError => "uses something that is not there".to_owned(),
        ErrorKind::SyntaxError => format!("is not an expression: {detail}"),
        kind if detail.is_empty() => kind.to_string(),
        _ => detail.chars().take(300).collect(),
    })
}

fn missing(path: &str) -> Fault {
    Fault(format!("`{}` is not there", path.chars().take(100).collect::<String>()))
}
