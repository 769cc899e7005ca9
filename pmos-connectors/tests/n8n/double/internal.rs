//! `/rest` and `/types`, which n8n's own screens use, and MCP.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    DoubleRequest, answer, ok, push, refuse,
    state::{Key, State, User, project_of},
    types,
    webhooks::run,
};

fn data(value: &Value) -> Response {
    ok(&json!({"data": value}))
}

fn unauthorized() -> Response {
    answer(StatusCode::UNAUTHORIZED, &json!({"status": "error", "message": "Unauthorized"}))
}

/// Signs a user in: a new session with every answer that opens one.
fn opened(state: &mut State, id: &str, body: &Value) -> Response {
    let cookie = state.fresh("n8n-auth=session-");
    state.users.iter_mut().filter(|user| user.id == id).for_each(|user| user.session = Some(cookie.clone()));
    let mut response = data(body);
    response.headers_mut().insert(header::SET_COOKIE, format!("{cookie}; Path=/; HttpOnly").parse().unwrap());
    response
}

pub(super) fn serve(state: &mut State, request: &DoubleRequest, parts: &[&str]) -> Response {
    if std::mem::take(&mut state.traps.forgets_sessions) {
        state.users.iter_mut().for_each(|user| user.session = None);
    }
    match (&*request.method, parts) {
        ("POST", ["login"]) => return login(state, request),
        ("POST", ["invitations", "accept"]) => {
            let token = request.text("token");
            let id = token.strip_prefix("invite-").unwrap_or_default().to_owned();
            return set_password(state, &id, &request.text("password"), true);
        }
        ("POST", ["change-password"]) => {
            let token = request.text("token");
            let id = token.strip_prefix("reset-").unwrap_or_default().to_owned();
            return set_password(state, &id, &request.text("password"), false);
        }
        _ => {}
    }
    let user = signed_in(state, request);
    if let ("GET", ["push"]) = (&*request.method, parts) {
        return push::serve(state, request, user.as_ref());
    }
    let Some(user) = user else { return unauthorized() };
    match (&*request.method, parts) {
        ("GET", ["settings"]) => data(&json!({"versionCli": state.traps.version.unwrap_or("2.40.7")})),
        ("POST", ["users", id, "invite-link"]) if user.owner => {
            data(&json!({"link": format!("{}/signup?token=invite-{id}", state.base_url)}))
        }
        ("GET", ["users", id, "password-reset-link"]) if user.owner => {
            data(&json!({"link": format!("{}/change-password?token=reset-{id}&mfaEnabled=false", state.base_url)}))
        }
        ("PATCH", ["me", "password"]) => {
            if user.password != Some(request.text("currentPassword")) {
                return refuse(StatusCode::BAD_REQUEST, "Provided current password is incorrect.");
            }
            set_password(state, &user.id, &request.text("newPassword"), false)
        }
        ("GET", ["projects", "personal"]) => data(&json!({"id": project_of(&user.id), "type": "personal"})),
        (_, ["api-keys", rest @ ..]) => api_keys(state, request, rest, &user),
        ("PATCH", ["mcp", "settings"]) if user.owner => data(&json!({"mcpAccessEnabled": true})),
        (_, ["mcp", ..]) if state.traps.no_mcp => super::page(StatusCode::NOT_FOUND, "Cannot GET it"),
        ("GET", ["mcp", "api-key"]) => mcp_key(state, &user, false),
        ("POST", ["mcp", "api-key", "rotate"]) => mcp_key(state, &user, true),
        ("PATCH", ["mcp", "workflows", "toggle-access"]) => {
            let id = request.body["workflowIds"][0].as_str().unwrap_or_default().to_owned();
            let time = state.time();
            if let Some(workflow) =
                state.workflows.get_mut(&id).filter(|workflow| workflow.project == project_of(&user.id))
            {
                workflow.settings.insert("availableInMCP".to_owned(), json!(true));
                workflow.updated = time;
            }
            data(&json!({"updatedCount": 1}))
        }
        ("POST", ["workflows", id, "run"]) => {
            let workflow = state.workflows.get(*id).filter(|workflow| user.may(&workflow.project)).cloned();
            let Some(workflow) = workflow else { return refuse(StatusCode::FORBIDDEN, "Forbidden") };
            let given = request.body["triggerToStartFrom"]["data"]["data"]["main"][0][0]["json"].clone();
            let version = workflow.version().to_owned();
            let id = run(state, &workflow, &version, "manual", &given, None);
            if let Some(reference) = request.header("push-ref") {
                push::tell(state, reference, id);
            }
            data(&json!({"executionId": id.to_string()}))
        }
        (_, ["credentials", rest @ ..]) => credentials(state, request, rest, &user),
        _ => refuse(StatusCode::FORBIDDEN, "Forbidden"),
    }
}

