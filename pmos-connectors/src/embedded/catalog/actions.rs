//! What flows do.

use pmos_core::flow::{Field, FieldKind, Operation, Port, StepEffect, StepKind};
use serde_json::{Value, json};

use super::field::{choice, computed, fixed, required, unless_one_of, with_default};
use crate::embedded::operation::OperationDescriptor;

pub(super) fn all() -> Vec<Operation> {
    vec![set(), http().into_operation(), branch(), repeat(), delay(), subflow(), respond(), stop()]
}

fn action(name: &str, title: &str, help: &str, fields: Vec<Field>, sample: Value) -> Operation {
    Operation {
        name: name.to_owned(),
        aliases: Vec::new(),
        kind: StepKind::Action,
        title: title.to_owned(),
        help: help.to_owned(),
        icon: Some(name.to_owned()),
        fields,
        outputs: vec![Port::next()],
        inputs: None,
        ports_from: None,
        connection: false,
        sample: Some(sample),
        effect: StepEffect::Pure,
    }
}

fn set() -> Operation {
    let help = "Names with values. `{{ trigger.body.qty * 3 }}` computes; a value that is nothing but an expression keeps its type.";
    let fields = vec![required(computed("values", "Values", FieldKind::KeyValue, help))];
    action("set", "Set values", "Computes values for the steps after it.", fields, json!({"total": 12}))
}

/// The one built-in step that acts on the world.
pub(in crate::embedded) fn http() -> OperationDescriptor {
    let methods = [
        ("GET", "GET: read"),
        ("POST", "POST: create or send"),
        ("PUT", "PUT: replace"),
        ("PATCH", "PATCH: change"),
        ("DELETE", "DELETE: remove"),
        ("HEAD", "HEAD: look, without a body"),
        ("OPTIONS", "OPTIONS: ask what is possible"),
    ];
    let fields = vec![
        required(with_default(fixed("method", "Method", choice(&methods), "What the service is asked to do."), "GET")),
        required(computed("url", "Address", FieldKind::Text, "The whole address, as https://api.example.com/orders.")),
        computed(
            "headers",
            "Headers",
            FieldKind::KeyValue,
            "Keys and passwords do not belong here: store them as a connection.",
        ),
        computed("query", "Query parameters", FieldKind::KeyValue, "Added to the address behind a question mark."),
        unless_one_of(
            computed(
                "body",
                "Body",
                FieldKind::Json,
                "A text is sent as it is, a file as its bytes, anything else as JSON, or as a form when the header \
                 `content-type` says `application/x-www-form-urlencoded`.",
            ),
            "method",
            &["GET", "HEAD"],
        ),
        fixed(
            "expect",
            "Answer",
            choice(&[("json", "Must be JSON"), ("text", "Take it as text"), ("file", "Take it as a file")]),
            "Leave empty to go by what the service says it sends.",
        ),
        fixed(
            "accept_status",
            "Accepted statuses",
            FieldKind::List { of: Box::new(FieldKind::Number) },
            "Statuses of 400 and above that do not make the step fail, as 404.",
        ),
        with_default(fixed("timeout_s", "Time limit in seconds", FieldKind::Number, "From 1 to 120."), 30),
        with_default(
            unless_one_of(
                fixed(
                    "repeatable",
                    "Safe to repeat",
                    FieldKind::Boolean,
                    "Doing it twice does no harm. Then a call whose answer was lost is repeated; otherwise the run stops and \
                     asks for attention. Every call carries an `Idempotency-Key` that stays the same when it is repeated.",
                ),
                "method",
                &["GET", "HEAD", "OPTIONS"],
            ),
            false,
        ),
    ];
    let sample = json!({"status": 200, "headers": {"content-type": "application/json"}, "body": {"id": 17}});
    let http = OperationDescriptor::new("http", "HTTP request", "Calls a service and takes its answer.").icon("http");
    fields.into_iter().fold(http, OperationDescriptor::field).takes_connection().sample(sample)
}

