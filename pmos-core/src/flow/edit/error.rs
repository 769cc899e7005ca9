//! An edit that does not fit.

use crate::Error;

/// Which edit of a list does not fit, where in it, and what would be right. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("edits[{edit}].{field}: {message}")]
pub struct EditError {
    /// The place of the edit in the list, from 0.
    pub edit: usize,
    /// The field of the edit, as `after` or `set.name`.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        Self::invalid(format!("edits[{}].{}", error.edit, error.field), error.message)
    }
}

/// What does not fit, before it is known which edit of the list it was.
#[derive(Debug)]
pub(super) struct Fault {
    field: String,
    message: String,
}

impl Fault {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    pub(super) fn in_edit(self, edit: usize) -> EditError {
        EditError { edit, field: self.field, message: self.message }
    }
}
