//! The error of every fallible call of this crate.

use std::{error::Error as StdError, fmt, time::Duration};

use serde::Serialize;
use serde_json::{Map, Value};

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a way callers may branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The request cannot be read at all.
    Malformed,
    /// No credential, or a dead one.
    Unauthenticated,
    /// Known, but not allowed to.
    Forbidden,
    /// Missing, or foreign: the two look the same.
    NotFound,
    /// There is something, and it cannot be asked in this way; the answer names those in which it can.
    WrongMethod,
    /// It contradicts the present state.
    Conflict,
    /// More bytes than are taken.
    TooLarge,
    /// In a charset or an encoding that is not read.
    UnknownForm,
    /// Readable, but not acceptable.
    Invalid,
    /// Too often, or over a limit.
    Limited,
    /// This engine, connector or build cannot do it.
    Unsupported,
    /// An external service refused or failed.
    Upstream,
    /// We cannot do it now; later it may work.
    Unavailable,
    /// Our own fault.
    Internal,
}

/// A field of the input that is at fault, with the fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where, as `edits[1].set.name`.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
}

/// What went wrong, for the caller (code, detail, fields) and for the operator (operation, cause).
///
/// The detail is plain language that may be shown to anybody who made the call, and `Display` is the code with the detail. The
/// cause is for logs: `Debug` and `source` have it.
pub struct Error(Box<Parts>);

struct Parts {
    kind: Kind,
    code: &'static str,
    detail: String,
    fields: Vec<FieldError>,
    more: Map<String, Value>,
    retry_after: Option<Duration>,
    operation: Option<&'static str>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with a stable `code`, which has a page in `docs/errors`.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            more: Map::new(),
            retry_after: None,
            operation: None,
            cause: None,
        }))
    }

    /// The answer for what is missing and for what is foreign.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "There is nothing here, or it is not yours.")
    }

    /// No usable credential came with the call.
    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "unauthenticated", "Sign in first.")
    }

    /// The caller is known and may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, "forbidden", detail)
    }

    /// One field is not acceptable.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        Self::new(Kind::Invalid, "invalid_input", format!("{field}: {message}")).at(field, message)
    }

    /// It contradicts the present state.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, detail)
    }

    /// A capability that is not there.
    pub fn unsupported(what: &str) -> Self {
        Self::new(Kind::Unsupported, "unsupported", format!("Not supported here: {what}."))
    }

    /// Our own fault, while doing `operation`.
    pub fn internal(operation: &'static str) -> Self {
        let mut error = Self::new(
            Kind::Internal,
            "internal",
            "Something went wrong on our side. Try again; if it stays, give the request id to your operator.",
        );
        error.0.operation = Some(operation);
        error
    }

    /// We cannot do `operation` right now.
    pub fn unavailable(operation: &'static str) -> Self {
        let mut error = Self::new(
            Kind::Unavailable,
            "unavailable",
            "The service cannot do this at the moment. Nothing was changed; try again shortly.",
        );
        error.0.operation = Some(operation);
        error
    }

    /// Names one more field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.fields.push(FieldError { field: field.into(), message: message.into() });
        self
    }

    /// Says that its fields stand within this one.
    #[must_use]
    pub fn within(mut self, field: &str) -> Self {
        for at in &mut self.0.fields {
            at.field = format!("{field}.{}", at.field);
        }
        self
    }

    /// Adds a machine-readable member to the answer.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.0.more.insert(key.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// Says how long to wait before trying again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Keeps the cause for the operator's log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What callers may branch on.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What happened and what to do, in plain language.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The fields at fault.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Machine-readable members of the answer.
    pub fn more(&self) -> &Map<String, Value> {
        &self.0.more
    }

    /// How long to wait before trying again, when that is known.
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed later without a change.
    pub fn is_temporary(&self) -> bool {
        matches!(self.0.kind, Kind::Limited | Kind::Upstream | Kind::Unavailable)
    }
}

/// What may be shown to anybody who made the call.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail)
    }
}

/// What the operator reads, with the operation and the cause.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.operation {
            Some(operation) => write!(f, "{} while trying to {operation}", self.0.code)?,
            None => write!(f, "{self}")?,
        }
        match &self.0.cause {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}
