//! What starts flows.

use pmos_core::flow::{FieldKind, Operation, Port, StepEffect, StepKind};
use serde_json::json;

use super::field::{choice, fixed, only_for, options, required, with_default};

pub(super) fn all() -> Vec<Operation> {
    vec![webhook(), schedule(), manual()]
}

fn trigger(name: &str, title: &str, help: &str) -> Operation {
    Operation {
        name: name.to_owned(),
        aliases: Vec::new(),
        kind: StepKind::Trigger,
        title: title.to_owned(),
        help: help.to_owned(),
        icon: Some(name.to_owned()),
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
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].map(|method| (method, method));
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
            "Which kinds of requests are taken. Leave empty to take all but HEAD and OPTIONS, which are answered without a run.",
        ),
        fixed(
            "origins",
            "Pages that may call it",
            FieldKind::List { of: Box::new(FieldKind::Text) },
            "Origins like https://app.example.com whose pages may call it from a browser, or * for all. Programs need no entry.",
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
        fixed(
            "sample",
            "Sample request",
            FieldKind::Json,
            "The body of a call as senders send it. Paste one here, and its data can be picked in the steps before the first \
             call. Runs do not look at it.",
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

fn schedule() -> Operation {
    let kinds = [("every", "Again and again"), ("cron", "By the calendar (cron)"), ("once", "Once")];
    let missed = [
        ("run_once", "Make up for them with one run"),
        ("skip", "Leave them out"),
        ("run_all", "Make up for each, at most 100"),
    ];
    let zone = "The time zone that counts, as Europe/Berlin. Summer time is taken care of.";
    let fields = vec![
        required(with_default(fixed("kind", "When", choice(&kinds), "What kind of plan it is."), "every")),
        with_default(
            only_for(
                fixed(
                    "seconds",
                    "Every how many seconds",
                    FieldKind::Number,
                    "From 10 to 31622400. 3600 is every full hour.",
                ),
                "kind",
                &["every"],
            ),
            3_600,
        ),
        only_for(
            fixed(
                "expr",
                "Cron expression",
                FieldKind::Text,
                "Minute, hour, day of month, month, day of week: `0 9 * * 1-5` is nine o'clock on working days.",
            ),
            "kind",
            &["cron"],
        ),
        only_for(
            fixed(
                "at",
                "At",
                FieldKind::Text,
                "A local time as 2027-03-01T09:00, or one with its offset as 2027-03-01T09:00:00+01:00.",
            ),
            "kind",
            &["once"],
        ),
        with_default(only_for(fixed("zone", "Time zone", FieldKind::Text, zone), "kind", &["cron", "once"]), "UTC"),
        with_default(
            fixed(
                "missed",
                "Times that were missed",
                choice(&missed),
                "What happens when the server was off at the time.",
            ),
            "run_once",
        ),
    ];
    Operation {
        fields,
        sample: Some(json!({"at": "2027-03-01T08:00:00.120000Z", "slot": "2027-03-01T08:00:00.000000Z"})),
        ..trigger("schedule", "Schedule", "Starts the flow at its times, again and again or once.")
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
