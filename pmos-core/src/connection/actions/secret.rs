//! The secret of a connection on its way in.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    ConnectionId, Error, Result,
    action::Cx,
    vault::{CredentialKind, Place, Sealed, Secret},
};

/// The most bytes a secret has.
const MOST: usize = 8_192;
/// A secret shorter than this shows nothing of itself.
const SHOWS_ITS_END: usize = 12;

/// The secret of a connection. Which parts it needs follows from its kind.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretInput {
    /// The token of a bearer connection.
    #[serde(default)]
    pub token: Option<Secret>,
    /// The user of a basic connection.
    #[serde(default)]
    pub username: Option<String>,
    /// The password of a basic connection.
    #[serde(default)]
    pub password: Option<Secret>,
    /// The name of the header or query parameter.
    #[serde(default)]
    pub name: Option<String>,
    /// The value of the header or query parameter.
    #[serde(default)]
    pub value: Option<Secret>,
}

/// Reads the secret of a connection. What is no object may be the secret itself, so the error does not say it again.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretInput, D::Error> {
    SecretInput::deserialize(deserializer).map_err(|fault| {
        if fault.to_string().starts_with("invalid type") {
            return D::Error::custom("must be an object with the parts of its kind, as {\"token\": …}");
        }
        fault
    })
}

/// What an input means for a kind: the name that may be seen, and the secret.
pub(super) struct Parts {
    pub(super) name: String,
    secret: Secret,
}

impl SecretInput {
    /// Takes the parts that the kind needs.
    pub(super) fn parts(self, kind: CredentialKind) -> Result<Parts> {
        let given = [
            ("token", self.token.is_some()),
            ("username", self.username.is_some()),
            ("password", self.password.is_some()),
            ("name", self.name.is_some()),
            ("value", self.value.is_some()),
        ];
        let wanted: &[&str] = match kind {
            CredentialKind::Bearer => &["token"],
            CredentialKind::Basic => &["username", "password"],
            CredentialKind::Header | CredentialKind::Query => &["name", "value"],
        };
        if let Some((extra, _)) = given.iter().find(|(name, given)| *given && !wanted.contains(name)) {
            let message = format!("does not belong to a {} connection; give {}", kind.as_str(), wanted.join(" and "));
            return Err(Error::invalid(format!("secret.{extra}"), message));
        }
        let missing = |field: &str| Error::invalid(format!("secret.{field}"), "is missing");
        let (name, secret, field) = match kind {
            CredentialKind::Bearer => (String::new(), self.token.ok_or_else(|| missing("token"))?, "token"),
            CredentialKind::Basic => (
                self.username.ok_or_else(|| missing("username"))?,
                self.password.ok_or_else(|| missing("password"))?,
                "password",
            ),
            CredentialKind::Header | CredentialKind::Query => {
                let name = self.name.ok_or_else(|| missing("name"))?;
                if name.is_empty()
                    || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                {
                    return Err(Error::invalid("secret.name", "must consist of letters, digits, - and _"));
                }
                (name, self.value.ok_or_else(|| missing("value"))?, "value")
            }
        };
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
    pub(super) fn last_four(&self) -> Option<String> {
        let text = self.secret.expose();
        let count = text.chars().count();
        (count >= SHOWS_ITS_END).then(|| text.chars().skip(count - 4).collect())
    }

    /// Seals the secret for its connection.
    pub(super) async fn seal(&self, cx: &mut Cx<'_>, connection: ConnectionId) -> Result<Sealed> {
        let workspace = cx.scope()?.workspace();
        let (vault, clock) = (cx.pmos().vault(), cx.clock());
        let id = connection.to_string();
        let place = Place { workspace, kind: "connection", id: &id };
        vault.seal(cx.unit().await?, clock, place, &self.secret).await
    }
}
