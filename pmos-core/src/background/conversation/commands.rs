//! Commands: what chat does without a model. They are the same acts with the same trace.

use serde_json::{Map, Value, json};

use crate::{
    chat::{ToolCall, ToolCallStatus, TurnRecord},
    model::{CallArguments, ProposedCall},
};

/// What is said when no model is connected.
pub(super) const NO_MODEL: &str = "No AI model is connected to this workspace yet, so I understand commands only.";
/// How to get one.
pub(super) const ADD_MODEL: &str = "An admin can add one under Integrations, Models.";

const HELP: &str = "These commands work with and without a model:
/flows – lists the automations
/new NAME – makes an automation
/run NAME – runs an automation
/runs – lists the last runs
/approvals – what waits for you stands in the inbox, where you approve or deny it
/help – this list";

/// What comes next.
pub(super) enum Next {
    /// A call of a tool.
    Call(ProposedCall),
    /// The answer.
    Say(String),
}

/// Whether a message is a command.
pub(super) fn is_command(text: &str) -> bool {
    text.trim_start().starts_with('/')
}

/// What comes next for a message, after what was called for it already.
pub(super) fn next(record: &TurnRecord) -> Next {
    let text = record.asked().trim();
    let (command, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let calls: Vec<&ToolCall> = record.tool_calls.iter().collect();
    if let Some(failed) = calls.iter().find(|call| call.status != ToolCallStatus::Succeeded) {
        let why = failed.error.as_ref().map_or("It was not done.", |error| error.message.as_str());
        return Next::Say(why.to_owned());
    }
    match (command, calls.as_slice()) {
        ("/help", _) => Next::Say(HELP.to_owned()),
        ("/approvals" | "/approve" | "/deny", _) => Next::Say(
            "What waits for you stands under Approvals. You approve or deny it there, or beside the answer that asks."
                .to_owned(),
        ),
        ("/flows", []) => call("flows_list", json!({ "limit": 20 })),
        ("/flows", [list, ..]) => {
            Next::Say(lines(list, "You have no automations yet. Make one with /new NAME.", flow_line))
        }
        ("/runs", []) => call("runs_list", json!({ "limit": 10 })),
        ("/runs", [list, ..]) => Next::Say(lines(list, "Nothing ran yet.", run_line)),
        ("/new", _) if rest.is_empty() => Next::Say("Say what it is called: /new NAME".to_owned()),
        ("/new", []) => call("flows_create", json!({ "name": rest })),
        ("/new", [made, ..]) => {
            let id = field(made, "id");
            Next::Say(format!("I made “{rest}” ({id}). Open it under Automations to build it."))
        }
        ("/run", _) if rest.is_empty() => Next::Say("Say which: /run NAME".to_owned()),
        ("/run", []) => call("flows_list", json!({ "q": rest, "limit": 20 })),
        ("/run", [list]) => match named(list, rest).as_slice() {
            [] => Next::Say(format!("There is no automation called “{rest}”. /flows lists them.")),
            [flow] => call("runs_start", json!({ "flow": flow })),
            _ => Next::Say(format!(
                "There are several automations called “{rest}”. Open the one you mean and run it there."
            )),
        },
        ("/run", [_, started, ..]) => Next::Say(format!("“{rest}” runs: {}.", field(started, "id"))),
        _ if is_command(text) => Next::Say(format!("I do not know the command {command}.\n\n{HELP}")),
        _ => Next::Say(format!("{NO_MODEL} {ADD_MODEL}\n\n{HELP}")),
    }
}

fn call(tool: &str, arguments: Value) -> Next {
    let arguments = match arguments {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    let arguments = CallArguments::Read(arguments);
    Next::Call(ProposedCall { id: "command".to_owned(), tool: tool.to_owned(), arguments, opaque: None })
}

fn result(call: &ToolCall) -> Value {
    call.result.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn field(call: &ToolCall, name: &str) -> String {
    result(call)[name].as_str().unwrap_or_default().to_owned()
}

fn lines(list: &ToolCall, none: &str, line: fn(&Value) -> String) -> String {
    let items = result(list)["items"].as_array().cloned().unwrap_or_default();
    if items.is_empty() { none.to_owned() } else { items.iter().map(line).collect::<Vec<_>>().join("\n") }
}

fn flow_line(flow: &Value) -> String {
    let state = match (flow["published"].is_null(), flow["enabled"].as_bool()) {
        (true, _) => "draft",
        (false, Some(true)) => "on",
        (false, _) => "off",
    };
    format!("- {} ({state})", flow["name"].as_str().unwrap_or_default())
}

fn run_line(run: &Value) -> String {
    let name = run["flow_name"].as_str().or_else(|| run["flow"].as_str()).unwrap_or_default();
    format!("- {name}: {} ({})", run["status"].as_str().unwrap_or_default(), run["id"].as_str().unwrap_or_default())
}

/// The ids of the automations with exactly this name, else of all that were found.
fn named(list: &ToolCall, name: &str) -> Vec<String> {
    let items = result(list)["items"].as_array().cloned().unwrap_or_default();
    let id = |flow: &Value| flow["id"].as_str().map(str::to_owned);
    let same = |flow: &&Value| flow["name"].as_str().is_some_and(|known| known.to_lowercase() == name.to_lowercase());
    let exact: Vec<String> = items.iter().filter(same).filter_map(id).collect();
    if exact.is_empty() { items.iter().filter_map(id).collect() } else { exact }
}
