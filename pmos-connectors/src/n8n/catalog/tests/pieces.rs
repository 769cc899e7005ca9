//! Nodes as pieces.

use std::sync::atomic::Ordering;

use pmos_core::flow::{Catalog as _, StepEffect, StepKind};
use serde_json::json;

use super::{
    names, node, operation, piece_of, property,
    server::{Server, tenancy},
};
use crate::n8n::TypeVersions as _;

fn mail() -> serde_json::Value {
    let choice = |name: &str, shown: serde_json::Value, options: serde_json::Value| {
        property(
            name,
            json!({"type": "options", "noDataExpression": true, "displayOptions": shown, "options": options}),
        )
    };
    let mut resource = choice(
        "resource",
        json!({}),
        json!([
            {"name": "Message", "value": "message"}, {"name": "Folder", "value": "folder"}
        ]),
    );
    resource["default"] = json!("message");
    let mut of_message = choice(
        "operation",
        json!({"show": {"resource": ["message"]}}),
        json!([
            {"name": "Send", "value": "send", "action": "Send a <b>message</b>", "description": "Sends it"},
            {"name": "Get", "value": "get"}
        ]),
    );
    of_message["default"] = json!("send");
    let mut of_folder = choice(
        "operation",
        json!({"show": {"resource": ["folder"]}}),
        json!([
            {"name": "Create", "value": "create", "action": "Create a folder"}
        ]),
    );
    of_folder["default"] = json!("create");
    node(
        "test.mail",
        json!({
            "credentials": [{"name": "mailOAuth2", "required": true}, {"name": "mailPassword"}],
            "codex": {"categories": ["Communication"]},
            "iconUrl": {"light": "icons/mail.svg", "dark": "icons/mail.dark.svg"},
            "properties": [
                resource, of_message, of_folder,
                property("to", json!({"displayOptions": {"show": {"resource": ["message"], "operation": ["send"]}}})),
                property("id", json!({"displayOptions": {"show": {"resource": ["message"], "operation": ["get"]}}})),
                property("name", json!({"displayOptions": {"hide": {"resource": ["message"]}}})),
            ]
        }),
    )
}

#[test]
fn each_resource_with_each_operation_is_an_operation_whose_form_has_just_its_fields() {
    let piece = piece_of(&mail(), 1.0);
    let seen: Vec<_> =
        piece.operations.iter().map(|each| (each.name.as_str(), each.title.as_str(), names(&each.fields))).collect();
    assert_eq!(
        seen,
        [
            ("message:send", "Send a message", vec!["to"]),
            ("message:get", "Get (Message)", vec!["id"]),
            ("folder:create", "Create a folder", vec!["name"]),
        ]
    );
    let fields = piece.operations.iter().flat_map(|operation| &operation.fields);
    assert!(fields.into_iter().all(|field| field.visible_when.is_none()), "the operation settles when they are shown");
    assert_eq!(piece.auth, ["mailOAuth2", "mailPassword"]);
    assert_eq!(
        (piece.logo.as_deref(), piece.categories.as_slice()),
        (Some("icons/mail.svg"), &["Communication".to_owned()][..])
    );
    assert!(piece.operations.iter().all(|operation| operation.connection));
}

#[test]
fn what_workflows_leave_out_because_it_is_the_default_is_understood() {
    let piece = piece_of(&mail(), 1.0);
    for (said, meant) in [
        ("execute", "message:send"),
        ("send", "message:send"),
        ("message:", "message:send"),
        ("get", "message:get"),
        ("folder:", "folder:create"),
    ] {
        assert_eq!(operation(&piece, said).name, meant, "{said}");
    }
    assert!(!piece.operations.iter().any(|operation| operation.is_called("create")), "not of the default resource");
}

#[test]
fn what_only_reads_says_so_and_what_is_not_known_may_write() {
    let piece = piece_of(&mail(), 1.0);
    assert_eq!(operation(&piece, "message:get").effect, StepEffect::Read);
    assert_eq!(operation(&piece, "message:send").effect, StepEffect::Write);
    let computes = json!({"codex": {"subcategories": {"Core Nodes": ["Data Transformation"]}}});
    assert_eq!(operation(&piece_of(&node("n", computes), 1.0), "execute").effect, StepEffect::Pure);
}

#[test]
fn a_node_with_operations_but_no_resource_is_told_apart_by_them_alone() {
    let options =
        json!([{"name": "Split", "value": "split"}, {"name": "Join", "value": "join", "action": "Join texts"}]);
    let chosen = property("operation", json!({"type": "options", "default": "join", "options": options}));
    let piece = piece_of(&node("n", json!({"properties": [chosen]})), 1.0);
    let seen: Vec<_> = piece.operations.iter().map(|each| (each.name.as_str(), each.title.as_str())).collect();
    assert_eq!(seen, [("split", "Split"), ("join", "Join texts")]);
    assert_eq!(operation(&piece, "execute").name, "join");
}

