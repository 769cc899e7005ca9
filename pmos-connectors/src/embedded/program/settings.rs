//! Reads the settings of one step.

use std::{ops::RangeInclusive, sync::Arc};

use pmos_core::{
    Timestamp,
    flow::{Field, FieldKind, Issue, Step, check_settings, fill_in},
    schedule::{LONGEST, Missed, SHORTEST, Schedule},
};
use serde_json::{Map, Value, json};
use url::Url;

use super::{Call, Delay, Respond, Subflow, Trigger, Webhook, tree::Seen};
use crate::embedded::{
    expression::{Template, join, uses},
    operation::Registered,
};

/// How many expressions the settings of one step may have: they are evaluated in one go, and each has its own fuel.
const MOST_EXPRESSIONS: usize = 256;
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The longest wait of a step, in seconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
const LONGEST_WAIT: f64 = LONGEST as f64;

/// The settings of one step, taken out one by one; what is wrong goes to the list of issues.
pub(super) struct Settings<'a> {
    step: &'a Step,
    seen: &'a Seen<'a>,
    issues: &'a mut Vec<Issue>,
    taken: Vec<&'static str>,
    expressions: usize,
}

impl<'a> Settings<'a> {
    pub(super) fn new(step: &'a Step, seen: &'a Seen<'a>, issues: &'a mut Vec<Issue>) -> Self {
        Self { step, seen, issues, taken: Vec::new(), expressions: 0 }
    }

    pub(super) fn issue(&mut self, field: impl Into<String>, code: &str, message: impl Into<String>) {
        let (step, field) = (Some(self.step.id.clone()), Some(field.into()));
        self.issues.push(Issue { step, field, code: code.to_owned(), message: message.into() });
    }

    /// What was given; null counts as left out.
    fn take(&mut self, field: &'static str) -> Option<&'a Value> {
        self.taken.push(field);
        self.step.settings.get(field).filter(|value| !value.is_null())
    }

    fn required(&mut self, field: &'static str) -> Option<&'a Value> {
        let value = self.take(field);
        if value.is_none() {
            self.issue(field, "required", "is needed here");
        }
        value
    }

    /// Compiles a value that stands at `field`.
    pub(super) fn compile(&mut self, field: &str, value: &Value) -> Template {
        let mut mismatches = Vec::new();
        let template = Template::compile(field, value, self.seen.roots(), &mut mismatches);
        for mismatch in mismatches {
            self.issue(mismatch.field, "expression", mismatch.fault.to_string());
        }
        self.refer(field, value);
        self.expressions += template.expressions();
        template
    }

    /// Whether every step that is referred to has run when this one runs.
    fn refer(&mut self, field: &str, value: &Value) {
        match value {
            Value::String(text) => {
                for step in uses(text).into_iter().filter_map(|used| used.step) {
                    if let Some(fault) = self.seen.fault(&step) {
                        self.issue(field, "reference", fault);
                    }
                }
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, item)| self.refer(&format!("{field}[{n}]"), item));
            }
            Value::Object(map) => map.iter().for_each(|(key, item)| self.refer(&join(field, key), item)),
            _ => {}
        }
    }

    pub(super) fn template(&mut self, field: &'static str) -> Option<Template> {
        let value = self.take(field)?;
        Some(self.compile(field, value))
    }

    pub(super) fn required_template(&mut self, field: &'static str) -> Template {
        let value = self.required(field).unwrap_or(&Value::Null);
        self.compile(field, value)
    }

    /// A template that must give an object.
    pub(super) fn object(&mut self, field: &'static str) -> Template {
        let template = self.template(field).unwrap_or_else(|| Template::Fixed(Value::Object(Map::new())));
        if let Template::Fixed(value) = &template
            && !value.is_object()
        {
            self.issue(field, "invalid", "must be an object of names and values");
        }
        template
    }

