//! The form in which what opens a tenancy is sealed: JSON, in which the secrets stand in the open.

use pmos_core::{Error, Result, vault::Secret};
use serde::{Serialize, Serializer, de::DeserializeOwned};

/// The text that is sealed.
///
/// # Errors
/// When the value has no JSON form.
pub fn seal(access: &impl Serialize) -> Result<Secret> {
    let text = serde_json::to_string(access);
    text.map(Secret::new).map_err(|_| Error::internal("write what opens a tenancy"))
}

/// Reads the text that was sealed.
///
/// # Errors
/// When it is of another form. The text is not repeated.
pub fn open<T: DeserializeOwned>(sealed: &Secret) -> Result<T> {
    serde_json::from_str(sealed.expose()).map_err(|_| Error::internal("read what opens a tenancy"))
}

/// Writes a secret of such a value in the open: `#[serde(serialize_with = "sealed::exposed")]`. Elsewhere a [`Secret`]
/// serialises as `***`.
///
/// # Errors
/// Those of the serializer.
pub fn exposed<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}