fn branch() -> Operation {
    let entry = vec![
        required(fixed("name", "Name", FieldKind::Text, "What people read on the way.")),
        required(computed("when", "When", FieldKind::Text, "One expression, as `{{ trigger.body.total > 100 }}`.")),
    ];
    let fields = vec![
        required(fixed(
            "branches",
            "Branches",
            FieldKind::List { of: Box::new(FieldKind::Group { fields: entry }) },
            "Every entry is a way of its own. When none applies the flow goes the way `otherwise`; after that it goes on behind the step.",
        )),
        with_default(
            fixed(
                "mode",
                "Take",
                choice(&[("first", "The first that applies"), ("all", "All that apply, in order")]),
                "How many ways are taken.",
            ),
            "first",
        ),
    ];
    Operation {
        outputs: vec![Port::otherwise(), Port::next()],
        ports_from: Some("branches".to_owned()),
        ..action(
            "branch",
            "Branch",
            "Goes different ways for different data.",
            fields,
            json!({"taken": ["Large order"]}),
        )
    }
}

fn repeat() -> Operation {
    let fields = vec![
        required(computed(
            "items",
            "List",
            FieldKind::Json,
            "The list to go through, as `{{ trigger.body.lines }}`, at most 10,000 entries. Inside the loop `{{ item }}` is the \
             entry and `{{ index }}` its place, from 0.",
        )),
        with_default(
            fixed(
                "concurrency",
                "At the same time",
                FieldKind::Number,
                "How many entries are worked on side by side, from 1 to 16.",
            ),
            1,
        ),
    ];
    let help = "Runs the steps inside it once for every entry of a list. Gives what the last step inside gave, in the order of the list.";
    Operation {
        outputs: vec![Port::body(), Port::next()],
        ..action("loop", "Loop", help, fields, json!({"count": 2, "results": [{"ok": true}, {"ok": true}]}))
    }
}

fn delay() -> Operation {
    let fields = vec![
        computed("seconds", "Seconds", FieldKind::Number, "How long to wait, up to 31622400, which is 366 days."),
        computed(
            "until",
            "Until",
            FieldKind::DateTime,
            "Instead of seconds: the time at which to go on, as `2027-03-01T09:00:00+01:00`.",
        ),
    ];
    let help = "Waits, and then goes on. A waiting run costs nothing and survives a restart of the server.";
    Operation { sample: None, ..action("delay", "Delay", help, fields, Value::Null) }
}

fn subflow() -> Operation {
    let fields = vec![
        required(fixed(
            "flow",
            "Automation",
            FieldKind::Flow,
            "The automation to run. It has to be published, and what its trigger receives is the input below.",
        )),
        computed(
            "input",
            "Input",
            FieldKind::Json,
            "What its trigger gives, as `{{ trigger.body }}`. Leave empty for none.",
        ),
    ];
    let help = "Runs another automation and waits for its end. Gives what that one responded; its failure is the failure of this step.";
    Operation {
        effect: StepEffect::Write,
        ..action("subflow", "Run an automation", help, fields, json!({"total": 12}))
    }
}

fn respond() -> Operation {
    let fields = vec![
        with_default(computed("status", "Status", FieldKind::Number, "200 says that all went well."), 200),
        computed("headers", "Headers", FieldKind::KeyValue, "Sent with the answer."),
        computed(
            "body",
            "Body",
            FieldKind::Json,
            "A text is sent as it is, a file as its bytes, anything else as JSON.",
        ),
    ];
    let help = "Answers who called the webhook; the body is also the result of the run. The flow goes on after it.";
    action("respond", "Respond", help, fields, json!({"total": 12}))
}

fn stop() -> Operation {
    let fields =
        vec![computed("fail", "Failure", FieldKind::Text, "Why the run counts as failed. Leave empty to end it well.")];
    Operation { outputs: Vec::new(), sample: None, ..action("stop", "Stop", "Ends the run here.", fields, Value::Null) }
}
