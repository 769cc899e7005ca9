//! Production webhooks, and what a run does.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    DoubleRequest, answer, ok,
    state::{Execution, State, Workflow},
};

pub(super) fn serve(state: &mut State, request: &DoubleRequest, path: &str) -> Response {
    for workflow in state.workflows.values_mut() {
        if request.method == "OPTIONS" && workflow.lag > 0 {
            workflow.lag -= 1;
        }
        if workflow.lag == 0 {
            workflow.live = workflow.active.clone();
        }
    }
    let found = state.workflows.values().find(|workflow| live_path(workflow).as_deref() == Some(path)).cloned();
    match (&*request.method, found) {
        ("OPTIONS", Some(_)) => {
            (StatusCode::NO_CONTENT, [(header::ACCESS_CONTROL_ALLOW_METHODS, "OPTIONS, POST")]).into_response()
        }
        ("OPTIONS", None) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(header::ACCESS_CONTROL_ALLOW_METHODS, "OPTIONS"), (header::CONTENT_TYPE, "text/html")],
            "<html>Internal Server Error</html>",
        )
            .into_response(),
        (_, Some(workflow)) => {
            let headers = request
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap_or_default())));
            let given =
                json!({"headers": headers.collect::<serde_json::Map<_, _>>(), "query": {}, "body": request.body});
            let version = workflow.live.clone().unwrap_or_default();
            let id = run(state, &workflow, &version, "webhook", &given, None);
            let run = state.executions.iter().find(|run| run.id == id).unwrap();
            match &*run.status {
                "error" => answer(StatusCode::INTERNAL_SERVER_ERROR, &json!({"message": "Error in workflow"})),
                _ => ok(&run.data["resultData"]["runData"]["Set"][0]["data"]["main"][0][0]["json"]),
            }
        }
        (_, None) => answer(
            StatusCode::NOT_FOUND,
            &json!({"code": 404, "message": format!("The requested webhook \"{} {path}\" is not registered.", request.method)}),
        ),
    }
}

pub(super) fn path_in(nodes: &Value) -> Option<String> {
    let nodes = nodes.as_array()?;
    let hook = nodes.iter().find(|node| node["type"] == "n8n-nodes-base.webhook")?;
    Some(hook["parameters"]["path"].as_str()?.to_owned())
}

fn live_path(workflow: &Workflow) -> Option<String> {
    let version = workflow.versions.iter().find(|version| Some(&version.id) == workflow.live.as_ref())?;
    path_in(&version.nodes)
}

/// Carries a run out: the trigger, and the one step behind it.
pub(super) fn run(
    state: &mut State,
    workflow: &Workflow,
    version: &str,
    mode: &str,
    given: &Value,
    retry_of: Option<u64>,
) -> u64 {
    let known = workflow.versions.iter().find(|known| known.id == version);
    let nodes = known.map_or_else(|| workflow.nodes.clone(), |version| version.nodes.clone());
    let second = &nodes[1];
    let (status, error) = match second["type"].as_str().unwrap_or_default() {
        "n8n-nodes-base.stopAndError" => ("error", second["parameters"]["errorMessage"].clone()),
        "n8n-nodes-base.wait" => ("running", Value::Null),
        _ => ("success", Value::Null),
    };
    let result = match second["parameters"]["assignments"]["assignments"][0]["name"].as_str() {
        Some("next") => json!({"next": "yes"}),
        _ => json!({"got": given["body"]}),
    };
    let item = |json: &Value| json!({"main": [[{"json": json, "pairedItem": {"item": 0}}]]});
    let mut step = json!({"startTime": 1_769_851_800_001_u64, "executionIndex": 1, "executionTime": 2,
        "executionStatus": status, "source": [{"previousNode": "In", "previousNodeOutput": 0, "previousNodeRun": 0}]});
    let mut result_data = json!({"lastNodeExecuted": "Set"});
    match status {
        "error" => {
            step["error"] = json!({"message": error, "stack": "Error: at /usr/lib/node_modules/n8n/x.js:1"});
            result_data["error"] = step["error"].clone();
        }
        _ => step["data"] = item(&result),
    }
    let trigger = json!({"startTime": 1_769_851_800_000_u64, "executionIndex": 0, "executionTime": 1,
        "executionStatus": "success", "source": [], "data": item(given)});
    result_data["runData"] =
        if status == "running" { json!({"In": [trigger]}) } else { json!({"Set": [step], "In": [trigger]}) };
    let id = state.executions.iter().map(|run| run.id).max().unwrap_or_default() + 1;
    state.executions.push(Execution {
        id,
        project: workflow.project.clone(),
        workflow: workflow.id.clone(),
        version: version.to_owned(),
        mode: mode.to_owned(),
        status: status.to_owned(),
        retry_of,
        data: json!({"resultData": result_data, "executionData": {"runtimeData": {"credentials": "canary-sealed"}},
            "resumeToken": "canary-resume"}),
        nodes,
    });
    id
}
