//! Links and paths lead somewhere.

use crate::pages::{files, read, root};

/// The targets of links to files, without the place inside them.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    local.map(|target| target.split('#').next().unwrap_or_default()).collect()
}

/// What stands in backquotes and begins like a path of this repository.
fn paths(page: &str) -> Vec<&str> {
    const ROOTS: [&str; 9] = [
        ".ci/",
        "docs/",
        "examples/",
        "pmos-connectors/",
        "pmos-core/",
        "pmos-server/",
        "pmos-storage/",
        "scripts/",
        "tests/",
    ];
    let quoted = page.split('`').skip(1).step_by(2).filter(|text| !text.contains(char::is_whitespace));
    quoted.filter(|text| ROOTS.iter().any(|root| text.starts_with(root))).collect()
}

/// All that people read, by name.
fn pages() -> Vec<(String, String)> {
    let own = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name));
    let pages = own.into_iter().chain(files(&root().join("docs"), ".md"));
    let pages: Vec<_> =
        pages.map(|path| (path.strip_prefix(root()).unwrap().display().to_string(), read(&path))).collect();
    assert!(pages.len() > 40, "only {} pages were found", pages.len());
    pages
}

#[test]
fn every_link_leads_to_a_file() {
    for (name, page) in pages() {
        let folder = root().join(&name);
        let folder = folder.parent().unwrap();
        for target in links(&page) {
            assert!(folder.join(target).exists(), "{name}: {target}");
        }
    }
}

#[test]
fn no_page_names_a_path_that_is_not_there() {
    for (name, page) in pages() {
        for path in paths(&page) {
            assert!(root().join(path).exists(), "{name}: {path}");
        }
    }
}

#[test]
fn a_test_that_a_decision_names_is_there() {
    let sources = files(root(), ".rs").iter().map(|path| read(path)).collect::<String>();
    for page in files(&root().join("docs/adr"), ".md") {
        let text = read(&page);
        let Some((_, enforced)) = text.split_once("## Enforced by") else { continue };
        let names = enforced.split('`').skip(1).step_by(2).filter(|name| is_a_test(name));
        for name in names {
            assert!(sources.contains(&format!("fn {name}(")), "{}: {name}", page.display());
        }
    }
}

/// Names of tests are sentences; nothing else in backquotes has so many words.
fn is_a_test(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && name.matches('_').count() >= 3
}

#[test]
fn links_and_paths_are_found() {
    let page =
        "See [a](docs/a.md#part), [b](https://b), [c](#c) and `pmos-core/src/lib.rs`, not `cargo run` or `/metrics`.";
    assert_eq!((links(page), paths(page)), (vec!["docs/a.md"], vec!["pmos-core/src/lib.rs"]));
    assert!(is_a_test("an_undo_leads_back") && !is_a_test("public_url"));
}
