//! The secret of a connection on its way in.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value, json};

use crate::{
    ConnectionId, Error, Result,
    action::{Context, Intent},
    vault::{AssociatedData, CredentialKind, Sealed, Secret},
};

/// The most bytes a secret has.
const MOST: usize = 8_192;
/// A secret shorter than this shows nothing of itself.
const SHOWS_ITS_END: usize = 12;

/// The secret of a connection. Which parts it needs follows from its kind: `token` for bearer, `username` and `password`
/// for basic, `name` and `value` for header and query; the fields of its form for a kind of a remote engine. It prints
/// and serialises as `***`.
#[derive(Clone)]
pub struct SecretInput(Map<String, Value>);

impl fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for SecretInput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is no object may be the secret itself, so the error does not say it again.
        Map::deserialize(deserializer)
            .map(Self)
            .map_err(|_| D::Error::custom("must be an object with the parts of its kind, as {\"token\": …}"))
    }
}

impl JsonSchema for SecretInput {
    fn schema_name() -> Cow<'static, str> {
        "SecretInput".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let part = |description: &str| json!({"type": "string", "maxLength": MOST, "description": description});
        json_schema!({
            "type": "object",
            "description": "The secret of a connection. Which parts it needs follows from its kind.",
            "writeOnly": true,
            "properties": {
                "token": part("The token of a bearer connection."),
                "username": part("The user of a basic connection."),
                "password": part("The password of a basic connection."),
                "name": part("The name of the header or query parameter."),
                "value": part("The value of the header or query parameter."),
            },
            "additionalProperties": true,
        })
    }
}

/// What an input means for a kind: the name that may be seen, and the secret.
pub(crate) struct Parts {
    pub(crate) name: String,
    secret: Secret,
}

impl SecretInput {
    /// The values of a credential that a remote engine keeps.
    pub(crate) fn values(self) -> Result<Secret> {
        let text = serde_json::to_string(&self.0).map_err(|cause| Error::internal("write a secret").because(cause))?;
        if text.len() > 8 * MOST {
            return Err(Error::invalid("secret", "must have at most 64 KiB"));
        }
        Ok(Secret::new(text))
    }

    /// Takes the parts that the kind needs.
    pub(crate) fn parts(mut self, kind: CredentialKind) -> Result<Parts> {
        let wanted: &[&str] = match kind {
            CredentialKind::Bearer => &["token"],
            CredentialKind::Basic => &["username", "password"],
            CredentialKind::Header | CredentialKind::Query => &["name", "value"],
        };
        if let Some(extra) = self.0.keys().find(|name| !wanted.contains(&name.as_str())) {
            let message = format!("does not belong to a {} connection; give {}", kind.as_str(), wanted.join(" and "));
            return Err(Error::invalid(format!("secret.{extra}"), message));
        }
        let mut take = |field: &str| match self.0.remove(field) {
            Some(Value::String(text)) => Ok(text),
            Some(Value::Null) | None => Err(Error::invalid(format!("secret.{field}"), "is missing")),
            Some(_) => Err(Error::invalid(format!("secret.{field}"), "must be a text")),
        };
        let (name, secret, field) = match kind {
            CredentialKind::Bearer => (String::new(), take("token")?, "token"),
            CredentialKind::Basic => (take("username")?, take("password")?, "password"),
            CredentialKind::Header | CredentialKind::Query => {
                let name = take("name")?;
                if name.is_empty()
                    || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                {
                    return Err(Error::invalid("secret.name", "must consist of letters, digits, - and _"));
                }
                (name, take("value")?, "value")
            }
        };
        let secret = Secret::new(secret);
        let text = secret.expose();
        if text.is_empty() || text.len() > MOST || text.contains(['\r', '\n', '\0']) {
            return Err(Error::invalid(format!("secret.{field}"), "must be one line of 1 to 8192 bytes"));
        }
        if name.len() > 255
            || name.contains(['\r', '\n', '\0'])
            || (kind == CredentialKind::Basic && name.contains(':'))
        {
            return Err(Error::invalid("secret.username", "must be one line of at most 255 bytes without a colon"));
        }
        Ok(Parts { name, secret })
    }
}

impl Parts {
    /// The end of a long secret, to recognise it by.
    pub(crate) fn last_four(&self) -> Option<String> {
        let text = self.secret.expose();
        let count = text.chars().count();
        (count >= SHOWS_ITS_END).then(|| text.chars().skip(count - 4).collect())
    }

    /// Seals the secret for its connection.
    pub(crate) async fn seal(&self, cx: &mut Context<'_>, connection: ConnectionId) -> Result<Sealed> {
        let scope = cx.scope()?;
        let id = connection.to_string();
        let associated = AssociatedData { workspace: scope.workspace(), kind: "connection", id: &id };
        cx.outward(Intent::none()).await?.seal(&scope, associated, &self.secret).await
    }
}
