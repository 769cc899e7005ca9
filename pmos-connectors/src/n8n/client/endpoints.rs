//! The one list of what the adapter may ask for.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::fault::Fault;
use crate::outbound::Method;

/// What may stand in a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'@').remove(b'.');

/// A method with a path that the adapter may call. There is no other way to make a request.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    method: Verb,
    path: &'static str,
    repeatable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Endpoint {
    const fn of(method: Verb, path: &'static str) -> Self {
        // A whole replacement and a deletion come to the same when they are repeated; but the adapter must know whether
        // its own write or somebody else's came last, so writes are not repeated.
        Self { method, path, repeatable: matches!(method, Verb::Get | Verb::Options) }
    }

    /// The method.
    pub fn method(&self) -> Method {
        match self.method {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Patch => Method::PATCH,
            Verb::Delete => Method::DELETE,
            Verb::Options => Method::OPTIONS,
        }
    }

    /// The path; `{}` stands for one segment, a `{*}` at the end for any number.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Whether asking again changes nothing.
    pub(in crate::n8n) fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// The path with its places filled in, each encoded so that it stays one segment.
    pub(in crate::n8n) fn fill(&self, places: &[impl AsRef<str>]) -> Result<String, Fault> {
        let mut path = String::new();
        let mut places = places.iter().map(AsRef::as_ref);
        for part in self.path.split('/').skip(1) {
            path.push('/');
            match part {
                "{}" => path.push_str(&segment(places.next().unwrap_or_default())?),
                "{*}" => {
                    let parts: Result<Vec<_>, _> =
                        places.next().unwrap_or_default().trim_matches('/').split('/').map(segment).collect();
                    path.push_str(&parts?.join("/"));
                }
                fixed => path.push_str(fixed),
            }
        }
        Ok(path)
    }
}

/// An id that would lead elsewhere is the id of nothing.
fn segment(text: &str) -> Result<String, Fault> {
    if text.is_empty() || text.bytes().all(|byte| byte == b'.') || text.len() > 256 {
        return Err(Fault::NotFound);
    }
    Ok(utf8_percent_encode(text, SEGMENT).to_string())
}

macro_rules! endpoints {
    ($($name:ident = $method:ident $path:literal;)*) => {
        $(pub(in crate::n8n) const $name: Endpoint = Endpoint::of(Verb::$method, $path);)*

        /// Everything that the adapter may call.
        pub const ENDPOINTS: &[Endpoint] = &[$($name),*];
    };
}

endpoints! {
    READINESS = Get "/healthz/readiness";

    // The public API, with a key.
    DISCOVER = Get "/api/v1/discover";
    LIST_WORKFLOWS = Get "/api/v1/workflows";
    CREATE_WORKFLOW = Post "/api/v1/workflows";
    GET_WORKFLOW = Get "/api/v1/workflows/{}";
    PUT_WORKFLOW = Put "/api/v1/workflows/{}";
    DELETE_WORKFLOW = Delete "/api/v1/workflows/{}";
    ACTIVATE = Post "/api/v1/workflows/{}/activate";
    DEACTIVATE = Post "/api/v1/workflows/{}/deactivate";
    HISTORY = Get "/api/v1/workflows/{}/history";
    VERSION = Get "/api/v1/workflows/{}/versions/{}";
    LIST_EXECUTIONS = Get "/api/v1/executions";
    GET_EXECUTION = Get "/api/v1/executions/{}";
    STOP_EXECUTION = Post "/api/v1/executions/{}/stop";
    RETRY_EXECUTION = Post "/api/v1/executions/{}/retry";
    LIST_CREDENTIALS = Get "/api/v1/credentials";
    CREATE_CREDENTIAL = Post "/api/v1/credentials";
    CHANGE_CREDENTIAL = Patch "/api/v1/credentials/{}";
    DELETE_CREDENTIAL = Delete "/api/v1/credentials/{}";
    TEST_CREDENTIAL = Post "/api/v1/credentials/{}/test";
    GET_USER = Get "/api/v1/users/{}";
    CREATE_USERS = Post "/api/v1/users";
    DELETE_USER = Delete "/api/v1/users/{}";

    // The API of n8n's own screens, with a session.
    LOGIN = Post "/rest/login";
    SETTINGS = Get "/rest/settings";
    NODE_TYPES = Get "/types/nodes.json";
    CREDENTIAL_TYPES = Get "/types/credentials.json";
    LOOK_UP_OPTIONS = Post "/rest/dynamic-node-parameters/options";
    LOOK_UP_LOCATOR = Post "/rest/dynamic-node-parameters/resource-locator-results";
    LOOK_UP_COLUMNS = Post "/rest/dynamic-node-parameters/resource-mapper-fields";
    LOOK_UP_OWN_COLUMNS = Post "/rest/dynamic-node-parameters/local-resource-mapper-fields";
    ACCEPT_INVITATION = Post "/rest/invitations/accept";
    INVITE_LINK = Post "/rest/users/{}/invite-link";
    RESET_LINK = Get "/rest/users/{}/password-reset-link";
    RESET_PASSWORD = Post "/rest/change-password";
    CHANGE_PASSWORD = Patch "/rest/me/password";
    LIST_API_KEYS = Get "/rest/api-keys";
    API_KEY_SCOPES = Get "/rest/api-keys/scopes";
    CREATE_API_KEY = Post "/rest/api-keys";
    DELETE_API_KEY = Delete "/rest/api-keys/{}";
    PERSONAL_PROJECT = Get "/rest/projects/personal";
    RUN_WORKFLOW = Post "/rest/workflows/{}/run";
    PUSH = Get "/rest/push";
    OWN_CREDENTIALS = Get "/rest/credentials";
    READ_CREDENTIAL = Get "/rest/credentials/{}";
    TRY_CREDENTIAL = Post "/rest/credentials/test";
    MCP_SETTINGS = Patch "/rest/mcp/settings";
    MCP_KEY = Get "/rest/mcp/api-key";
    ROTATE_MCP_KEY = Post "/rest/mcp/api-key/rotate";
    MCP_ACCESS = Patch "/rest/mcp/workflows/toggle-access";

    // MCP, with a key of its own.
    MCP = Post "/mcp-server/http";

    // Published webhooks.
    ASK_WEBHOOK = Options "/webhook/{*}";
    GET_WEBHOOK = Get "/webhook/{*}";
    POST_WEBHOOK = Post "/webhook/{*}";
    PUT_WEBHOOK = Put "/webhook/{*}";
    PATCH_WEBHOOK = Patch "/webhook/{*}";
    DELETE_WEBHOOK = Delete "/webhook/{*}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_leads_to_another_endpoint() {
        for id in ["", ".", "..", "..."] {
            assert!(matches!(GET_WORKFLOW.fill(&[id]), Err(Fault::NotFound)), "{id}");
        }
        assert_eq!(GET_WORKFLOW.fill(&["a/../b?c#d"]).unwrap(), "/api/v1/workflows/a%2F..%2Fb%3Fc%23d");
        assert_eq!(GET_USER.fill(&["ws-1@pmos.invalid"]).unwrap(), "/api/v1/users/ws-1@pmos.invalid");
    }

    #[test]
    fn the_address_of_a_webhook_may_have_several_segments_but_no_way_up() {
        assert_eq!(POST_WEBHOOK.fill(&["a/:id/b c"]).unwrap(), "/webhook/a/%3Aid/b%20c");
        assert!(POST_WEBHOOK.fill(&["a/../rest/login"]).is_err());
    }
}