    pub(super) fn choice(
        &mut self,
        field: &'static str,
        choices: &[&'static str],
        default: &'static str,
    ) -> &'static str {
        let Some(value) = self.take(field) else {
            return default;
        };
        let chosen = value.as_str().and_then(|text| choices.iter().copied().find(|choice| *choice == text));
        chosen.unwrap_or_else(|| {
            self.issue(field, "invalid", format!("must be one of: {}", choices.join(", ")));
            default
        })
    }

    pub(super) fn number(&mut self, field: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(value) = self.take(field) else {
            return default;
        };
        value.as_u64().filter(|number| range.contains(number)).unwrap_or_else(|| {
            self.issue(field, "invalid", format!("must be a whole number from {} to {}", range.start(), range.end()));
            default
        })
    }

    pub(super) fn boolean(&mut self, field: &'static str) -> bool {
        let Some(value) = self.take(field) else {
            return false;
        };
        value.as_bool().unwrap_or_else(|| {
            self.issue(field, "invalid", "must be true or false");
            false
        })
    }

    /// A text that means what it says.
    pub(super) fn text(&mut self, field: &'static str) -> Option<&'a str> {
        let value = self.take(field)?;
        if value.as_str().is_none() {
            self.issue(field, "invalid", "must be a text");
        }
        value.as_str()
    }

    /// What other settings make necessary.
    fn needed<T>(&mut self, field: &'static str, given: Option<T>) -> Option<T> {
        if given.is_none() {
            self.issue(field, "required", "is needed here");
        }
        given
    }

    /// The entries of a list.
    pub(super) fn list(&mut self, field: &'static str, required: bool) -> &'a [Value] {
        let value = if required { self.required(field) } else { self.take(field) };
        match value {
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.issue(field, "invalid", "must be a list");
                &[]
            }
            None => &[],
        }
    }

    /// Says when it is too much to be computed in one go.
    fn limit(&mut self) {
        if self.expressions > MOST_EXPRESSIONS {
            let message =
                format!("a step may have at most {MOST_EXPRESSIONS} expressions; split it into several steps");
            self.issue("settings", "expression", message);
        }
    }

    /// Adds what was found elsewhere, without what is said already.
    fn report(&mut self, found: Vec<Issue>) {
        for issue in found {
            if !self.issues.iter().any(|known| known.step == issue.step && known.field == issue.field) {
                self.issues.push(issue);
            }
        }
    }

    /// Says what was not asked for.
    pub(super) fn finish(mut self) {
        self.limit();
        for field in self.step.settings.keys().filter(|field| !self.taken.contains(&field.as_str())) {
            let known = if self.taken.is_empty() { "none".to_owned() } else { self.taken.join(", ") };
            let message = format!("is not a setting of this step; there are: {known}");
            let (step, field) = (Some(self.step.id.clone()), Some(field.clone()));
            self.issues.push(Issue { step, field, code: "unknown_setting".to_owned(), message });
        }
    }
}

pub(super) fn webhook(step: &Step, settings: &mut Settings<'_>) -> Trigger {
    let at_once = settings.choice("respond", &["at_end", "at_once"], "at_end") == "at_once";
    let raw = settings.boolean("raw");
    // What people pick data from while they build; no run looks at it.
    settings.take("sample");
    let mut methods = Vec::new();
    for (n, method) in settings.list("methods", false).iter().enumerate() {
        match method.as_str().filter(|method| METHODS.contains(method)) {
            Some(method) => methods.push(method.to_owned()),
            None => {
                settings.issue(format!("methods[{n}]"), "invalid", format!("must be one of: {}", METHODS.join(", ")));
            }
        }
    }
    Trigger {
        id: step.id.clone(),
        name: step.name.clone(),
        webhook: Some(Webhook { at_once, methods, origins: origins(settings), raw }),
        schedule: None,
        questions: Vec::new(),
    }
}

fn origins(settings: &mut Settings<'_>) -> Vec<String> {
    let mut origins = Vec::new();
    for (n, text) in settings.list("origins", false).iter().enumerate() {
        match text.as_str().and_then(origin) {
            Some(origin) => origins.push(origin),
            None => settings.issue(
                format!("origins[{n}]"),
                "invalid",
                "must be an origin like https://app.example.com, or *",
            ),
        }
    }
    origins
}

/// An origin as browsers write it.
fn origin(text: &str) -> Option<String> {
    if text == "*" {
        return Some(text.to_owned());
    }
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    let named = bare && url.username().is_empty() && url.password().is_none();
    named.then(|| url.origin().ascii_serialization())
}

pub(super) fn manual(step: &Step, settings: &mut Settings<'_>) -> Trigger {
    let mut questions: Vec<Field> = Vec::new();
    for (n, entry) in settings.list("fields", false).iter().enumerate() {
        match question(entry) {
            Ok(question) if questions.iter().any(|known| known.name == question.name) => {
                settings.issue(format!("fields[{n}].name"), "invalid", "is the name of another question");
            }
            Ok(question) => questions.push(question),
            Err((field, message)) => settings.issue(format!("fields[{n}].{field}"), "invalid", message),
        }
    }
    Trigger { id: step.id.clone(), name: step.name.clone(), webhook: None, schedule: None, questions }
}

/// One question; the part of it that makes no sense, and why.
fn question(entry: &Value) -> std::result::Result<Field, (&'static str, String)> {
    let text = |field: &str| entry.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let name = text("name").ok_or_else(|| ("name", "give the question a name".to_owned()))?;
    let kind = match entry.get("kind").filter(|kind| !kind.is_null()) {
        None => FieldKind::Text,
        Some(kind) => serde_json::from_value(kind.clone())
            .map_err(|cause| ("kind", format!("is no kind of field, as {{\"type\": \"number\"}}: {cause}")))?,
    };
    let visible_when = match entry.get("visible_when").filter(|rule| !rule.is_null()) {
        None => None,
        Some(rule) => Some(
            serde_json::from_value(rule.clone()).map_err(|cause| ("visible_when", format!("is no rule: {cause}")))?,
        ),
    };
    let default = entry.get("default").filter(|value| !value.is_null()).cloned();
    let question = Field {
        required: entry.get("required").and_then(Value::as_bool).unwrap_or_default(),
        visible_when,
        ..Field::new(name, text("title").unwrap_or(name), kind)
    };
    if let Some(default) = &default {
        let alone = Field { visible_when: None, ..question.clone() };
        let given = json!({ name: default });
        fill_in(&[alone], given, "").map_err(|error| ("default", error.fields()[0].message.clone()))?;
    }
    Ok(Field { default, ..question })
}

pub(super) fn schedule(step: &Step, settings: &mut Settings<'_>) -> Trigger {
    let kind = settings.choice("kind", &["cron", "every", "once"], "every");
    let zone = settings.text("zone").unwrap_or("UTC");
    let missed = match settings.choice("missed", &["run_once", "skip", "run_all"], "run_once") {
        "skip" => Missed::Skip,
        "run_all" => Missed::RunAll,
        _ => Missed::RunOnce,
    };
    let (expr, at) = (settings.text("expr"), settings.text("at"));
    let seconds = settings.number("seconds", SHORTEST..=LONGEST, 0);
    let schedule = match kind {
        "cron" => settings.needed("expr", expr).map(|expr| Schedule::cron(expr, zone)),
        "once" => settings.needed("at", at).map(|at| Schedule::once(at, zone)),
        // What is out of its range is said already.
        _ if seconds == 0 => settings.needed("seconds", settings.step.settings.get("seconds")).and(None),
        _ => Some(Schedule::every(seconds)),
    };
    let schedule = schedule
        .and_then(|schedule| schedule.map_err(|fault| settings.issue(fault.field, "invalid", fault.message)).ok());
    let schedule = schedule.map(|schedule| schedule.missed(missed));
    Trigger { id: step.id.clone(), name: step.name.clone(), webhook: None, schedule, questions: Vec::new() }
}

pub(super) fn delay(settings: &mut Settings<'_>) -> Option<Delay> {
    let (seconds, until) = (settings.template("seconds"), settings.template("until"));
    if let Some(Template::Fixed(value)) = &seconds
        && !value.as_f64().is_some_and(|seconds| (0.0..=LONGEST_WAIT).contains(&seconds))
    {
        settings.issue("seconds", "invalid", format!("must be a number from 0 to {LONGEST}, which is 366 days"));
    }
    if let Some(Template::Fixed(value)) = &until
        && value.as_str().is_none_or(|text| text.parse::<Timestamp>().is_err())
    {
        settings.issue("until", "invalid", "must be a time with its offset, as 2027-03-01T09:00:00+01:00");
    }
    match (seconds, until) {
        (Some(seconds), None) => Some(Delay::Seconds(seconds)),
        (None, Some(until)) => Some(Delay::Until(until)),
        (None, None) => {
            settings.issue("seconds", "required", "say how long to wait, or until when");
            None
        }
        (Some(_), Some(_)) => {
            settings.issue("until", "invalid", "say how long to wait or until when, not both");
            None
        }
    }
}

pub(super) fn subflow(settings: &mut Settings<'_>) -> Option<Subflow> {
    let flow = settings.text("flow");
    let input = settings.template("input").unwrap_or_else(|| Template::Fixed(Value::Object(Map::new())));
    let flow = settings.needed("flow", flow)?.parse();
    let flow = flow.map_err(|_| settings.issue("flow", "invalid", "must be the id of an automation; choose one"));
    Some(Subflow { flow: flow.ok()?, input })
}

/// A step of an operation whose settings are what its fields say.
pub(super) fn call(step: &Step, operation: &Arc<Registered>, settings: &mut Settings<'_>) -> Call {
    let fields = &operation.operation.fields;
    let mut templates = Vec::new();
    for (name, value) in step.settings.iter().filter(|(_, value)| !value.is_null()) {
        let computed = fields.iter().any(|field| &field.name == name && takes_expressions(field));
        let template = if computed { settings.compile(name, value) } else { Template::Fixed(value.clone()) };
        templates.push((name.clone(), template));
    }
    settings.limit();
    settings.report(check_settings(&step.id, fields, &step.settings));
    let issue = |(field, message)| Issue {
        step: Some(step.id.clone()),
        field: Some(field),
        code: "invalid".to_owned(),
        message,
    };
    settings.report(operation.handler.check(&step.settings).into_iter().map(issue).collect());
    Call {
        operation: Arc::clone(operation),
        settings: templates,
        connection: step.connection.filter(|_| operation.operation.connection),
        repeatable: operation.is_repeatable(&step.settings),
    }
}

/// Whether expressions may stand anywhere in a field.
fn takes_expressions(field: &Field) -> bool {
    fn within(kind: &FieldKind) -> bool {
        match kind {
            FieldKind::Group { fields } | FieldKind::OptionalGroup { fields } => fields.iter().any(takes_expressions),
            FieldKind::Locator { modes, .. } => modes.iter().any(takes_expressions),
            FieldKind::List { of } => within(of),
            _ => false,
        }
    }
    field.expressions || within(&field.kind)
}

pub(super) fn respond(settings: &mut Settings<'_>) -> Respond {
    let status = settings.template("status").unwrap_or_else(|| Template::Fixed(200.into()));
    if let Template::Fixed(value) = &status
        && !value.as_u64().is_some_and(|status| (200..=599).contains(&status))
    {
        settings.issue("status", "invalid", "must be a whole number from 200 to 599");
    }
    let headers = settings.object("headers");
    let body = settings.template("body").unwrap_or(Template::Fixed(Value::Null));
    Respond { status, headers, body }
}
