//! What starts flows.

use pmos_core::flow::{FieldKind, Operation, Port, StepEffect, StepKind};
use serde_json::json;

use super::field::{choice, fixed, options, required, with_default};

pub(super) fn all() -> Vec<Operation> {
    vec![webhook(), manual()]
}

fn trigger(name: &str, title: &str, help: &str) -> Operation {
    Operation {
        name: name.to_owned(),
        aliases: Vec::new(),
        kind: StepKind::Trigger,
        title: title.to_owned(),
        help: help.to_owned(),
        fields: Vec::new(),
        outputs: vec![Port::next()],
        inputs: None,
        ports_from: None,
        connection: false,
        sample: None,
        effect: StepEffect::Pure,
    }
}

fn webhook() -> Operation {
    let methods = [("GET", "GET"), ("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("DELETE", "DELETE")];
    let fields = vec![
        with_default(
            fixed(
                "respond",
                "When to answer",
                choice(&[
                    ("at_end", "When the flow has answered or ended"),
                    ("at_once", "At once, before the flow runs"),
                ]),
                "Wait when the sender needs the result. Answer at once when the flow takes long: the sender gets the id of the run.",
            ),
            "at_end",
        ),
        fixed(
            "methods",
            "Methods",
            FieldKind::MultiSelect { options: options(&methods) },
            "Which kinds of requests are taken. Leave empty to take all.",
        ),
        with_default(
            fixed(
                "raw",
                "Keep the raw body",
                FieldKind::Boolean,
                "Also gives the body exactly as it came, in base64, as `raw`, for a service that needs it byte for byte. \
                 Signatures of senders cannot be checked: headers that carry them are masked first.",
            ),
            false,
        ),
    ];
    let sample = json!({
        "method": "POST",
        "headers": {"content-type": "application/json"},
        "query": {},
        "body": {"qty": 4, "customer": "Ada"},
    });
    Operation {
        fields,
        sample: Some(sample),
        ..trigger("webhook", "Webhook", "Starts the flow when another program calls the flow's address.")
    }
}

fn manual() -> Operation {
    let entry = vec![
        required(fixed("name", "Name", FieldKind::Text, "How steps refer to it: `{{ trigger.name }}`.")),
        fixed("title", "Title", FieldKind::Text, "What the person who starts the flow reads."),
        fixed("help", "Help", FieldKind::Text, "How to fill it in."),
        with_default(
            fixed("kind", "Kind", FieldKind::Json, "What goes in, as a field of a form."),
            json!({"type": "text"}),
        ),
        with_default(
            fixed("required", "Required", FieldKind::Boolean, "Whether the flow should not be started without it."),
            false,
        ),
        fixed("default", "Default", FieldKind::Json, "What is taken when it is left out."),
        fixed("visible_when", "Shown when", FieldKind::Json, "A condition on another question; always without it."),
        fixed("expressions", "Expressions", FieldKind::Boolean, "Has no meaning here: what a person fills in is data."),
    ];
    let fields = vec![fixed(
        "fields",
        "Questions",
        FieldKind::List { of: Box::new(FieldKind::Group { fields: entry }) },
        "What is asked of the person who starts the flow. Leave empty to take any input.",
    )];
    Operation {
        fields,
        sample: Some(json!({"qty": 4})),
        ..trigger("manual", "Start by hand", "Starts the flow when a person, a key or the assistant says so.")
    }
}
