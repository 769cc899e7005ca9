//! Settings with expressions in them, compiled once and evaluated per run.

use std::sync::Arc;

use minijinja::{ErrorKind, Expression, value::Value as Computed};
use serde_json::{Map, Value};

use super::{
    Fault, Scope,
    checked::checked,
    language::{FUNCTIONS, LANGUAGE},
    source::{Kind, Part, Token, split},
    value::{Budget, append, plain},
};

/// How many expressions are quick together.
const MOST_QUICK: usize = 16;
/// Filters that work on one value, which is as short as what it is made of.
const QUICK: [&str; 19] = [
    "abs",
    "attr",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "e",
    "escape",
    "first",
    "float",
    "int",
    "length",
    "lower",
    "number",
    "round",
    "string",
    "trim",
    "upper",
];

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
    goes_through: bool,
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

    /// Whether evaluating it may take long also when all that it works on is small.
    pub(crate) fn may_be_long(&self) -> bool {
        self.expressions() > MOST_QUICK || self.goes_through()
    }

    /// Whether an expression goes through lists, which may be as long as its fuel lets them.
    fn goes_through(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Lone(expression) => expression.goes_through,
            Self::Text(pieces) => {
                pieces.iter().any(|piece| matches!(piece, Piece::Computed(expression) if expression.goes_through))
            }
            Self::Object(inner) => inner.iter().any(|(_, item)| item.goes_through()),
            Self::List(inner) => inner.iter().any(Self::goes_through),
        }
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
        let source = source.trim().to_owned();
        let expression =
            LANGUAGE.compile_expression_owned(checked(&source, roots)?).map_err(|cause| explain(&cause))?;
        let goes_through = !tokens.windows(2).all(is_quick);
        Ok(Self { source, expression, goes_through })
    }

    fn evaluate(&self, context: &Computed, budget: &mut Budget) -> Result<Value, Fault> {
        let value = self.expression.eval(context.clone()).map_err(|cause| explain(&cause))?;
        if value.is_undefined() {
            return Err(missing(&self.source));
        }
        plain(&value, budget)
    }
}

/// Whether two tokens that follow each other begin nothing that goes through a list or makes a long text.
fn is_quick(pair: &[Token<'_>]) -> bool {
    match pair {
        [bar, filter] if bar.is("|") => QUICK.contains(&filter.text),
        [function, open] if open.is("(") && function.kind == Kind::Word => !FUNCTIONS.contains(&function.text),
        _ => true,
    }
}

/// What went wrong, in plain language.
pub(super) fn explain(cause: &minijinja::Error) -> Fault {
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
