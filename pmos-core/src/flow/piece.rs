//! What flows can be built of, and the one vocabulary of fields that feeds every configuration form.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Port, StepKind};

/// A service or a group of built-in steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Piece {
    /// A slug, as `core`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// An address of a picture, or the name of a built-in one.
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
    /// A slug, as `http`.
    pub name: String,
    /// Whether it starts runs or takes part in them.
    pub kind: StepKind,
    /// What people read.
    pub title: String,
    /// What it does, in a sentence.
    pub help: String,
    /// What can be configured.
    pub fields: Vec<Field>,
    /// The ways out every step of it has.
    pub outputs: Vec<Port>,
    /// The list setting that adds a way out per entry, as `branches`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports_from: Option<String>,
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
    /// An address of a picture, or the name of a built-in one.
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
                .map(|Operation { name, kind, title, help, .. }| OperationSummary {
                    name: name.clone(),
                    kind: *kind,
                    title: title.clone(),
                    help: help.clone(),
                })
                .collect(),
        }
    }
}

/// What a step may do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepEffect {
    /// Only computes.
    Pure,
    /// Reads from outside.
    Read,
    /// May change something outside.
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
    pub visible_when: Option<Condition>,
    /// Whether expressions may stand in it.
    #[serde(default)]
    pub expressions: bool,
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
        /// The fields whose change asks anew.
        depends_on: Vec<String>,
        /// Whether what a person types narrows the list outside.
        search: bool,
        /// Whether several may be chosen.
        multiple: bool,
    },
    /// Fields looked up while the form is filled in.
    DynamicGroup {
        /// The fields whose change asks anew.
        depends_on: Vec<String>,
    },
    /// An object outside, named in one of several ways.
    Locator {
        /// The ways: from a list, by address, by id.
        modes: Vec<Field>,
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

/// A condition on a sibling field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// The name of the sibling.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with; ignored by `set` and `not_set`.
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
}