#[test]
fn a_resource_that_n8n_keeps_out_of_sight_counts() {
    let piece = piece_of(
        &node(
            "n",
            json!({"properties": [
                property("resource", json!({"type": "hidden", "default": "database"})),
                property("operation", json!({"type": "options", "default": "run", "options": [{"name": "Run", "value": "run"}]})),
            ]}),
        ),
        1.0,
    );
    assert_eq!(operation(&piece, "run").name, "database:run");
    assert!(operation(&piece, "execute").fields.is_empty());
}

#[test]
fn triggers_start_runs_and_sub_nodes_have_typed_ways_in_and_out() {
    let trigger = piece_of(&node("n", json!({"group": ["trigger"], "inputs": [], "outputs": ["main", "main"]})), 1.0);
    let trigger = operation(&trigger, "execute");
    assert_eq!((trigger.kind, trigger.inputs), (StepKind::Trigger, Some(vec![])));
    assert_eq!(trigger.outputs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["main:0", "main:1"]);

    let agent = piece_of(
        &node(
            "n",
            json!({"inputs": [
                "main", {"type": "ai_languageModel", "displayName": "Model", "required": true}, {"type": "ai_tool"}
            ]}),
        ),
        1.0,
    );
    let inputs = operation(&agent, "execute").inputs.unwrap();
    let seen: Vec<_> = inputs.iter().map(|each| (each.name.as_str(), each.title.as_str(), each.required)).collect();
    assert_eq!(seen, [("main:0", "main", false), ("ai_languageModel:0", "Model", true), ("ai_tool:0", "tool", false)]);

    let plain = piece_of(&node("n", json!({"outputs": ["ai_tool"]})), 1.0);
    let plain = operation(&plain, "execute");
    assert_eq!((plain.inputs, plain.outputs[0].as_str()), (None, "ai_tool:0"));
}

#[test]
fn ways_that_settings_decide_about_are_all_that_may_be_there() {
    let outputs = "={{ $parameter.mode === 'retrieve' ? [\"ai_vectorStore\"] : [\"main\"] }}";
    let piece = piece_of(&node("n", json!({"outputs": outputs})), 1.0);
    let ports = operation(&piece, "execute").outputs;
    assert_eq!(ports.iter().map(ToString::to_string).collect::<Vec<_>>(), ["ai_vectorStore:0", "main:0"]);
}

fn generations() -> Vec<serde_json::Value> {
    let old = property("old", json!({}));
    let new = property("new", json!({"displayOptions": {"show": {"@version": [{"_cnd": {"gte": 2.1}}]}}}));
    vec![
        node("test.node", json!({"version": 1, "defaultVersion": 2.2, "properties": [old]})),
        node("test.node", json!({"version": [2, 2.1, 2.2, 3], "defaultVersion": 2.2, "properties": [new]})),
        node("test.hidden", json!({"hidden": true})),
    ]
}

#[tokio::test]
async fn a_node_of_several_generations_is_one_piece_in_the_version_of_new_nodes() {
    let (_, catalogue) = Server::of(generations()).catalogue();
    let at = tenancy(1);
    let pieces = catalogue.pieces(Some(&at)).await.unwrap();
    assert_eq!(pieces.iter().map(|piece| piece.name.as_str()).collect::<Vec<_>>(), ["test.node"]);
    for (name, fields) in [("test.node", vec!["new"]), ("test.node@1", vec!["old"]), ("test.node@2", vec![])] {
        let piece = catalogue.piece(Some(&at), name).await.unwrap().unwrap();
        assert_eq!((piece.name.as_str(), names(&piece.operations[0].fields)), (name, fields));
    }
    assert!(catalogue.piece(Some(&at), "test.hidden").await.unwrap().is_some(), "old workflows still have it");
    for missing in ["test.node@4", "test.other", "", "@", "@n8n/other"] {
        assert!(catalogue.piece(Some(&at), missing).await.unwrap().is_none(), "{missing}");
    }
    assert_eq!(catalogue.versions().newest("test.node").unwrap().as_f64(), Some(2.2));
    assert_eq!(catalogue.versions().newest("test.other"), None);
}

#[tokio::test]
async fn the_lists_of_a_server_are_read_once_for_all_its_workspaces() {
    let (server, catalogue) = Server::of(generations()).catalogue();
    let (one, other) = (tenancy(1), tenancy(2));
    let both = futures::future::join(catalogue.pieces(Some(&one)), catalogue.pieces(Some(&other))).await;
    assert_eq!(both.0.unwrap(), both.1.unwrap());
    assert_eq!(server.lists.load(Ordering::SeqCst), 2, "nodes and credentials, once each");
    let error = catalogue.pieces(None).await.unwrap_err();
    assert_eq!(error.code(), "conflict");
}
