//! Which kind of field a property is. The table in this folder's README says what stands in each.

use pmos_core::flow::{Field, FieldKind, FieldOption};
use serde_json::{Map, Value, json};

use super::{
    composite,
    descriptor::{Property, plain, properties, text},
    form::Form,
    rule::{Level, Reader, Truth},
};

/// The kind of a property; `inner` is the form inside it.
pub(super) fn of(inner: &Form<'_>, property: Property<'_>, level: Level<'_>) -> FieldKind {
    let kind = match property.kind() {
        "string" => string(inner, property, level),
        "number" => FieldKind::Number,
        "boolean" => FieldKind::Boolean,
        "dateTime" => FieldKind::DateTime,
        "color" => FieldKind::Color,
        "options" if property.is_looked_up() => looked_up(inner, property, level, false),
        "multiOptions" if property.is_looked_up() => return looked_up(inner, property, level, true),
        "options" => FieldKind::Select { options: choices(inner, property, level) },
        "multiOptions" => return FieldKind::MultiSelect { options: choices(inner, property, level) },
        "json" => FieldKind::Code { language: "json".to_owned() },
        "collection" => FieldKind::OptionalGroup { fields: inner.fields(property.children()) },
        "fixedCollection" => return groups(inner, property),
        "resourceLocator" | "workflowSelector" | "agentSelector" => return locator(inner, property, level),
        "resourceMapper" => {
            return composite::mapper(property, seen_from_inside(depends_on(inner, property, level), level));
        }
        "filter" => return composite::filter(),
        "assignmentCollection" => return composite::assignments(),
        "notice" | "callout" => return FieldKind::Hint,
        "credentialsSelect" => FieldKind::Text,
        "button" if has_input(property) => FieldKind::LongText,
        _ => return FieldKind::Json,
    };
    if property.is_multiple() { FieldKind::List { of: Box::new(kind) } } else { kind }
}

/// Whether a property is no setting for people: n8n keeps a value in it, or its own screen hangs a control on it.
pub(super) fn is_never_shown(property: Property<'_>) -> bool {
    match property.kind() {
        "hidden" | "credentials" | "curlImport" => true,
        "button" => !has_input(property),
        _ => false,
    }
}

fn has_input(button: Property<'_>) -> bool {
    button.option("buttonConfig")["hasInputField"].as_bool() == Some(true)
}

fn string(inner: &Form<'_>, property: Property<'_>, level: Level<'_>) -> FieldKind {
    if property.is_looked_up() {
        return looked_up(inner, property, level, false);
    }
    if property.option("password").as_bool() == Some(true) {
        return FieldKind::Secret;
    }
    if let Some(editor) = property.option("editor").as_str() {
        return FieldKind::Code { language: language(editor, property.option("editorLanguage").as_str()) };
    }
    match property.option("rows").as_u64() {
        Some(2..) => FieldKind::LongText,
        _ => FieldKind::Text,
    }
}

fn language(editor: &str, named: Option<&str>) -> String {
    let language = match editor {
        "codeNodeEditor" => named.unwrap_or("javascript"),
        "jsEditor" => "javascript",
        "sqlEditor" => "sql",
        "htmlEditor" => "html",
        "cssEditor" => "css",
        _ => "text",
    };
    language.to_ascii_lowercase()
}

fn looked_up(inner: &Form<'_>, property: Property<'_>, level: Level<'_>, multiple: bool) -> FieldKind {
    FieldKind::Dynamic { depends_on: depends_on(inner, property, level), search: false, multiple }
}

/// The parameters whose change asks anew: of the node, or with `&` beside the property.
fn depends_on(inner: &Form<'_>, property: Property<'_>, level: Level<'_>) -> Vec<String> {
    let named = property.option("loadOptionsDependsOn").as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut paths: Vec<String> = Vec::new();
    for name in named {
        let path = match (name.strip_prefix('&'), level.root) {
            (Some(name), _) => level.siblings.contains(name).then(|| name.to_owned()),
            (None, None) => level.siblings.contains(name).then(|| name.to_owned()),
            (None, Some(root)) => root.contains(name).then(|| format!("/{name}")),
        };
        let settled = path.as_deref().is_some_and(|path| inner.known.choice(path.trim_start_matches('/')).is_some());
        paths.extend(path.filter(|_| !settled));
    }
    paths.dedup();
    paths
}

/// The same for fields inside the property: from there only the parameters of the node can be named.
fn seen_from_inside(mut paths: Vec<String>, level: Level<'_>) -> Vec<String> {
    match level.root {
        None => paths.iter_mut().for_each(|path| path.insert(0, '/')),
        Some(_) => paths.retain(|path| path.starts_with('/')),
    }
    paths
}

