//! What edits take away that no view shows.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What a document held about steps and edges that edits took away or changed, beyond what the view shows: credentials,
/// versions, samples. In the engine's own form and opaque to everybody else; the history keeps it beside the edits, no
/// API shows it, and an undo hands it back to [`FlowLens::restore`](super::FlowLens::restore).
#[derive(Clone)]
pub struct Remains(Box<RawValue>);

impl Remains {
    /// Takes the JSON text of remains that were kept.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn parse(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// Writes a value of the engine's own type as remains.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn write(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// Reads them as the engine's own type.
    ///
    /// # Errors
    /// When they are not of that type.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }

    /// The JSON text, to be kept.
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for Remains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remains({} bytes)", self.text().len())
    }
}
