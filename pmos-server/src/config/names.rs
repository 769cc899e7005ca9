//! The names of all settings, as their types declare them.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Settings;

/// The names of all settings as they stand in a file, a dot for a table; `PMOS_` and capitals make the variable, two lines
/// for a dot, dashes the flag.
pub fn names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let generator = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let schema = generator.into_generator().into_root_schema_for::<Settings>();
        let mut names = Vec::new();
        collect(schema.as_value(), "", &mut names);
        names
    });
    &NAMES
}

fn collect(table: &Value, prefix: &str, names: &mut Vec<String>) {
    for (name, field) in table["properties"].as_object().into_iter().flatten() {
        let name = format!("{prefix}{name}");
        // A table that may be left out is one of two things.
        let mut forms = std::iter::once(field).chain(field["anyOf"].as_array().into_iter().flatten());
        match forms.find(|form| form["properties"].is_object()) {
            Some(table) => collect(table, &format!("{name}."), names),
            None => names.push(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[test]
    fn settings_of_tables_are_among_them_and_tables_are_not() {
        let names = names();
        for name in ["listen", "metrics_token", "otlp_sample", "engines.n8n.owner_password_file"] {
            assert!(names.iter().any(|known| known == name), "{name} is not in {names:?}");
        }
        assert!(!names.iter().any(|name| name.ends_with("n8n") || name.contains("dedicated")), "{names:?}");
    }

    #[test]
    fn every_flag_is_a_setting() {
        let all = "all".to_owned();
        let flags = Flags {
            listen: Some(all.clone()),
            data: Some(all.clone()),
            database_url: Some(all.clone()),
            public_url: Some(all.clone()),
            master_key_file: Some(all.clone()),
            sign_up: Some(all.clone()),
            standby: Some(all.clone()),
            log: Some(all),
        };
        for flag in serde_json::to_value(flags).unwrap().as_object().unwrap().keys() {
            assert!(names().contains(flag), "{flag}");
        }
    }
}
