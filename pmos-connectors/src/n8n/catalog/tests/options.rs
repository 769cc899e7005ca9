//! What there is to choose, asked of the server.

use pmos_core::{
    ConnectionId, Id as _,
    engine::{ExternalId, KnownCredential},
    flow::{Catalog as _, OptionsQuestion},
};
use serde_json::{Value, json};

use super::{
    super::Lookup,
    node, property,
    server::{Server, tenancy},
};

fn sheet() -> Value {
    let columns = json!({"type": "options", "typeOptions": {"loadOptionsMethod": "getColumns"}});
    node(
        "test.sheet",
        json!({
            "version": [4, 4.5], "defaultVersion": 4.5, "credentials": [{"name": "sheetApi"}],
            "properties": [
                property("resource", json!({"type": "options", "default": "sheet", "options": [{"name": "Sheet", "value": "sheet"}]})),
                property("operation", json!({"type": "options", "default": "append", "options": [{"name": "Append", "value": "append"}]})),
                property("document", json!({"type": "resourceLocator", "default": {"mode": "list", "value": ""}, "modes": [
                    {"name": "list", "type": "list", "typeOptions": {"searchListMethod": "findDocuments", "searchable": true}},
                    {"name": "id", "type": "string"}
                ]})),
                property("range", json!({"default": "A:Z"})),
                property("column", json!({"type": "options", "typeOptions": {"loadOptionsMethod": "wrong"}, "displayOptions": {"show": {"range": ["none"]}}})),
                property("column", columns.clone()),
                property("tag", json!({"type": "options", "typeOptions": {"loadOptions": {"routing": {"request": {"url": "/tags"}}}}})),
                property("rows", json!({"type": "fixedCollection", "typeOptions": {"multipleValues": true}, "options": [
                    {"name": "entries", "values": [property("column", columns)]}
                ]})),
                property("columns", json!({"type": "resourceMapper", "typeOptions": {"resourceMapper": {"resourceMapperMethod": "mapColumns"}}})),
                property("title", json!({})),
            ]
        }),
    )
}

fn ask(field: &str, settings: Value) -> OptionsQuestion {
    OptionsQuestion {
        piece: "test.sheet".to_owned(),
        operation: "sheet:append".to_owned(),
        field: field.to_owned(),
        settings: settings.as_object().unwrap().clone(),
        connection: None,
        search: None,
    }
}

fn account() -> KnownCredential {
    KnownCredential {
        connection: ConnectionId::from_uuid(uuid::Uuid::from_u128(7)),
        external: ExternalId::new("cred1"),
        kind: "sheetApi".to_owned(),
        name: "My sheets".to_owned(),
    }
}

#[tokio::test]
async fn the_server_gets_the_question_in_its_own_words() {
    let named = json!({"data": [{"name": "Column A", "value": "a"}, {"name": "Column A", "value": "a"}, {"name": "B", "value": 2}]});
    let (server, catalogue) = Server::of([sheet()])
        .answering(Lookup::Options, [(200, named.clone()), (200, named.clone()), (200, named)])
        .catalogue();
    let (at, account) = (tenancy(1), account());
    let settings = json!({"rows": {"entries": [{"column": "x"}, {}]}});
    let options = catalogue.options(Some(&at), &ask("column", settings.clone()), Some(&account)).await.unwrap();
    assert_eq!(
        options.iter().map(|option| (&option.value, option.label.as_str())).collect::<Vec<_>>(),
        [(&json!("a"), "Column A"), (&json!(2), "B")]
    );
    catalogue.options(Some(&at), &ask("rows.entries.1.column", settings), Some(&account)).await.unwrap();
    catalogue.options(Some(&at), &ask("tag", json!({})), Some(&account)).await.unwrap();
    let asked = server.asked.lock().clone();
    assert_eq!(
        asked[0].1,
        json!({
            "nodeTypeAndVersion": {"name": "test.sheet", "version": 4.5},
            "path": "parameters.column",
            "methodName": "getColumns",
            "currentNodeParameters": {
                "rows": {"entries": [{"column": "x"}, {}]}, "range": "A:Z", "column": "", "tag": "", "title": "",
            "document": {"__rl": true, "mode": "list", "value": ""}, "resource": "sheet", "operation": "append"
            },
            "credentials": {"sheetApi": {"id": "cred1", "name": "My sheets"}},
            "projectId": "project1"
        })
    );
    assert_eq!(asked[1].1["path"], "parameters.rows.entries[1].column");
    assert_eq!(asked[2].1["loadOptions"], json!({"routing": {"request": {"url": "/tags"}}}));
    assert!(asked[2].1.get("methodName").is_none());
}

