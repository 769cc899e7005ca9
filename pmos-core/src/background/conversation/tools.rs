//! What a model may call: the table of actions, for the role of the person, by the way of assistants.

use serde_json::{Map, Value, json};

use crate::{
    Channel, Role,
    action::{Entry, Permission, Reach, Table},
    chat::TurnRecord,
    model::ToolSpec,
};

/// The tool that tells people what the assistant is going to do.
pub(super) const UPDATE_PLAN: &str = "update_plan";
/// The tool that finds further tools.
pub(super) const FIND_TOOLS: &str = "find_tools";
/// How many tools a model is told without that it looked for them.
const AT_FIRST: [&str; 13] = [
    "flows.list",
    "flows.get",
    "flows.create",
    "flows.edit",
    "flows.validate",
    "flows.publish",
    "flows.undo",
    "pieces.list",
    "pieces.get",
    "runs.start",
    "runs.list",
    "runs.get",
    "connections.list",
];
/// How deep a schema is followed through its definitions.
const DEEPEST: usize = 6;
/// How many tools are found at once.
const FOUND: usize = 8;

/// What an action is called as a tool.
pub(super) fn tool_name(action: &str) -> String {
    action.replace('.', "_")
}

/// The action that a tool is, for a person with this role.
pub(super) fn action<'t>(table: &'t Table, role: Role, tool: &str) -> Option<&'t Entry> {
    open(table, role).find(|entry| tool_name(entry.spec.name) == tool)
}

fn open(table: &Table, role: Role) -> impl Iterator<Item = &Entry> {
    table.iter().filter(move |entry| {
        let allowed = matches!(entry.spec.permission, Permission::Role(least) if least <= role);
        allowed && entry.spec.reach == Reach::Workspace && entry.spec.channels.admit(Channel::Agent)
    })
}

/// The tools that a model is told: the usual ones, and those that it found in this conversation.
pub(super) fn offered(table: &Table, role: Role, turns: &[TurnRecord]) -> Vec<ToolSpec> {
    let found: Vec<&str> = turns.iter().flat_map(|turn| &turn.tool_calls).filter_map(found_by).flatten().collect();
    let told = |name: &str| AT_FIRST.contains(&name) || found.contains(&tool_name(name).as_str());
    let actions = open(table, role).filter(|entry| told(entry.spec.name)).map(|entry| ToolSpec {
        name: tool_name(entry.spec.name),
        description: description(entry),
        schema: plain(&entry.input, &entry.input["$defs"], 0),
    });
    [update_plan(), find_tools()].into_iter().chain(actions).collect()
}

fn found_by(call: &crate::chat::ToolCall) -> Option<Vec<&str>> {
    let found = call.result.as_deref().filter(|_| call.tool == FIND_TOOLS)?;
    Some(found.lines().filter_map(|line| line.split_once(": ").map(|(name, _)| name)).collect())
}

/// Tools with these words in their name or description, one in a line.
pub(super) fn search(table: &Table, role: Role, query: &str) -> String {
    let words: Vec<String> = query.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut found: Vec<(usize, String)> = open(table, role)
        .map(|entry| format!("{}: {}", tool_name(entry.spec.name), entry.summary()))
        .map(|line| (words.iter().filter(|word| line.to_lowercase().contains(word.as_str())).count(), line))
        .filter(|(hits, _)| *hits > 0)
        .collect();
    found.sort_by_key(|(hits, _)| std::cmp::Reverse(*hits));
    let lines: Vec<String> = found.into_iter().take(FOUND).map(|(_, line)| line).collect();
    if lines.is_empty() { "No tool has these words. Try others.".to_owned() } else { lines.join("\n") }
}

fn description(entry: &Entry) -> String {
    entry.input["description"].as_str().unwrap_or_default().replace('\n', " ")
}

fn update_plan() -> ToolSpec {
    ToolSpec {
        name: UPDATE_PLAN.to_owned(),
        description:
            "Tells the person what you are going to do, step by step, and how far you are. Give all steps each time."
                .to_owned(),
        schema: json!({
            "type": "object",
            "properties": {
                "steps": {
                    "type": "array",
                    "maxItems": 20,
                    "items": {
                        "type": "object",
                        "properties": {
                            "title": { "type": "string", "maxLength": 200 },
                            "status": { "type": "string", "enum": ["pending", "running", "done"] }
                        },
                        "required": ["title"]
                    }
                }
            },
            "required": ["steps"]
        }),
    }
}

fn find_tools() -> ToolSpec {
    ToolSpec {
        name: FIND_TOOLS.to_owned(),
        description: "Finds further tools by words, as `disable automation`. What is found can be called from then on."
            .to_owned(),
        schema: json!({
            "type": "object",
            "properties": { "query": { "type": "string", "maxLength": 200 } },
            "required": ["query"]
        }),
    }
}

/// A schema without references, which not every provider follows, and without what says nothing to a model.
fn plain(schema: &Value, definitions: &Value, depth: usize) -> Value {
    match schema {
        Value::Object(fields) => {
            let named = fields.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next());
            if let Some(name) = named {
                return if depth < DEEPEST { plain(&definitions[name], definitions, depth + 1) } else { json!({}) };
            }
            let said =
                fields.iter().filter(|(name, _)| !matches!(name.as_str(), "$schema" | "$defs" | "title" | "format"));
            let plain = said.map(|(name, value)| {
                // Below `properties` these are names of fields.
                let value = match (name.as_str(), value) {
                    ("properties", Value::Object(properties)) => properties
                        .iter()
                        .map(|(name, value)| (name.clone(), plain(value, definitions, depth)))
                        .collect::<Map<_, _>>()
                        .into(),
                    (_, value) => plain(value, definitions, depth),
                };
                (name.clone(), value)
            });
            Value::Object(plain.collect())
        }
        Value::Array(items) => items.iter().map(|item| plain(item, definitions, depth)).collect(),
        other => other.clone(),
    }
}
