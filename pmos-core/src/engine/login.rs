//! What opens a server that a workspace brings itself. An engine declares the fields; nothing here knows their names.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use crate::{Error, Result, flow::Field, vault::Secret};

/// The most bytes a value has.
const MOST: usize = 8_192;

/// What was filled in, by the names of the fields. It prints and serialises as `***`, whatever the fields are.
#[derive(Clone, Default)]
pub struct Login(BTreeMap<String, Secret>);

/// An address and what opens it, checked against what the engine declares.
#[derive(Debug, Clone)]
pub struct OwnCredentials {
    base_url: String,
    login: Login,
}

impl OwnCredentials {
    /// Takes what was given for the fields that an engine declares.
    ///
    /// # Errors
    /// `invalid_input` naming a field that the engine does not have, that is missing, or that is too long.
    pub fn new(declared: &[Field], base_url: impl Into<String>, login: Login) -> Result<Self> {
        if let Some(unknown) = login.0.keys().find(|name| declared.iter().all(|field| field.name != **name)) {
            let names = declared.iter().map(|field| &*field.name).collect::<Vec<_>>().join(", ");
            return Err(Error::invalid(unknown, format!("is not a field of this engine; give base_url, {names}")));
        }
        for field in declared {
            match login.get(&field.name) {
                None if field.required => {
                    let help = field.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
                    return Err(Error::invalid(&field.name, format!("is missing{help}")));
                }
                Some(value) if value.expose().len() > MOST => {
                    return Err(Error::invalid(&field.name, format!("must have at most {MOST} bytes")));
                }
                _ => {}
            }
        }
        Ok(Self { base_url: base_url.into(), login })
    }

    /// The address of the server, as it was given.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The value of a field; none when it was left empty.
    pub fn secret(&self, field: &str) -> Option<&Secret> {
        self.login.get(field)
    }

    /// The value of a field that is no secret.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.secret(field).map(Secret::expose)
    }
}

impl Login {
    fn get(&self, field: &str) -> Option<&Secret> {
        self.0.get(field).filter(|value| !value.expose().trim().is_empty())
    }
}

impl<N: Into<String>> FromIterator<(N, Secret)> for Login {
    fn from_iter<I: IntoIterator<Item = (N, Secret)>>(values: I) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Login {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Login {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = BTreeMap::<String, Value>::deserialize(deserializer)?.into_iter();
        let given = values.filter(|(_, value)| !value.is_null()).map(|(name, value)| match value {
            Value::String(text) => Ok((name, Secret::new(text))),
            // What stands in its place may be the secret in another form, so the error does not say it again.
            _ => Err(D::Error::custom(format!("`{name}` must be a text"))),
        });
        given.collect::<Result<_, _>>().map(Self)
    }
}

impl JsonSchema for Login {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Login".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": {"type": "string", "writeOnly": true, "maxLength": MOST},
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::flow::FieldKind;

    fn declared() -> [Field; 2] {
        let key = Field::new("key", "Key", FieldKind::Secret);
        [
            Field { required: true, help: Some("Ask your admin.".to_owned()), ..key },
            Field::new("user", "User", FieldKind::Text),
        ]
    }

    fn given(login: &[(&str, &str)]) -> Result<OwnCredentials> {
        let login = login.iter().map(|(name, value)| (*name, Secret::new(*value))).collect();
        OwnCredentials::new(&declared(), "https://a.example", login)
    }

    #[test]
    fn an_engine_gets_the_fields_that_it_declares() {
        let own = given(&[("key", "k"), ("user", " ")]).unwrap();
        assert_eq!((own.base_url(), own.text("key"), own.text("user")), ("https://a.example", Some("k"), None));
    }

    #[rstest]
    #[case(&[("key", "k"), ("pin", "s3cret")], "pin", "is not a field of this engine; give base_url, key, user")]
    #[case(&[("user", "ada")], "key", "is missing: Ask your admin.")]
    #[case(&[("key", " ")], "key", "is missing: Ask your admin.")]
    fn what_does_not_fit_the_declaration_is_named(
        #[case] login: &[(&str, &str)],
        #[case] field: &str,
        #[case] message: &str,
    ) {
        let error = given(login).unwrap_err();
        assert_eq!((&*error.fields()[0].field, &*error.fields()[0].message), (field, message));
    }

    #[test]
    fn a_value_that_is_no_text_is_named_and_not_repeated() {
        let error = serde_json::from_str::<Login>(r#"{"key": {"s3cret": 1}}"#).unwrap_err().to_string();
        assert!(error.contains("`key` must be a text") && !error.contains("s3cret"), "{error}");
    }

    #[test]
    fn what_was_filled_in_is_never_shown() {
        let own = given(&[("key", "s3cret")]).unwrap();
        assert!(!format!("{own:?}{}", serde_json::to_string(&own.login).unwrap()).contains("s3cret"));
    }
}