/// The choices that may come up; those of n8n may depend on other parameters, as properties do.
fn choices(inner: &Form<'_>, property: Property<'_>, level: Level<'_>) -> Vec<FieldOption> {
    let reader = Reader { known: inner.known, level, expressions: true };
    let mut options: Vec<FieldOption> = Vec::new();
    for option in property.options() {
        let Some(value) = option.get("value") else { continue };
        let known = options.iter().any(|other| other.value == *value);
        if known || reader.shown(&option["displayOptions"]) == Truth::No {
            continue;
        }
        options.push(FieldOption { value: value.clone(), label: label(option, value) });
    }
    options
}

/// What people read of a choice.
pub(super) fn label(option: &Value, value: &Value) -> String {
    let label = ["name", "displayName"].map(|key| plain(text(option, key))).into_iter().find(|label| !label.is_empty());
    label.unwrap_or_else(|| match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::String(_) => "(empty)".to_owned(),
        value => value.to_string(),
    })
}

/// `fixedCollection`: `{ "<group>": {…} }`, or with `multipleValues` `{ "<group>": [{…}] }`.
fn groups(inner: &Form<'_>, property: Property<'_>) -> FieldKind {
    let multiple = property.is_multiple();
    let groups = property.options().filter(|group| {
        let name = text(group, "name");
        !name.is_empty() && !name.contains('.')
    });
    let mut fields: Vec<Field> = Vec::new();
    for group in groups {
        let described = Property(group);
        if fields.iter().any(|known| known.name == described.name()) {
            continue;
        }
        let group = FieldKind::Group { fields: inner.fields(properties(group, "values")) };
        let kind = if multiple { FieldKind::List { of: Box::new(group) } } else { group };
        fields.push(composite::field(described.name(), &described.title(), kind));
    }
    if multiple { FieldKind::Group { fields } } else { FieldKind::OptionalGroup { fields } }
}

/// `resourceLocator`: `{ "__rl": true, "mode": "<mode>", "value": … }`.
fn locator(inner: &Form<'_>, property: Property<'_>, level: Level<'_>) -> FieldKind {
    let expressions = property.takes_expressions();
    let mut modes: Vec<Field> = Vec::new();
    for mode in property.modes().filter(|mode| !mode.name().is_empty() && !mode.name().contains('.')) {
        let kind = match mode.option("searchListMethod").as_str() {
            Some(_) => FieldKind::Dynamic {
                depends_on: depends_on(inner, property, level),
                search: mode.option("searchable").as_bool() == Some(true),
                multiple: false,
            },
            None => FieldKind::Text,
        };
        if !modes.iter().any(|known| known.name == mode.name()) {
            modes.push(Field { help: mode.help(), expressions, ..composite::field(mode.name(), &mode.title(), kind) });
        }
    }
    if modes.is_empty() {
        modes.push(Field { expressions, ..composite::field("id", "By id", FieldKind::Text) });
    }
    FieldKind::Locator { modes, fixed: Map::from_iter([("__rl".to_owned(), Value::Bool(true))]) }
}

/// The default, where it is a value that the kind takes. Empty texts count, as rules ask for them.
pub(super) fn default(property: Property<'_>, kind: &FieldKind) -> Option<Value> {
    match property.kind() {
        "filter" => return Some(composite::no_conditions()),
        // An entry without a name or a value is a suggestion, not a value.
        "assignmentCollection" => return None,
        _ => {}
    }
    let default = property.default()?;
    if matches!(kind, FieldKind::Locator { .. }) {
        // Old versions of nodes have the bare value.
        let value = default["value"].as_str().or(default.as_str()).unwrap_or_default();
        return Some(json!({ "__rl": true, "mode": default["mode"].as_str().unwrap_or("id"), "value": value }));
    }
    let empty = match default {
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    (!empty && fits(kind, default)).then(|| default.clone())
}

/// Whether the kind takes this value.
fn fits(kind: &FieldKind, value: &Value) -> bool {
    let chosen = |options: &[FieldOption], value: &Value| options.iter().any(|option| option.value == *value);
    match kind {
        FieldKind::Text | FieldKind::LongText | FieldKind::Code { .. } => value.is_string(),
        FieldKind::Number => value.is_number(),
        FieldKind::Boolean => value.is_boolean(),
        FieldKind::Color => value.as_str().is_some_and(|color| color.starts_with('#') && color.len() == 7),
        FieldKind::Select { options } => chosen(options, value),
        FieldKind::MultiSelect { options } => {
            value.as_array().is_some_and(|all| all.iter().all(|value| chosen(options, value)))
        }
        FieldKind::Dynamic { multiple, .. } => value.is_array() == *multiple && !value.is_object(),
        FieldKind::List { of } => value.as_array().is_some_and(|all| all.iter().all(|value| fits(of, value))),
        FieldKind::Group { fields } | FieldKind::OptionalGroup { fields } => value.as_object().is_some_and(|given| {
            given
                .iter()
                .all(|(name, value)| fields.iter().any(|field| field.name == *name && (fits(&field.kind, value))))
        }),
        FieldKind::Locator { .. } => value["mode"].is_string(),
        FieldKind::Json => true,
        _ => false,
    }
}
