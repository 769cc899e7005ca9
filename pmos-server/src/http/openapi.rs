//! The routes that are not actions, described beside those that are.

use pmos_core::{
    Page,
    action::{Table, openapi},
    identity::{ChangePassword, EditMe, Me, SessionView, SignIn, SignUp},
    workspace::InvitationView,
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    accounts::{Bootstrap, OfferReset, Reset},
    me::Password,
};

/// The OpenAPI 3.1 document of everything a program may call.
pub fn document(table: &Table) -> Value {
    let mut document = openapi(table);
    let mut pen = Pen::new();
    for (path, method, operation) in pen.operations() {
        document["paths"][path][method] = operation;
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in pen.definitions() {
            schemas.entry(name).or_insert(schema);
        }
        schemas.sort_keys();
    }
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.sort_keys();
    }
    document
}

/// Writes operations, and keeps the schemas they name.
struct Pen {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

/// Who a route is for.
#[derive(Clone, Copy)]
enum For {
    Anybody,
    Person,
}

impl Pen {
    fn new() -> Self {
        let settings = || {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings
        };
        Self { taken: settings().into_generator(), given: settings().for_serialize().into_generator() }
    }

    fn operations(&mut self) -> Vec<(&'static str, &'static str, Value)> {
        let me = self.given::<Me>();
        let token = parameter("token", "path", "The secret part of the link.");
        vec![
            ("/api/v1/bootstrap", "get", {
                let shown = self.given::<Bootstrap>();
                describe(
                    "bootstrap.get",
                    "What a stranger has to know to make an account.",
                    For::Anybody,
                    answer("200", &shown),
                )
            }),
            ("/api/v1/auth/sign-up", "post", {
                let body = self.taken::<SignUp>();
                let described =
                    describe("auth.sign_up", "Makes an account and signs it in.", For::Anybody, answer("201", &me));
                with_body(described, &body)
            }),
            ("/api/v1/auth/sign-in", "post", {
                let body = self.taken::<SignIn>();
                with_body(
                    describe("auth.sign_in", "Signs in; the answer sets a cookie.", For::Anybody, answer("200", &me)),
                    &body,
                )
            }),
            ("/api/v1/auth/sign-out", "post", describe("auth.sign_out", "Signs out.", For::Person, nothing())),
            ("/api/v1/auth/reset", "post", {
                let body = self.taken::<OfferReset>();
                let accepted = answer(
                    "202",
                    &json!({
                        "type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"],
                    }),
                );
                with_body(
                    describe("auth.offer_reset", "Asks for a link that sets a new password.", For::Anybody, accepted),
                    &body,
                )
            }),
            ("/api/v1/auth/reset/{token}", "post", {
                let body = self.taken::<Reset>();
                let described = describe("auth.reset", "Sets a new password by such a link.", For::Anybody, nothing());
                with_parameters(with_body(described, &body), std::slice::from_ref(&token))
            }),
            (
                "/api/v1/me",
                "get",
                describe("me.get", "Who one is and where one belongs.", For::Person, answer("200", &me)),
            ),
            ("/api/v1/me", "patch", {
                let body = self.taken::<EditMe>();
                with_body(describe("me.edit", "Changes one's own account.", For::Person, answer("200", &me)), &body)
            }),
            ("/api/v1/me", "delete", {
                let body = self.taken::<Password>();
                with_body(describe("me.delete", "Deletes one's own account.", For::Person, nothing()), &body)
            }),
            ("/api/v1/me/password", "post", {
                let body = self.taken::<ChangePassword>();
                let described = describe(
                    "me.password",
                    "Sets a new password and ends all other sessions.",
                    For::Person,
                    answer("200", &me),
                );
                with_body(described, &body)
            }),
            ("/api/v1/me/step-up", "post", {
                let body = self.taken::<Password>();
                let described = describe(
                    "me.step_up",
                    "Opens what needs a fresh password for ten minutes.",
                    For::Person,
                    nothing(),
                );
                with_body(described, &body)
            }),
            ("/api/v1/me/sessions", "get", {
                let page = self.given::<Page<SessionView>>();
                let paging = [
                    json!({"name": "limit", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1, "maximum": 200}}),
                    json!({"name": "cursor", "in": "query", "required": false, "schema": {"type": "string"}}),
                ];
                with_parameters(
                    describe("me.sessions", "One's signed-in browsers.", For::Person, answer("200", &page)),
                    &paging,
                )
            }),
            ("/api/v1/me/sessions/{id}", "delete", {
                let described = describe("me.end_session", "Ends one of them.", For::Person, nothing());
                with_parameters(described, &[parameter("id", "path", "The session.")])
            }),
            ("/api/v1/invitations/{token}", "get", {
                let shown = self.given::<InvitationView>();
                let described =
                    describe("invitations.show", "Where an invitation leads.", For::Anybody, answer("200", &shown));
                with_parameters(described, std::slice::from_ref(&token))
            }),
            ("/api/v1/invitations/{token}", "post", {
                let described = describe(
                    "invitations.accept",
                    "Accepts it with the account one has.",
                    For::Person,
                    answer("200", &me),
                );
                with_parameters(described, &[token])
            }),
            ("/api/v1/workspaces/{w}/events", "get", {
                let mut stream =
                    responses("200", json!({"description": "Server-sent events; an id is a number of the log"}));
                stream["200"]["content"] = json!({"text/event-stream": {"schema": {"type": "string"}}});
                let described = describe("events.watch", "The log of the workspace, live.", For::Person, stream);
                with_parameters(
                    described,
                    &[
                        parameter("w", "path", "The workspace."),
                        json!({"name": "run", "in": "query", "required": false, "schema": {"type": "string"}, "description": "Show the progress of this run, too."}),
                        json!({"name": "flow", "in": "query", "required": false, "schema": {"type": "string"}, "description": "Follow what happens to this automation outside."}),
                        json!({"name": "Last-Event-ID", "in": "header", "required": false, "schema": {"type": "integer"}, "description": "Go on after this event."}),
                    ],
                )
            }),
        ]
    }

    fn taken<T: JsonSchema>(&mut self) -> Value {
        self.taken.subschema_for::<T>().to_value()
    }

    fn given<T: JsonSchema>(&mut self) -> Value {
        self.given.subschema_for::<T>().to_value()
    }

    fn definitions(&mut self) -> Map<String, Value> {
        let mut definitions = self.given.take_definitions(true);
        definitions.extend(self.taken.take_definitions(true));
        definitions
    }
}

fn describe(name: &str, summary: &str, whom: For, responses: Value) -> Value {
    let security = match whom {
        For::Anybody => json!([]),
        For::Person => json!([{"session": []}]),
    };
    json!({
        "operationId": name,
        "summary": summary,
        "tags": [name.split('.').next()],
        "security": security,
        "responses": responses,
    })
}

fn with_body(mut operation: Value, schema: &Value) -> Value {
    operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    operation
}

fn with_parameters(mut operation: Value, parameters: &[Value]) -> Value {
    operation["parameters"] = parameters.into();
    operation
}

fn parameter(name: &str, place: &str, what: &str) -> Value {
    json!({"name": name, "in": place, "required": true, "schema": {"type": "string"}, "description": what})
}

fn answer(status: &str, schema: &Value) -> Value {
    responses(status, json!({"description": "Done", "content": {"application/json": {"schema": schema}}}))
}

fn nothing() -> Value {
    responses("204", json!({"description": "Done"}))
}

fn responses(status: &str, done: Value) -> Value {
    json!({status: done, "default": {
        "description": "Refused, with the reason",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }})
}
