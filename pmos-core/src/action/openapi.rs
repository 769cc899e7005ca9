//! The OpenAPI document of a table.

use serde_json::{Map, Value, json};

use super::{Effect, Entry, Method, Permission, Reach, Success, Table, table::parameters};

/// Describes all actions of a table as an OpenAPI 3.1 document.
pub fn openapi(table: &Table) -> Value {
    let mut schemas = Map::new();
    schemas.insert("Problem".to_owned(), problem());
    let mut paths: Map<String, Value> = Map::new();
    for entry in table.iter() {
        let operation = operation(entry, &mut schemas);
        let path = paths.entry(entry.spec.full_path()).or_insert_with(|| json!({}));
        path[entry.spec.method.as_str().to_lowercase()] = operation;
    }
    schemas.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "PMOS",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Automations, runs and connections of isolated workspaces. Foreign and missing objects look the same.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Parked": parked()},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key, as pmos_…"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-pmos"},
            },
        },
        "security": [{"key": []}, {"session": []}],
    })
}

fn operation(entry: &Entry, schemas: &mut Map<String, Value>) -> Value {
    let spec = &entry.spec;
    let input = hoist(entry.input.clone(), "Input", schemas);
    let output = hoist(entry.output.clone(), "", schemas);
    let in_path: Vec<&str> = parameters(spec.path).collect();
    let required: Vec<&str> = input["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut body = Map::new();
    let mut asked = Vec::new();
    if spec.reach == Reach::Workspace {
        asked.push(json!({"name": "w", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^ws_[0-9a-f]{32}$"}}));
    }
    for (name, schema) in input["properties"].as_object().into_iter().flatten() {
        let place = match spec.method {
            _ if in_path.contains(&name.as_str()) => "path",
            // What is never shown again does not stand in an address either, where logs would keep it.
            Method::Get | Method::Delete if !entry.secret_fields.contains(name) => "query",
            _ => {
                body.insert(name.clone(), schema.clone());
                continue;
            }
        };
        let needed = place == "path" || required.contains(&name.as_str());
        asked.push(json!({"name": name, "in": place, "required": needed, "schema": schema}));
    }
    let mut operation = json!({
        "operationId": spec.name,
        "summary": entry.summary(),
        "tags": [spec.name.rsplit_once('.').map_or(spec.name, |(noun, _)| noun)],
        "parameters": asked,
        "responses": responses(entry, &output),
        "x-permission": spec.permission,
        "x-effect": spec.effect,
        "x-step-up": spec.step_up,
    });
    if spec.permission == Permission::Anyone {
        operation["security"] = json!([]);
    } else if !spec.takes_keys() {
        operation["security"] = json!([{"session": []}]);
    }
    if !body.is_empty() {
        let needed: Vec<&str> = required.into_iter().filter(|name| body.contains_key(*name)).collect();
        operation["requestBody"] = json!({
            "required": !needed.is_empty(),
            "content": {"application/json": {"schema": {
                "type": "object", "properties": body, "required": needed,
                "additionalProperties": input["additionalProperties"].is_object(),
            }}},
        });
    }
    operation
}

fn responses(entry: &Entry, output: &Value) -> Value {
    let done = match entry.spec.success {
        Success::Empty => json!({"description": "Done"}),
        Success::Ok | Success::Created => json!({
            "description": "Done",
            "content": {"application/json": {"schema": output}},
        }),
    };
    let status = match entry.spec.success {
        Success::Ok => "200",
        Success::Created => "201",
        Success::Empty => "204",
    };
    let refused = json!({
        "description": "Refused, with the reason",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    let mut responses = json!({status: done, "default": refused});
    if entry.spec.effect != Effect::Read {
        responses["202"] = json!({"$ref": "#/components/responses/Parked"});
    }
    responses
}

fn parked() -> Value {
    json!({
        "description": "Waits for an approval; nothing is changed yet",
        "content": {"application/json": {"schema": {
            "type": "object",
            "properties": {"approval": {"type": "string", "pattern": "^apr_[0-9a-f]{32}$"}},
            "required": ["approval"],
        }}},
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            }},
            "request_id": {"type": "string"},
        },
        "required": ["type", "title", "status", "code", "detail", "request_id"],
    })
}

/// Moves the definitions of a schema to where all operations share them. A type whose form as input differs from its form
/// as output gets `suffix` behind its name.
fn hoist(mut schema: Value, suffix: &str, schemas: &mut Map<String, Value>) -> Value {
    let Some(object) = schema.as_object_mut() else { return schema };
    object.remove("$schema");
    object.remove("title");
    let definitions = match object.remove("$defs") {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    for (name, mut definition) in definitions {
        point(&mut definition, suffix);
        schemas.insert(format!("{name}{suffix}"), definition);
    }
    point(&mut schema, suffix);
    schema
}

fn point(schema: &mut Value, suffix: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(name) = target.strip_prefix("#/$defs/") {
                            *target = format!("#/components/schemas/{name}{suffix}");
                        }
                    }
                    value => point(value, suffix),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, suffix)),
        _ => {}
    }
}
