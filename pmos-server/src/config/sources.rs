//! Where settings come from besides files.

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};
use serde::Serialize;

use super::names;

pub(super) const ENVIRONMENT: &str = "environment";
pub(super) const FLAGS: &str = "flags";

/// Settings given on the command line; what each means stands in [`Settings`](super::Settings).
#[derive(Debug, Clone, Default, Serialize, clap::Args)]
pub struct Flags {
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:8420]
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The folder for everything that is kept here [default: ./pmos-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The store: sqlite:PATH, postgres://… or memory: [default: SQLite in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// The address people and webhooks use to reach this server
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// The file with the master key [default: master.key in the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key_file: Option<String>,
    /// Who may make an account: open or invitation [default: open]
    #[arg(long, global = true, value_name = "POLICY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_up: Option<String>,
    /// Serve: wait while another process works on the store, and take over when it ends
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standby: Option<String>,
    /// What to log, as info or debug [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

pub(super) struct Given<'a>(pub(super) &'a Flags);

impl Provider for Given<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(FLAGS)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let dict = Value::serialize(self.0)?.into_dict().unwrap_or_default();
        Ok(Map::from([(Profile::Default, dict)]))
    }
}

/// Texts as they are: a token of digits is not a number.
pub(super) struct Environment(Dict);

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.0.clone())]))
    }
}

/// The variable of a setting.
pub(super) fn variable(name: &str) -> String {
    format!("PMOS_{}", name.to_uppercase().replace('.', "__"))
}

/// Takes the known `PMOS_` variables and points out the others, which may be misspelt.
pub(super) fn environment(variables: impl IntoIterator<Item = (String, String)>) -> (Environment, Vec<String>) {
    let (mut known, mut unknown) = (Dict::new(), Vec::new());
    for (given, value) in variables {
        if !given.starts_with("PMOS_") || given == "PMOS_CONFIG" {
            continue;
        }
        match names().iter().find(|name| variable(name) == given) {
            Some(name) => insert(&mut known, name, Value::from(value)),
            None => unknown.push(format!("the environment variable {given} is not a setting and was ignored")),
        }
    }
    (Environment(known), unknown)
}

fn insert(into: &mut Dict, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            into.insert(name.to_owned(), value);
        }
        Some((table, rest)) => {
            let within = into.entry(table.to_owned()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, within) = within {
                insert(within, rest, value);
            }
        }
    }
}
