//! What is written from the action table is committed, and stays true.

use std::{fs, path::Path};

use pmos_core::action::Table;

/// Compares a committed file with what would be written now; `UPDATE=1` writes it.
fn assert_committed(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is not what the table says; run UPDATE=1 cargo test -p pmos-server", path.display());
}

#[test]
fn the_api_description_is_committed() {
    let document = serde_json::to_string_pretty(&pmos_server::document(&Table::standard())).unwrap();
    assert_committed("openapi.json", &format!("{document}\n"));
}

#[test]
fn the_permission_page_is_committed() {
    assert_committed("../docs/permissions.md", &pmos_server::permissions(&Table::standard()));
}

#[test]
fn every_schema_that_is_named_is_described() {
    let document = pmos_server::document(&Table::standard());
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1) {
        let target = reference.split('"').next().unwrap();
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = pmos_server::document(&Table::standard());
    let mut names = Vec::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            names.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}
