//! What a refusal of n8n means for a person. Its own words are read, never shown.

use pmos_core::{
    Error, Kind,
    flow::{Issue, StepId},
};

use super::{
    super::{
        client::{Fault, FaultKind},
        document::N8nDocument,
        mapping::{ids, owners},
    },
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
        Fault { kind: FaultKind::Rejected(said), .. } => not_ready(&said, body),
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

fn not_ready(said: &str, body: &Body) -> Error {
    let issues = at_fault(said, body);
    let issues = if issues.is_empty() { vec![of_flow(said)] } else { issues };
    let error = Error::new(Kind::Invalid, "not_ready", "The automation has open issues. Mend them, then publish.");
    issues.iter().fold(error.with("issues", &issues), |error, issue| {
        error.at(issue.step.as_ref().map_or("draft", StepId::as_str), issue.message.clone())
    })
}

/// The steps that a refusal names, each with what it lacks. Of what n8n says only the names of our own nodes are used.
fn at_fault(said: &str, body: &Body) -> Vec<Issue> {
    if !said.contains("configuration issues") {
        return Vec::new();
    }
    let document = body.clone().write().and_then(|document| N8nDocument::read(&document));
    let nodes = document.map(|document| document.workflow.nodes).unwrap_or_default();
    let ids = ids(&nodes);
    let mut named: Vec<_> = owners(&nodes, &ids)
        .into_iter()
        .filter_map(|(name, id)| Some((place_of(said, name)?, name.len(), id.parse::<StepId>().ok()?)))
        .collect();
    named.sort_by_key(|(at, ..)| *at);
    let ends: Vec<_> = named.iter().skip(1).map(|(at, ..)| *at).chain([said.len()]).collect();
    let issues = named.into_iter().zip(ends).map(|((at, length, step), end)| {
        let about = said.get(at + length..end).unwrap_or_default().to_lowercase();
        let (field, message) = match (about.contains("credential"), about.contains("parameter")) {
            (true, false) => (Some("connection"), "needs a connection; choose one"),
            (false, true) => (None, "lacks a setting that n8n requires"),
            _ => (None, "lacks a setting or a connection that n8n requires"),
        };
        let field = field.map(str::to_owned);
        Issue { step: Some(step), field, code: "required".to_owned(), message: message.to_owned() }
    });
    issues.collect()
}

/// Where a name stands by itself, in quotes or at the end of what it begins.
fn place_of(said: &str, name: &str) -> Option<usize> {
    let stands_alone = |at: &usize| {
        let before = said[..*at].chars().next_back();
        let after = said[at + name.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric())
            && after.is_none_or(|c| matches!(c, '"' | '\'' | '”' | '`' | ':' | '\n'))
    };
    said.match_indices(name).map(|(at, _)| at).find(stands_alone)
}

/// What a refusal says about the workflow as a whole.
fn of_flow(said: &str) -> Issue {
    if said.contains("no trigger node") {
        issue("no_trigger", "Nothing starts the flow; add a trigger that n8n can wait for.")
    } else if said.starts_with("Unrecognized node type") {
        issue("unknown_piece", "A step is of a kind that this n8n does not have, or does not allow.")
    } else if said.contains("configuration issues") {
        issue("required", "A step lacks a setting or a connection that n8n requires.")
    } else {
        issue("refused", "n8n does not take the flow live as it is; check its triggers and connections.")
    }
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

    #[rstest]
    #[case::credential("Cannot publish workflow: 1 node has configuration issues:\nNode \"Send it\": missing required credential", &[("b", Some("connection"))])]
    #[case::parameter("2 nodes have configuration issues:\n- Set: Missing or invalid required parameters\n- Send it: no credential", &[("a", None), ("b", Some("connection"))])]
    #[case::unnamed("Some nodes have configuration issues. Settings are missing.", &[])]
    fn a_step_that_is_not_ready_is_named(#[case] said: &str, #[case] expected: &[(&str, Option<&str>)]) {
        let body: Body = serde_json::from_value(json!({"nodes": [
            {"id": "a", "name": "Set", "type": "n8n-nodes-base.set", "parameters": {}},
            {"id": "b", "name": "Send it", "type": "n8n-nodes-base.telegram", "parameters": {}},
        ]}))
        .unwrap();
        let error = not_ready(said, &body);
        let issues: Vec<Issue> = serde_json::from_value(error.more()["issues"].clone()).unwrap();
        let found: Vec<_> =
            issues.iter().filter_map(|issue| Some((issue.step.as_ref()?.as_str(), issue.field.as_deref()))).collect();
        assert_eq!(found, expected);
        assert!(!issues.is_empty() && !format!("{issues:?}").contains("invalid"), "its own words are not shown");
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
