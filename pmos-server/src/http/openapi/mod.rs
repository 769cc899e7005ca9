//! The routes that are not actions, described beside those that are.

mod operation;

use pmos_core::{
    action::{Table, openapi},
    identity::{SignIn, SignUp, actions::Me},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::accounts::{Bootstrap, OfferReset, Reset};
use operation::Operation;

/// The OpenAPI 3.1 document of everything a program may call.
pub fn document(table: &Table) -> Value {
    let mut document = openapi(table);
    let mut pen = Pen::new();
    let operations = [pen.coming_and_going(), Pen::streams()];
    for operation in operations.into_iter().flatten() {
        let (path, method, written) = operation.written();
        document["paths"][path][method] = written;
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

impl Pen {
    fn new() -> Self {
        let settings = || {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings
        };
        Self { taken: settings().into_generator(), given: settings().for_serialize().into_generator() }
    }

    fn coming_and_going(&mut self) -> Vec<Operation> {
        let me = self.given::<Me>();
        let accepted = json!({"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]});
        vec![
            Operation::get("/api/v1/bootstrap", "bootstrap.get", "What a stranger has to know to make an account.")
                .for_anybody()
                .gives("200", &self.given::<Bootstrap>()),
            Operation::post("/api/v1/auth/sign-up", "auth.sign_up", "Makes an account and signs it in.")
                .for_anybody()
                .takes(&self.taken::<SignUp>())
                .gives("201", &me),
            Operation::post("/api/v1/auth/sign-in", "auth.sign_in", "Signs in; the answer sets a cookie.")
                .for_anybody()
                .takes(&self.taken::<SignIn>())
                .gives("200", &me),
            Operation::post("/api/v1/auth/sign-out", "auth.sign_out", "Signs out."),
            Operation::post("/api/v1/auth/reset", "auth.offer_reset", "Asks for a link that sets a new password.")
                .for_anybody()
                .takes(&self.taken::<OfferReset>())
                .gives("202", &accepted),
            Operation::post("/api/v1/auth/reset/{token}", "auth.reset", "Sets a new password by such a link.")
                .for_anybody()
                .in_path("token", "The secret part of the link.")
                .takes(&self.taken::<Reset>()),
        ]
    }

    fn streams() -> Vec<Operation> {
        let text = json!({"type": "string"});
        vec![
            Operation::get("/api/v1/workspaces/{w}/events", "events.watch", "The log of the workspace, live.")
                .in_path("w", "The workspace.")
                .in_query("run", &text, "Show the progress of this run, too.")
                .in_query("flow", &text, "Follow what happens to this automation at its engine.")
                .in_header("Last-Event-ID", &json!({"type": "integer"}), "Go on after this event.")
                .streams("Server-sent events; an id is a number of the log."),
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
