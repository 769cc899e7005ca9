//! Why a step did not succeed, and what that means for the next try.

use pmos_core::Error;
use serde_json::Value;

/// Why a step did not do what it should. What it says is read by people behind the name of the step: a whole sentence in
/// plain language, without secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct StepFailure {
    pub(crate) message: String,
    pub(crate) output: Option<Value>,
    pub(crate) means: Means,
}

/// What a failure means for the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// The same would fail again.
    Permanent,
    /// The same may succeed later.
    Temporary,
    /// The effect may have happened.
    Lost,
}

impl StepFailure {
    /// It had no effect, and the same would fail again: it is not tried again.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), output: None, means: Means::Permanent }
    }

    /// It had no effect, and the same may succeed later: it is tried again as often as the step says.
    pub fn temporary(message: impl Into<String>) -> Self {
        Self { means: Means::Temporary, ..Self::permanent(message) }
    }

    /// It may have had its effect, since the answer was lost. A step that may be done twice is tried again; of any other the
    /// run stops and asks for attention.
    pub fn lost(message: impl Into<String>) -> Self {
        Self { means: Means::Lost, ..Self::permanent(message) }
    }

    /// With what came back all the same, for those who look into it.
    pub fn with_output(self, output: Value) -> Self {
        Self { output: Some(output), ..self }
    }
}

/// An error of PMOS itself, as of a connection that cannot be opened.
impl From<Error> for StepFailure {
    fn from(error: Error) -> Self {
        if error.is_temporary() { Self::temporary(error.detail()) } else { Self::permanent(error.detail()) }
    }
}
