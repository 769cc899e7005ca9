//! `/api/v1`.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    DoubleRequest, answer, ok, refuse,
    state::{Credential, State, User, Workflow, project_of},
    webhooks::{path_in, run},
};

const KNOWN_SETTINGS: [&str; 6] =
    ["executionOrder", "timezone", "executionTimeout", "availableInMCP", "errorWorkflow", "saveManualExecutions"];
const FOREIGN: &str = "project-of-another";

pub(super) fn serve(state: &mut State, request: &DoubleRequest, parts: &[&str]) -> Response {
    let key = request.header("x-n8n-api-key").and_then(|raw| state.keys.iter().find(|key| key.raw == raw)).cloned();
    let Some(key) = key else { return refuse(StatusCode::UNAUTHORIZED, "unauthorized") };
    let Some(user) = state.users.iter().find(|user| user.id == key.user).cloned() else {
        return refuse(StatusCode::UNAUTHORIZED, "unauthorized");
    };
    let user = User { lent: state.traps.lends, ..user };
    if state.traps.no_licence {
        return refuse(
            StatusCode::FORBIDDEN,
            "Your license does not allow for feat:folders. To enable feat:folders, please upgrade to a license that supports this feature.",
        );
    }
    match (&*request.method, parts) {
        ("GET", ["discover"]) => ok(&json!({"data": {"scopes": key.scopes, "resources": {}}})),
        (_, ["users", ..]) if !user.owner => refuse(StatusCode::FORBIDDEN, "Forbidden"),
        (_, ["users", rest @ ..]) => users(state, request, rest),
        (_, ["workflows", rest @ ..]) => workflows(state, request, rest, &user),
        (_, ["executions", rest @ ..]) => executions(state, request, rest, &user),
        (_, ["credentials", rest @ ..]) => credentials(state, request, rest, &user),
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn users(state: &mut State, request: &DoubleRequest, parts: &[&str]) -> Response {
    let link = |state: &State, id: &str| {
        if state.traps.no_links { Value::Null } else { json!(format!("{}/signup?token=invite-{id}", state.base_url)) }
    };
    match (&*request.method, parts) {
        ("POST", []) => {
            let email = request.body[0]["email"].as_str().unwrap_or_default().to_owned();
            let known = state
                .users
                .iter()
                .find(|user| user.email == email)
                .map(|user| (user.id.clone(), user.password.is_some()));
            let id = match known {
                Some((_, true)) => return answer(StatusCode::CREATED, &json!([])),
                Some((id, false)) => id,
                None => {
                    let id = state.fresh("user");
                    let user = User {
                        id: id.clone(),
                        email: email.clone(),
                        password: None,
                        owner: false,
                        session: None,
                        mcp_key: None,
                        mcp_key_told: false,
                        lent: false,
                    };
                    state.users.push(user);
                    id
                }
            };
            let user = json!({"id": id, "email": email, "inviteAcceptUrl": link(state, &id)});
            answer(StatusCode::CREATED, &json!([{"user": user, "error": ""}]))
        }
        ("GET", [wanted]) => match state.users.iter().find(|user| user.id == *wanted || user.email == *wanted) {
            Some(user) => ok(&json!({"id": user.id, "email": user.email, "isPending": user.password.is_none()})),
            None => refuse(StatusCode::NOT_FOUND, "Could not find user"),
        },
        ("DELETE", [id]) => {
            if !state.users.iter().any(|user| user.id == *id) {
                return refuse(StatusCode::NOT_FOUND, "the user to delete was not found in DB");
            }
            let project = project_of(id);
            if state.workflows.values().any(|workflow| workflow.project == project && workflow.active.is_some()) {
                return refuse(
                    StatusCode::CONFLICT,
                    "Cannot delete a published workflow. Unpublish it before deleting.",
                );
            }
            if let Some(message) =
                state.workflows.values_mut().filter(|workflow| workflow.project == project).find_map(still_going)
            {
                return refuse(StatusCode::CONFLICT, message);
            }
            state.users.retain(|user| user.id != *id);
            state.keys.retain(|key| key.user != *id);
            state.workflows.retain(|_, workflow| workflow.project != project);
            state.credentials.retain(|_, credential| credential.project != project);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// Unpublishing takes a while, here a number of questions.
fn still_going(workflow: &mut Workflow) -> Option<&'static str> {
    if workflow.lag == 0 {
        return None;
    }
    workflow.lag -= 1;
    Some("Workflow is still being unpublished. Please try again in a few moments.")
}

fn workflows(state: &mut State, request: &DoubleRequest, parts: &[&str], user: &User) -> Response {
    match (&*request.method, parts) {
        ("GET", []) => {
            let wanted = request.query("projectId");
            let visible = state.workflows.values().filter(|workflow| user.may(&workflow.project));
            let visible =
                visible.filter(|workflow| user.lent || wanted.is_none_or(|wanted| workflow.project == wanted));
            let mut visible: Vec<_> = visible.map(|workflow| workflow.shown_to(user)).collect();
            if state.traps.foreign {
                visible.extend(state.workflows.values().map(|workflow| foreign(workflow.shown())));
            }
            page_of(request, &visible)
        }
        ("POST", []) => {
            if let Some(refused) = refused(&request.body) {
                return refused;
            }
            let id = state.fresh("Wf");
            let project = request.body["projectId"].as_str().map_or_else(|| project_of(&user.id), str::to_owned);
            let mut workflow = Workflow {
                id: id.clone(),
                project,
                name: String::new(),
                description: Value::Null,
                nodes: json!([]),
                connections: json!({}),
                settings: serde_json::Map::new(),
                pin_data: Value::Null,
                versions: Vec::new(),
                counter: 0,
                updated: 0,
                active: None,
                live: None,
                lag: 0,
            };
            workflow.take(&request.body, state.fresh("version-"), state.time());
            let shown = workflow.shown();
            state.workflows.insert(id, workflow);
            ok(&shown)
        }
        (_, [id, rest @ ..]) => {
            let Some(workflow) = state.workflows.get(*id).cloned() else {
                return refuse(StatusCode::NOT_FOUND, &format!("Workflow with ID \"{id}\" not found."));
            };
            if state.traps.foreign {
                return ok(&foreign(workflow.shown()));
            }
            if !user.may(&workflow.project) {
                return refuse(StatusCode::FORBIDDEN, "Forbidden");
            }
            if user.lent && request.method == "GET" && rest.is_empty() {
                return ok(&workflow.shown_to(user));
            }
            one(state, request, workflow, rest)
        }
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn foreign(mut shown: Value) -> Value {
    shown["shared"] = json!([{"role": "workflow:owner", "projectId": FOREIGN, "project": {"id": FOREIGN}}]);
    shown["name"] = json!("canary-foreign");
    shown
}

fn refused(order: &Value) -> Option<Response> {
    let settings = order["settings"].as_object()?;
    let unknown = settings.keys().filter(|name| !KNOWN_SETTINGS.contains(&&***name)).map(|name| format!("'{name}'"));
    let unknown: Vec<_> = unknown.collect();
    if !unknown.is_empty() {
        let message = format!("request/body/settings Unrecognized key(s) in object: {}", unknown.join(", "));
        return Some(refuse(StatusCode::BAD_REQUEST, &message));
    }
    let typeless = order["nodes"].as_array()?.iter().position(|node| node.get("type").is_none())?;
    let message = format!("Workflow structure is invalid. nodes[{typeless}].type (invalid_type): Required");
    Some(refuse(StatusCode::BAD_REQUEST, &message))
}

fn one(state: &mut State, request: &DoubleRequest, mut workflow: Workflow, rest: &[&str]) -> Response {
    match (&*request.method, rest) {
        ("GET", []) => ok(&workflow.shown()),
        ("PUT", []) => {
            if let Some(refused) = refused(&request.body) {
                return refused;
            }
            assert_eq!(request.query("publishIfActive"), Some("false"), "what is live stays live");
            let before = workflow.shown();
            let after = state.traps.right_after.take();
            let writes = state.traps.in_between.take().into_iter().chain([request.body.clone()]).chain(after);
            for order in writes {
                workflow.take(&order, state.fresh("version-"), state.time());
            }
            let shown = workflow.shown();
            state.workflows.insert(workflow.id.clone(), workflow);
            ok(if state.traps.mixed { &before } else { &shown })
        }
        ("DELETE", []) => {
            if workflow.active.is_some() {
                return refuse(
                    StatusCode::CONFLICT,
                    "Cannot delete a published workflow. Unpublish it before deleting.",
                );
            }
            if let Some(message) = state.workflows.get_mut(&workflow.id).and_then(still_going) {
                return refuse(StatusCode::CONFLICT, message);
            }
            state.workflows.remove(&workflow.id);
            ok(&workflow.shown())
        }
        ("POST", ["activate"]) => activate(state, request, workflow),
        ("POST", ["deactivate"]) => {
            let lag = if workflow.active.is_some() { state.traps.lag } else { 0 };
            workflow.active = None;
            workflow.lag = lag;
            let shown = workflow.shown();
            state.workflows.insert(workflow.id.clone(), workflow);
            ok(&shown)
        }
        ("GET", ["history"]) => {
            let versions =
                workflow.versions.iter().rev().take(50).map(|version| json!({"versionId": version.id, "authors": "x"}));
            ok(&json!({"data": versions.collect::<Vec<_>>(), "nextCursor": null}))
        }
        ("GET", ["versions", id]) => match workflow.versions.iter().find(|version| version.id == *id) {
            Some(version) => {
                ok(&json!({"versionId": version.id, "nodes": version.nodes, "connections": version.connections}))
            }
            None => refuse(StatusCode::NOT_FOUND, "Version not found"),
        },
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn activate(state: &mut State, request: &DoubleRequest, mut workflow: Workflow) -> Response {
    let id = request.body["versionId"].as_str().map_or_else(|| workflow.version().to_owned(), str::to_owned);
    let Some(version) = workflow.versions.iter().find(|version| version.id == id).cloned() else {
        return refuse(StatusCode::NOT_FOUND, "Version not found");
    };
    if version.nodes.as_array().is_some_and(|nodes| nodes.iter().any(|node| node["type"] == "n8n-nodes-base.nonesuch"))
    {
        return refuse(StatusCode::BAD_REQUEST, "Unrecognized node type: n8n-nodes-base.nonesuch");
    }
    let Some(path) = path_in(&version.nodes) else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "Workflow cannot be activated because it has no trigger node. At least one",
        );
    };
    let others = state.workflows.values().filter(|other| other.id != workflow.id);
    let taken = others.filter_map(|other| {
        let active = other.versions.iter().find(|version| Some(&version.id) == other.active.as_ref())?;
        path_in(&active.nodes)
    });
    if taken.into_iter().any(|taken| taken == path) {
        return refuse(StatusCode::CONFLICT, "There is a conflict with one of the webhooks.");
    }
    workflow.active = Some(id);
    workflow.lag = state.traps.lag;
    workflow.updated = state.time();
    let shown = workflow.shown();
    state.workflows.insert(workflow.id.clone(), workflow);
    ok(&shown)
}

/// A page of a list; the cursor is a number of entries to pass over.
fn page_of(request: &DoubleRequest, all: &[Value]) -> Response {
    let limit: usize = request.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(100).clamp(1, 250);
    let from: usize = request.query("cursor").map_or(0, |cursor| cursor.parse().unwrap());
    let next = (from + limit < all.len()).then(|| (from + limit).to_string());
    ok(&json!({"data": all.iter().skip(from).take(limit).collect::<Vec<_>>(), "nextCursor": next}))
}

fn executions(state: &mut State, request: &DoubleRequest, parts: &[&str], user: &User) -> Response {
    match (&*request.method, parts) {
        ("GET", []) => {
            let status = request.query("status");
            let listed = state.executions.iter().rev().filter(|run| user.may(&run.project));
            let listed = listed.filter(|run| match status {
                Some(status) => run.status == status,
                None => !matches!(&*run.status, "running" | "new"),
            });
            let listed = listed.filter(|run| request.query("workflowId").is_none_or(|wanted| run.workflow == wanted));
            let listed: Vec<_> = listed.map(|run| run.shown(false)).collect();
            page_of(request, &listed)
        }
        (_, [id, rest @ ..]) => {
            let found = id.parse::<u64>().ok().and_then(|id| state.executions.iter().find(|run| run.id == id)).cloned();
            let Some(found) = found.filter(|run| user.may(&run.project)) else {
                return refuse(StatusCode::NOT_FOUND, "Not Found");
            };
            let ended = !matches!(&*found.status, "running" | "new" | "waiting");
            match (&*request.method, rest) {
                ("GET", []) if state.traps.foreign => {
                    let mut shown = found.shown(true);
                    shown["id"] = json!("424242");
                    ok(&shown)
                }
                ("GET", []) => ok(&found.shown(request.query("includeData") == Some("true"))),
                ("POST", ["stop"]) if ended => {
                    refuse(StatusCode::CONFLICT, "Only running or waiting executions can be stopped")
                }
                ("POST", ["stop"]) => {
                    state
                        .executions
                        .iter_mut()
                        .filter(|run| run.id == found.id)
                        .for_each(|run| "canceled".clone_into(&mut run.status));
                    ok(&json!({"status": "canceled"}))
                }
                ("POST", ["retry"]) if found.status == "success" => {
                    refuse(StatusCode::CONFLICT, "The execution succeeded, so it cannot be retried.")
                }
                ("POST", ["retry"]) => {
                    let workflow = state.workflows[&found.workflow].clone();
                    let id = run(state, &workflow, &found.version, "retry", &json!({}), Some(found.id));
                    ok(&state.executions.iter().find(|run| run.id == id).unwrap().shown(true))
                }
                _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
            }
        }
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn credentials(state: &mut State, request: &DoubleRequest, parts: &[&str], user: &User) -> Response {
    let refused = |kind: &str, data: &Value| {
        // What n8n hides of a type, as `grantType`, is not to be sent.
        let known = match kind {
            "httpHeaderAuth" => ["name", "value"],
            "githubOAuth2Api" => ["clientId", "clientSecret"],
            _ => return Some("req.body.type is not a known type".to_owned()),
        };
        let unknown = data.as_object()?.keys().find(|name| !known.contains(&&***name))?;
        Some(format!("request.body.data is not allowed to have the additional property \"{unknown}\""))
    };
    match (&*request.method, parts) {
        ("GET", []) if !user.owner => refuse(StatusCode::FORBIDDEN, "Forbidden"),
        ("GET", []) => {
            let all = state.credentials.values().map(|known| {
                json!({"id": known.id, "name": known.name, "type": known.kind, "shared": [{"id": known.project}]})
            });
            page_of(request, &all.collect::<Vec<_>>())
        }
        ("POST", []) => {
            if let Some(message) = refused(&request.text("type"), &request.body["data"]) {
                return refuse(StatusCode::BAD_REQUEST, &message);
            }
            let known = Credential {
                id: state.fresh("Cr"),
                project: project_of(&user.id),
                name: request.text("name"),
                kind: request.text("type"),
                data: request.body["data"].clone(),
            };
            let shown = json!({"id": known.id, "name": known.name, "type": known.kind});
            state.credentials.insert(known.id.clone(), known);
            ok(&shown)
        }
        (method, [id, rest @ ..]) => {
            let Some(mut known) = state.credentials.get(*id).cloned() else {
                return refuse(StatusCode::NOT_FOUND, &format!("Credential with ID \"{id}\" not found."));
            };
            if !user.may(&known.project) {
                return refuse(StatusCode::FORBIDDEN, "Forbidden");
            }
            match (method, rest) {
                ("PATCH", []) => {
                    if let Some(message) = refused(&known.kind, &request.body["data"]) {
                        return refuse(StatusCode::BAD_REQUEST, &message);
                    }
                    known.name = request.body["name"].as_str().map_or(known.name, str::to_owned);
                    if known.name.chars().count() < 3 {
                        return refuse(StatusCode::BAD_REQUEST, "Credential name must be 3 to 128 characters long.");
                    }
                    if request.body["data"].is_object() {
                        known.data = request.body["data"].clone();
                    }
                    let shown = json!({"id": known.id, "name": known.name, "type": known.kind});
                    state.credentials.insert(known.id.clone(), known);
                    ok(&shown)
                }
                ("DELETE", []) => {
                    state.credentials.remove(*id);
                    ok(&json!({"id": known.id, "name": known.name, "type": known.kind}))
                }
                _ => refuse(StatusCode::FORBIDDEN, "Forbidden"),
            }
        }
        _ => refuse(StatusCode::NOT_FOUND, "Not Found"),
    }
}
