//! The one list of what the adapter may ask for.

use crate::upstream::endpoints;

endpoints! {
    pub(in crate::n8n),

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
