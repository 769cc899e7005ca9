//! What flows can be built of, and the one vocabulary of fields that feeds every configuration form.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Port, StepKind};

/// A service or a group of built-in steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Piece {
    /// A slug, as `core`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// An address of an image, or the name of a built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// What it is filed under.
    pub categories: Vec<String>,
    /// The kinds of credentials it takes; empty when it needs none. For an engine inside this process the names of
    /// [`CredentialKind`](crate::vault::CredentialKind), else the engine's own.
    pub auth: Vec<String>,
    /// Its triggers and actions.
    pub operations: Vec<Operation>,
}

/// A trigger or an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operation {
    /// A slug, as `http`; for a remote engine what it calls it, as `message:post`.
    pub name: String,
    /// What else steps call it, in engines that leave out what is the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether it starts runs or takes part in them.
    pub kind: StepKind,
    /// What people read.
    pub title: String,
    /// What it does, in a sentence.
    pub help: String,
    /// The name of a built-in icon, or an image of its own as a `data:` address; a general one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// What can be configured.
    pub fields: Vec<Field>,
    /// The ways out every step of it has.
    pub outputs: Vec<Port>,
    /// The list setting that adds a way out per entry, as `branches`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports_from: Option<String>,
    /// The ways in; none when there is just the usual one, empty when nothing may lead to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<Inlet>>,
    /// Whether a step of it may use a stored credential.
    #[serde(default)]
    pub connection: bool,
    /// What it gives, by example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Value>,
    /// What it may do to the world.
    pub effect: StepEffect,
}

/// A piece in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PieceSummary {
    /// A slug, as `core`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// An address of an image, or the name of a built-in one.
    pub logo: Option<String>,
    /// What it is filed under.
    pub categories: Vec<String>,
    /// Its triggers and actions.
    pub operations: Vec<OperationSummary>,
}

/// An operation in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationSummary {
    /// A slug, as `http`.
    pub name: String,
    /// Whether it starts runs or takes part in them.
    pub kind: StepKind,
    /// What people read.
    pub title: String,
    /// What it does, in a sentence.
    pub help: String,
    /// The name of a built-in icon, or an image of its own as a `data:` address; a general one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
}

impl Operation {
    /// Whether a step of this operation says so by this name.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }
}

impl Piece {
    /// The piece without the fields of its operations.
    pub fn summary(&self) -> PieceSummary {
        PieceSummary {
            name: self.name.clone(),
            title: self.title.clone(),
            logo: self.logo.clone(),
            categories: self.categories.clone(),
            operations: self
                .operations
                .iter()
                .map(|Operation { name, kind, title, help, icon, .. }| OperationSummary {
                    name: name.clone(),
                    kind: *kind,
                    title: title.clone(),
                    help: help.clone(),
                    icon: icon.clone(),
                })
                .collect(),
        }
    }
}

/// A way into a step, in engines where it has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inlet {
    /// What edges call it, as `main:1` or `ai_tool:0`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Whether the step does nothing without it.
    #[serde(default)]
    pub required: bool,
}

/// What a step may do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepEffect {
    /// Only computes.
    Pure,
    /// Reads from a service.
    Read,
    /// May change something at a service.
    Write,
}

/// One thing that can be configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// The key in the settings.
    pub name: String,
    /// What people read.
    pub title: String,
    /// How to fill it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What goes in.
    pub kind: FieldKind,
    /// Whether a flow without it cannot be published.
    #[serde(default)]
    pub required: bool,
    /// What is taken when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// When it is shown; always without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_when: Option<Rule>,
    /// Whether expressions may stand in it.
    #[serde(default)]
    pub expressions: bool,
}