fn signed_in(state: &State, request: &DoubleRequest) -> Option<User> {
    let user =
        state.users.iter().find(|user| user.session.is_some() && user.session.as_deref() == request.header("cookie"));
    Some(User { lent: state.traps.lends, ..user?.clone() })
}

pub(super) fn types(state: &State, request: &DoubleRequest, list: &str) -> Response {
    match list {
        _ if signed_in(state, request).is_none() => unauthorized(),
        "nodes.json" => ok(&types::nodes()),
        "credentials.json" => ok(&types::credentials()),
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn login(state: &mut State, request: &DoubleRequest) -> Response {
    if let Some(left) = &mut state.traps.sign_ins {
        if *left == 0 {
            let text = "Too many requests, please try again later.";
            return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")], text).into_response();
        }
        *left -= 1;
    }
    let (email, password) = (request.text("emailOrLdapLoginId"), request.text("password"));
    let user = state.users.iter().find(|user| user.email == email && user.password.as_ref() == Some(&password));
    match user.map(|user| user.id.clone()) {
        Some(id) => opened(state, &id, &json!({"id": id, "email": email})),
        None => refuse(StatusCode::UNAUTHORIZED, "Wrong username or password. Do you have caps lock on?"),
    }
}

fn set_password(state: &mut State, id: &str, password: &str, first: bool) -> Response {
    let good = password.chars().any(|c| c.is_ascii_uppercase()) && password.chars().any(|c| c.is_ascii_digit());
    if !good || !(8..=64).contains(&password.len()) {
        return refuse(StatusCode::BAD_REQUEST, "Password must be 8 to 64 characters long");
    }
    let Some(user) = state.users.iter_mut().find(|user| user.id == id) else { return unauthorized() };
    if first && user.password.is_some() {
        return refuse(StatusCode::BAD_REQUEST, "This invite has been accepted already");
    }
    user.password = Some(password.to_owned());
    opened(state, id, &json!({"success": true}))
}

fn api_keys(state: &mut State, request: &DoubleRequest, rest: &[&str], user: &User) -> Response {
    match (&*request.method, rest) {
        ("GET", ["scopes"]) if user.owner => data(&json!([
            "user:create",
            "user:read",
            "user:delete",
            "workflow:read",
            "credential:list",
            "credential:read"
        ])),
        ("GET", ["scopes"]) => data(&json!([
            "workflow:create",
            "workflow:read",
            "workflow:update",
            "workflow:delete",
            "workflow:list",
            "workflow:activate",
            "workflow:deactivate",
            "execution:read",
            "execution:list",
            "execution:stop",
            "execution:retry",
            "credential:create",
            "credential:update",
            "credential:delete",
            "tag:list",
            "user:list",
        ])),
        ("GET", []) => {
            let items = state.keys.iter().filter(|key| key.user == user.id);
            let items = items
                .map(|key| json!({"id": key.id, "label": key.label, "apiKey": "******", "expiresAt": key.expires_at}));
            data(&json!({"items": items.collect::<Vec<_>>()}))
        }
        ("POST", []) if state.traps.no_keys => {
            answer(StatusCode::INTERNAL_SERVER_ERROR, &json!({"code": 0, "message": "no"}))
        }
        ("POST", []) => {
            let label = request.text("label");
            if state.keys.iter().any(|key| key.user == user.id && key.label == label) {
                let message = json!({"code": 0, "message": "There is already an entry with this name"});
                return answer(StatusCode::INTERNAL_SERVER_ERROR, &message);
            }
            if !user.owner && request.body["scopes"].as_array().unwrap().iter().any(|scope| scope == "credential:list")
            {
                return answer(
                    StatusCode::BAD_REQUEST,
                    &json!({"code": 400, "message": "Invalid scopes for user role"}),
                );
            }
            let key = Key {
                id: state.fresh("key"),
                user: user.id.clone(),
                label,
                expires_at: request.body["expiresAt"].clone(),
                scopes: request.body["scopes"].clone(),
                raw: state.fresh("canary-key-"),
            };
            let shown = json!({"id": key.id, "label": key.label, "apiKey": "******", "rawApiKey": key.raw});
            state.keys.push(key);
            data(&shown)
        }
        ("DELETE", [id]) => {
            state.keys.retain(|key| key.id != *id || key.user != user.id);
            data(&json!({"success": true}))
        }
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn mcp_key(state: &mut State, user: &User, rotate: bool) -> Response {
    let fresh = state.fresh("canary-mcp-");
    let Some(user) = state.users.iter_mut().find(|known| known.id == user.id) else { return unauthorized() };
    if rotate || user.mcp_key.is_none() {
        user.mcp_key = Some(fresh);
        user.mcp_key_told = false;
    }
    let told = std::mem::replace(&mut user.mcp_key_told, true);
    let shown = if told { "******abcd".to_owned() } else { user.mcp_key.clone().unwrap_or_default() };
    data(&json!({"id": "m", "apiKey": shown}))
}

fn credentials(state: &mut State, request: &DoubleRequest, rest: &[&str], user: &User) -> Response {
    let (foreign, lends, own) = (state.traps.foreign, state.traps.lends, project_of(&user.id));
    let shown = |known: &super::state::Credential| {
        let home = match (foreign, lends) {
            (true, _) => "project-of-another",
            (_, true) => &*own,
            _ => &*known.project,
        };
        json!({"id": known.id, "name": known.name, "type": known.kind, "homeProject": {"id": home}})
    };
    match (&*request.method, rest) {
        ("GET", []) => {
            let known = state.credentials.values().filter(|known| foreign || user.may(&known.project));
            data(&json!(known.map(shown).collect::<Vec<_>>()))
        }
        ("GET", [id]) => match state.credentials.get(*id) {
            Some(known) if user.may(&known.project) => {
                let mut body = shown(known);
                assert!(known.data.is_object());
                body["data"] = json!({"name": "X-Key", "value": "__n8n_BLANK_VALUE_1"});
                data(&body)
            }
            _ => refuse(StatusCode::NOT_FOUND, "Credential not found"),
        },
        ("POST", ["test"]) => {
            data(&json!({"status": "Error", "message": "No testing function found for this credential."}))
        }
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

pub(super) fn mcp(state: &mut State, request: &DoubleRequest) -> Response {
    let key = request.header("authorization").and_then(|text| text.strip_prefix("Bearer ")).map(str::to_owned);
    let user = state.users.iter().find(|user| user.mcp_key.is_some() && user.mcp_key == key).cloned();
    let Some(user) = user else { return refuse(StatusCode::UNAUTHORIZED, "Unauthorized") };
    assert!(request.header("accept").is_some_and(|accept| accept.contains("text/event-stream")));
    let arguments = &request.body["params"]["arguments"];
    let id = arguments["workflowId"].as_str().unwrap_or_default();
    let workflow = state.workflows.get(id).filter(|workflow| workflow.project == project_of(&user.id)).cloned();
    let result = match workflow {
        Some(workflow) if workflow.settings.get("availableInMCP") == Some(&json!(true)) => {
            let call = &arguments["inputs"]["webhookData"];
            let given = json!({"headers": {}, "query": {}, "body": call["body"]});
            let (version, mode) = match arguments["executionMode"].as_str() {
                Some("production") => (workflow.active.clone().unwrap_or_default(), "webhook"),
                _ => (workflow.version().to_owned(), "manual"),
            };
            let id = run(state, &workflow, &version, mode, &given, None);
            json!({"executionId": id.to_string(), "status": "started"})
        }
        _ => {
            json!({"executionId": null, "status": "error", "error": "Workflow not found or you don't have permission"})
        }
    };
    let message = json!({"result": {"content": [], "structuredContent": result}, "jsonrpc": "2.0", "id": 1});
    ([(header::CONTENT_TYPE, "text/event-stream")], format!("event: message\ndata: {message}\n\n")).into_response()
}