#[tokio::test]
async fn lists_of_locators_are_searched_and_read_page_by_page() {
    let (server, catalogue) = Server::of([sheet()])
        .answering(Lookup::Locator, [
            (200, json!({"data": {"results": [{"name": "One", "value": "1", "url": "https://x"}], "paginationToken": "next"}})),
            (200, json!({"data": {"results": [{"name": "Two", "value": "2"}]}})),
        ])
        .catalogue();
    let question = OptionsQuestion { search: Some("o".to_owned()), ..ask("document.value", json!({})) };
    let options = catalogue.options(Some(&tenancy(1)), &question, None).await.unwrap();
    assert_eq!(options.len(), 2);
    let asked = server.asked.lock().clone();
    assert_eq!(
        (&asked[0].1["path"], &asked[0].1["methodName"], &asked[0].1["filter"]),
        (&json!("parameters.document"), &json!("findDocuments"), &json!("o"))
    );
    assert_eq!(asked[1].1["paginationToken"], "next");
}

#[tokio::test]
async fn a_list_without_end_is_read_to_a_bound() {
    let page = |number: usize| {
        (200, json!({"data": {"results": [{"name": "x", "value": number}], "paginationToken": "more"}}))
    };
    let (server, catalogue) = Server::of([sheet()]).answering(Lookup::Locator, (0..50).map(page)).catalogue();
    let options = catalogue.options(Some(&tenancy(1)), &ask("document.value", json!({})), None).await.unwrap();
    assert_eq!((options.len(), server.asked.lock().len()), (5, 5));
}

#[tokio::test]
async fn columns_of_mappers_are_the_fields_of_their_group() {
    let fields =
        json!({"data": {"fields": [{"id": "name", "displayName": "Name", "required": true, "type": "string"}]}});
    let (server, catalogue) = Server::of([sheet()]).answering(Lookup::Mapper, [(200, fields)]).catalogue();
    let options = catalogue.options(Some(&tenancy(1)), &ask("columns.value", json!({})), None).await.unwrap();
    assert_eq!((&options[0].value, options[0].label.as_str()), (&json!("name"), "Name"));
    assert_eq!(server.asked.lock()[0].1["path"], "parameters.columns");
}

#[tokio::test]
async fn failures_say_what_to_do_and_nothing_that_the_server_said() {
    let failure = |status| (status, json!({"code": 0, "message": "Credentials not found at /home/n8n"}));
    let (_, catalogue) = Server::of([sheet()])
        .answering(Lookup::Options, [failure(500), failure(500), failure(400), (200, json!("<html>"))])
        .catalogue();
    let (at, account) = (tenancy(1), account());
    let column = ask("column", json!({}));
    for (credential, code, said) in [
        (None, "invalid_input", "choose a credential first"),
        (Some(&account), "invalid_input", "check the credential"),
        (None, "unsupported", "looking up"),
    ] {
        let error = catalogue.options(Some(&at), &column, credential).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.detail().contains(said), "{error}");
        assert!(!error.to_string().contains("/home"), "{error}");
    }
    assert_eq!(catalogue.options(Some(&at), &column, None).await.unwrap(), []);
    for nothing in ["title", "gone", "column.more.of.it", "rows", "rows.entries", "rows.gone.0.column", ""] {
        let error = catalogue.options(Some(&at), &ask(nothing, json!({})), None).await.unwrap_err();
        assert!(matches!(error.code(), "invalid_input" | "unsupported"), "{nothing}: {error}");
    }
    let elsewhere = OptionsQuestion { piece: "test.gone".to_owned(), ..column };
    assert_eq!(catalogue.options(Some(&at), &elsewhere, None).await.unwrap_err().fields()[0].field, "piece");
}

#[tokio::test]
async fn answers_are_kept_for_a_moment_and_for_their_workspace_only() {
    let answer = |name: &str| (200, json!({"data": [{"name": name, "value": name}]}));
    let (server, catalogue) = Server::of([sheet()])
        .answering(Lookup::Options, [answer("mine"), answer("theirs"), answer("with account")])
        .catalogue();
    let (mine, theirs, account) = (tenancy(1), tenancy(2), account());
    let question = ask("column", json!({}));
    for (at, credential, expected) in [
        (&mine, None, "mine"),
        (&mine, None, "mine"),
        (&theirs, None, "theirs"),
        (&theirs, Some(&account), "with account"),
        (&mine, None, "mine"),
    ] {
        let options = catalogue.options(Some(at), &question, credential).await.unwrap();
        assert_eq!(options[0].label, expected);
    }
    assert_eq!(server.asked.lock().len(), 3);
}