impl Field {
    /// A field that may be left out, and means what it says.
    pub fn new(name: &str, title: &str, kind: FieldKind) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            help: None,
            kind,
            required: false,
            default: None,
            visible_when: None,
            expressions: false,
        }
    }

    /// Says how to fill it in.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// A flow without it cannot be published.
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Expressions may stand in it.
    pub fn computed(self) -> Self {
        Self { expressions: true, ..self }
    }

    /// What is taken when it is left out.
    pub fn with_default(self, default: impl Into<Value>) -> Self {
        Self { default: Some(default.into()), ..self }
    }

    /// Shown only when this is the case.
    pub fn shown_when(self, rule: Rule) -> Self {
        Self { visible_when: Some(rule), ..self }
    }
}

/// What goes into a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Several lines of text.
    LongText,
    /// A text that is never shown again.
    Secret,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A point in time.
    DateTime,
    /// Another automation of the workspace, by its id.
    Flow,
    /// A colour.
    Color,
    /// One of some options.
    Select {
        /// What there is to choose.
        options: Vec<FieldOption>,
    },
    /// Several of some options.
    MultiSelect {
        /// What there is to choose.
        options: Vec<FieldOption>,
    },
    /// Options looked up while the form is filled in.
    Dynamic {
        /// The fields whose change asks anew, named as in a [`Condition`].
        depends_on: Vec<String>,
        /// Whether what a person types narrows the list at the service.
        search: bool,
        /// Whether several may be chosen.
        multiple: bool,
    },
    /// Fields looked up while the form is filled in.
    DynamicGroup {
        /// The fields whose change asks anew, named as in a [`Condition`].
        depends_on: Vec<String>,
    },
    /// An object of a service, named in one of several ways: an object of `mode`, the name of the way, and `value`.
    Locator {
        /// The ways: from a list, by address, by id.
        modes: Vec<Field>,
        /// What every value holds besides.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        fixed: Map<String, Value>,
    },
    /// Any number of the same.
    List {
        /// What each entry is.
        of: Box<FieldKind>,
    },
    /// Several fields together.
    Group {
        /// The fields.
        fields: Vec<Field>,
    },
    /// Several fields together of which any may be left out.
    OptionalGroup {
        /// The fields.
        fields: Vec<Field>,
    },
    /// Free names with values.
    KeyValue,
    /// Groups of conditions.
    Conditions,
    /// Any JSON value.
    Json,
    /// Program text.
    Code {
        /// The language, as `javascript`.
        language: String,
    },
    /// A file.
    File,
    /// Not a field: a remark for the person who fills in the form.
    Hint,
}

/// One entry of a list to choose from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldOption {
    /// What is stored.
    pub value: Value,
    /// What people read.
    pub label: String,
}

/// When something is the case, in terms of other fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Rule {
    /// When all of these are; always without any.
    All {
        /// The rules.
        all: Vec<Rule>,
    },
    /// When one of these is; never without any.
    Any {
        /// The rules.
        any: Vec<Rule>,
    },
    /// When this is not.
    Not {
        /// The rule.
        not: Box<Rule>,
    },
    /// When a field has some value.
    Field(Condition),
}

/// A condition on another field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// The name of a sibling, or a path into it, as `mode` or `options.mode`; with a slash in front it begins at the
    /// settings of the step, as `/resource`.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with; ignored by `set` and `not_set`. All but `in`, `not_in` and `has_any` look at the first.
    #[serde(default)]
    pub values: Vec<Value>,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Is the first value.
    Equals,
    /// Is not the first value.
    NotEquals,
    /// Is one of the values.
    In,
    /// Is none of the values.
    NotIn,
    /// Has a value other than null and the empty text.
    Set,
    /// Has none.
    NotSet,
    /// Is a list that holds one of the values.
    HasAny,
    /// Is a text that has the first value in it.
    Contains,
    /// Is a text that begins with the first value.
    StartsWith,
    /// Is a text that ends with the first value.
    EndsWith,
    /// Is a number above the first value.
    Above,
    /// Is a number above the first value, or that value.
    AtLeast,
    /// Is a number below the first value.
    Below,
    /// Is a number below the first value, or that value.
    AtMost,
}
