//! What a refusal of n8n means for a person. Its own words are read, never shown.

use pmos_core::{Error, Kind, flow::Issue};

use super::{
    super::client::{Fault, FaultKind},
    workflow::Body,
};

/// Settings of another version that this one does not know are taken out of the workflow; whether there were any.
pub(super) fn drop_settings(said: &str, body: &mut Body) -> bool {
    let Some(rest) = said.strip_prefix("request/body/settings Unrecognized key(s) in object: ") else { return false };
    let names: Vec<_> = rest.split(", ").filter_map(|name| name.strip_prefix('\'')?.strip_suffix('\'')).collect();
    let before = body.settings.len();
    body.settings.retain(|name, _| !names.contains(&&**name));
    body.settings.len() < before
}

/// Of a workflow that cannot be kept.
pub(super) fn of_document(said: &str) -> Error {
    match place_in(said) {
        Some(place) => Error::invalid(
            format!("document.{place}"),
            "is not something n8n can keep; look at this part of the automation",
        ),
        None => Error::invalid("document", "is not a workflow that n8n can keep"),
    }
}

/// `nodes[1].position` in `Workflow structure is invalid. nodes[1].position (invalid_type): Required`, and
/// `nodes[1]` in `request/body/nodes/1 Unrecognized key(s) in object: 'x'`.
fn place_in(said: &str) -> Option<String> {
    if let Some(rest) = said.strip_prefix("Workflow structure is invalid. ") {
        let place = rest.split(" (").next()?;
        let known = place.starts_with("nodes[") || place.starts_with("connections");
        return (known && place.len() <= 100).then(|| place.to_owned());
    }
    let rest = said.strip_prefix("request/body/nodes/")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("nodes[{digits}]"))
}

/// Of a workflow that cannot be published.
pub(super) fn of_publishing(fault: Fault, body: &Body) -> Error {
    match fault {
        Fault { kind: FaultKind::Conflict(said), .. } if said.contains("webhook") => taken(body),
        Fault { kind: FaultKind::Rejected(said), .. } => not_ready(&said),
        fault => fault.into(),
    }
}

fn taken(body: &Body) -> Error {
    let error = Error::conflict(
        "conflict",
        "The address of a webhook is taken by another automation on this n8n. Give the trigger another path.",
    );
    body.webhooks().fold(error, |error, hook| {
        error.at(format!("steps.{}.settings.path", hook.node), "is taken; choose another path, best a random one")
    })
}

fn not_ready(said: &str) -> Error {
    let issue = if said.contains("no trigger node") {
        issue("no_trigger", "Nothing starts the flow; add a trigger that n8n can wait for.")
    } else if said.starts_with("Unrecognized node type") {
        issue("unknown_piece", "A step is of a kind that this n8n does not have, or does not allow.")
    } else if said.contains("configuration issues") {
        issue("required", "A step lacks a setting or a connection that n8n requires.")
    } else {
        issue("refused", "n8n does not take the flow live as it is; check its triggers and connections.")
    };
    Error::new(Kind::Invalid, "not_ready", "The automation has open issues. Mend them, then publish.")
        .at("draft", issue.message.clone())
        .with("issues", [issue])
}

fn issue(code: &str, message: &str) -> Issue {
    Issue { step: None, field: None, code: code.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_of_another_version_are_taken_out_by_name() {
        let mut body: Body =
            serde_json::from_value(json!({"nodes": [], "settings": {"a": 1, "b": 2, "c": 3}})).unwrap();
        assert!(drop_settings("request/body/settings Unrecognized key(s) in object: 'a', 'c'", &mut body));
        assert_eq!(json!(body.settings), json!({"b": 2}));
        assert!(!drop_settings("request/body/settings Unrecognized key(s) in object: 'x'", &mut body));
        assert!(!drop_settings("request/body/nodes/1 Unrecognized key(s) in object: 'b'", &mut body));
    }

    #[rstest]
    #[case("Workflow structure is invalid. nodes[1].position (invalid_type): Required", "document.nodes[1].position")]
    #[case("request/body/nodes/12 Unrecognized key(s) in object: 'foo'", "document.nodes[12]")]
    #[case("secret text of the server", "document")]
    fn the_place_at_fault_is_named_and_nothing_else(#[case] said: &str, #[case] field: &str) {
        let error = of_document(said);
        assert_eq!(error.fields()[0].field, field);
        assert!(!format!("{} {:?}", error.detail(), error.fields()).contains("secret"));
    }

    #[test]
    fn a_path_that_is_taken_names_its_trigger() {
        let body: Body = serde_json::from_value(json!({"nodes": [
            {"name": "In", "type": "n8n-nodes-base.webhook", "parameters": {"path": "x"}},
        ]}))
        .unwrap();
        let error = of_publishing(
            FaultKind::Conflict("There is a conflict with one of the webhooks.".to_owned()).into(),
            &body,
        );
        assert_eq!((error.code(), &*error.fields()[0].field), ("conflict", "steps.In.settings.path"));
    }
}
