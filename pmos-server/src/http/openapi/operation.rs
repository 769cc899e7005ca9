//! One operation of the document.

use serde_json::{Value, json};

/// A route, described step by step. Unless said otherwise it is for people who are signed in and answers 204.
pub(super) struct Operation {
    path: &'static str,
    method: &'static str,
    written: Value,
}

impl Operation {
    pub(super) fn get(path: &'static str, name: &str, summary: &str) -> Self {
        Self::new(path, "get", name, summary)
    }

    pub(super) fn post(path: &'static str, name: &str, summary: &str) -> Self {
        Self::new(path, "post", name, summary)
    }

    fn new(path: &'static str, method: &'static str, name: &str, summary: &str) -> Self {
        let written = json!({
            "operationId": name,
            "summary": summary,
            "tags": [name.split('.').next()],
            "parameters": [],
            "security": [{"session": []}],
            "responses": responses("204", &json!({"description": "Done"})),
        });
        Self { path, method, written }
    }

    pub(super) fn for_anybody(mut self) -> Self {
        self.written["security"] = json!([]);
        self
    }

    pub(super) fn takes(mut self, schema: &Value) -> Self {
        self.written["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        self
    }

    pub(super) fn gives(mut self, status: &str, schema: &Value) -> Self {
        let done = json!({"description": "Done", "content": {"application/json": {"schema": schema}}});
        self.written["responses"] = responses(status, &done);
        self
    }

    pub(super) fn streams(mut self, what: &str) -> Self {
        let done = json!({"description": what, "content": {"text/event-stream": {"schema": {"type": "string"}}}});
        self.written["responses"] = responses("200", &done);
        self
    }

    pub(super) fn in_path(self, name: &str, what: &str) -> Self {
        self.parameter(name, "path", true, &json!({"type": "string"}), what)
    }

    pub(super) fn in_query(self, name: &str, schema: &Value, what: &str) -> Self {
        self.parameter(name, "query", false, schema, what)
    }

    pub(super) fn in_header(self, name: &str, schema: &Value, what: &str) -> Self {
        self.parameter(name, "header", false, schema, what)
    }

    fn parameter(mut self, name: &str, place: &str, required: bool, schema: &Value, what: &str) -> Self {
        let parameter = json!({"name": name, "in": place, "required": required, "schema": schema, "description": what});
        if let Some(parameters) = self.written["parameters"].as_array_mut() {
            parameters.push(parameter);
        }
        self
    }

    /// Its path, its method and what is said of it.
    pub(super) fn written(self) -> (&'static str, &'static str, Value) {
        (self.path, self.method, self.written)
    }
}

fn responses(status: &str, done: &Value) -> Value {
    json!({status: done, "default": {
        "description": "Refused, with the reason",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }})
}
