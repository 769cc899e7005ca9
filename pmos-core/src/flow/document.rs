//! A flow in its engine's own form.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A flow in the form its engine keeps it. Opaque to everybody else.
#[derive(Clone)]
pub struct Document(Arc<RawValue>);

impl Document {
    /// Takes the JSON text of a document.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn parse(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(|raw| Self(raw.into()))
    }

    /// Writes a value of the engine's own type as its document.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn write(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(|raw| Self(raw.into()))
    }

    /// Reads it as the engine's own type.
    ///
    /// # Errors
    /// When it is not of that type, or no object: a list of its parts would be read as a struct, too.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        if !self.text().starts_with('{') {
            return Err(serde::de::Error::custom("a flow is an object"));
        }
        serde_json::from_str(self.0.get())
    }

    /// The JSON text as a value that is written as it stands.
    pub fn to_raw(&self) -> Box<RawValue> {
        (*self.0).to_owned()
    }

    /// The JSON text.
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} bytes)", self.text().len())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::flow::Graph;

    #[rstest]
    #[case::object(r#" {"steps": []} "#, true)]
    #[case::parts_of_a_struct("[[], []]", false)]
    #[case::text("\"steps\"", false)]
    #[case::nothing("null", false)]
    fn only_an_object_is_read(#[case] text: &str, #[case] is_read: bool) {
        let document = Document::parse(text.to_owned()).unwrap();
        assert_eq!(document.read::<Graph>().is_ok(), is_read);
    }
}
