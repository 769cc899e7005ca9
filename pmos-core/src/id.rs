//! Typed identifiers: a prefix that says what it names, then a UUID of version 7 as 32 hexadecimal digits.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an identifier of the form {prefix}… with 32 hexadecimal digits")]
pub struct IdError {
    prefix: &'static str,
}

/// What all typed identifiers have in common.
pub trait Id: Copy + Eq + fmt::Display + FromStr<Err = IdError> + Send + Sync + 'static {
    /// The text before the digits, underscore included.
    const PREFIX: &'static str;
    /// Names an existing object; stores use it when they read a row.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The bare number, for stores.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $Name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $Name(Uuid);

        impl Id for $Name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $Name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text, $prefix).map(Self)
            }
        }

        impl Serialize for $Name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $Name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $Name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($Name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "pattern": concat!("^", $prefix, "[0-9a-f]{32}$")})
            }
        }
    )*};
}

fn parse(text: &str, prefix: &'static str) -> Result<Uuid, IdError> {
    let refused = IdError { prefix };
    let digits = text.strip_prefix(prefix).ok_or_else(|| refused.clone())?;
    let lower = digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !lower {
        return Err(refused);
    }
    Uuid::try_parse(digits).map_err(|_| refused)
}

ids! {
    /// A person.
    UserId = "usr_";
    /// A workspace, the wall between tenants.
    WorkspaceId = "ws_";
    /// An invitation into a workspace.
    InvitationId = "inv_";
    /// An API key.
    ApiKeyId = "key_";
    /// A signed-in browser.
    SessionId = "sid_";
    /// A period in which a super admin acts in a foreign workspace.
    ActAsId = "act_";
    /// An automation.
    FlowId = "flow_";
    /// An applied list of edits.
    EditId = "edit_";
    /// One execution of an automation.
    RunId = "run_";
    /// A stored credential for an external service.
    ConnectionId = "con_";
    /// A request for approval.
    ApprovalId = "apr_";
    /// What was approved once for a time.
    GrantId = "grant_";
    /// A conversation with the assistant.
    ChatId = "ses_";
    /// One message of a conversation, up to its final answer.
    TurnId = "turn_";
    /// A message of a conversation.
    MessageId = "msg_";
    /// A call of a tool by the assistant.
    ToolCallId = "call_";
    /// What one answer of a model cost.
    UsageId = "use_";
    /// A record of the audit chain.
    AuditId = "aud_";
    /// A process of PMOS, from its start to its end.
    NodeId = "node_";
    /// One request, as it appears in logs and error answers.
    RequestId = "req_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_way_through_text() {
        let id = FlowId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string(), "flow_00000000000000000000000000000007");
        assert_eq!(id.to_string().parse::<FlowId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_or_form_is_refused() {
        for text in [
            "run_00000000000000000000000000000007",
            "flow_7",
            "flow_0000000000000000000000000000000G",
            "flow_0000000000000000000000000000000A",
            "",
        ] {
            assert!(text.parse::<FlowId>().is_err(), "{text}");
        }
    }
}
