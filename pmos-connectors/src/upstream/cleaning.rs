//! Values of runs as people may see them: without secrets, stack traces and paths of the server.

use pmos_core::run::{MASKED, is_sensitive_header};
use serde_json::Value;

/// How many characters of a message are shown.
const MOST_OF_A_MESSAGE: usize = 500;
/// Where paths of a server begin.
const ROOTS: [&str; 8] = ["/home/", "/usr/", "/opt/", "/var/", "/root/", "/tmp/", "/data/", "file://"];

/// What an engine writes into the values of its runs that is not for people.
#[derive(Debug, Clone, Copy)]
pub struct Cleaning {
    /// Members of objects that are left out, whatever is in them.
    pub hidden: &'static [&'static str],
    /// What stands in the paths of the server's own files; other paths are the affair of the flow.
    pub own_paths: &'static [&'static str],
}

impl Cleaning {
    /// A value without what is not for people.
    pub fn value(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let kept = members.iter().filter(|(key, _)| !self.hidden.contains(&&***key));
                let kept = kept.map(|(key, value)| {
                    let value = match value {
                        _ if key.eq_ignore_ascii_case("headers") => self.headers(value),
                        Value::String(_) | Value::Array(_) if is_sensitive_header(key) => Value::from(MASKED),
                        value => self.value(value),
                    };
                    (key.clone(), value)
                });
                Value::Object(kept.collect())
            }
            Value::Array(entries) => Value::Array(entries.iter().map(|entry| self.value(entry)).collect()),
            Value::String(text) => Value::String(self.text(text)),
            other => other.clone(),
        }
    }

    fn headers(&self, value: &Value) -> Value {
        let Value::Object(headers) = value else { return self.value(value) };
        let shown = headers.iter().map(|(name, value)| {
            let value = if is_sensitive_header(name) { Value::from(MASKED) } else { self.value(value) };
            (name.clone(), value)
        });
        Value::Object(shown.collect())
    }

    /// The first line of what a step said, which is what its author wrote or what a service answered it.
    pub fn message(&self, said: &str) -> String {
        let line = said.lines().next().unwrap_or_default().trim();
        if line.is_empty() {
            return "The step failed.".to_owned();
        }
        self.text(line).chars().take(MOST_OF_A_MESSAGE).collect()
    }

    /// A text without paths of the server.
    pub fn text(&self, text: &str) -> String {
        let is_own = |text: &str| {
            ROOTS.iter().any(|root| text.contains(root)) && self.own_paths.iter().any(|part| text.contains(part))
        };
        if !is_own(text) {
            return text.to_owned();
        }
        text.split(' ').map(|word| if is_own(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CLEANING: Cleaning = Cleaning { hidden: &["stack"], own_paths: &["node_modules"] };

    #[test]
    fn secrets_and_what_an_engine_keeps_for_itself_are_left_out() {
        let given = json!({
            "stack": "at x", "headers": {"Authorization": "Bearer t", "accept": "*/*"}, "cookie": "c",
            "list": [{"stack": 1, "n": 2}],
        });
        let shown =
            json!({"headers": {"Authorization": MASKED, "accept": "*/*"}, "cookie": MASKED, "list": [{"n": 2}]});
        assert_eq!(CLEANING.value(&given), shown);
    }

    #[test]
    fn paths_of_the_server_are_left_out_and_others_stay() {
        assert_eq!(CLEANING.text("at /usr/lib/node_modules/x.js: boom"), "at … boom");
        assert_eq!(CLEANING.text("/home/ada/list.csv is missing"), "/home/ada/list.csv is missing");
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        assert_eq!(CLEANING.message("boom\n at /usr/x"), "boom");
        assert_eq!(CLEANING.message(" \n"), "The step failed.");
        assert_eq!(CLEANING.message(&"é".repeat(600)).chars().count(), 500);
    }
}
