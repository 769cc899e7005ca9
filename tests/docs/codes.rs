//! Every stable error code has a page.

use std::collections::BTreeSet;

use crate::pages::{files, read, root};

/// What makes an error, and which of its arguments is the code.
const MAKERS: [(&str, usize); 3] = [("Error::new(", 1), ("Error::conflict(", 0), ("Problem::new(", 1)];

/// The codes in a piece of source: constants in the place of the code. Other types that end in `Error` take no `Kind`.
fn codes(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // In the core's own file the type is called by another name.
    let source = source
        .replace("Self::new(Kind::", "Error::new(Kind::")
        .replace("Self::new(\n            Kind::", "Error::new(Kind::");
    for (maker, place) in MAKERS {
        for call in source.split(maker).skip(1) {
            let argument = call.splitn(place + 2, ',').nth(place).unwrap_or_default().trim();
            let made_by_us = place == 0 || call.trim_start().starts_with("Kind::") || maker == "Problem::new(";
            let code = argument.strip_prefix('"').and_then(|rest| rest.split('"').next());
            found.extend(code.filter(|_| made_by_us).map(str::to_owned));
        }
    }
    found
}

fn codes_of_the_sources() -> BTreeSet<String> {
    let crates = ["pmos-core", "pmos-connectors", "pmos-storage", "pmos-server"];
    let sources = crates.iter().flat_map(|name| files(&root().join(name).join("src"), ".rs"));
    let shipped = sources.filter(|path| {
        !path.components().any(|part| ["tests", "testkit"].map(AsRef::as_ref).contains(&part.as_os_str()))
    });
    shipped
        .flat_map(|path| {
            let source = read(&path);
            codes(source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default())
        })
        .collect()
}

fn codes_of_the_pages() -> BTreeSet<String> {
    let pages = files(&root().join("docs/errors"), ".md");
    let names = pages.iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    names.filter(|name| name != "README").collect()
}

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    assert_eq!(codes_of_the_sources(), codes_of_the_pages());
}

#[test]
fn a_page_is_about_the_code_it_is_named_after_and_says_what_to_do() {
    for code in codes_of_the_pages() {
        let page = read(&root().join("docs/errors").join(format!("{code}.md")));
        assert!(page.starts_with(&format!("# `{code}`\n\nStatus ")), "{code}");
        assert!(page.contains("**What to do:**"), "{code}");
    }
}

#[test]
fn codes_are_found_however_they_are_written() {
    let source = r#"
        Error::new(Kind::Invalid, "one_line", "x");
        Error::new(
            Kind::Limited,
            "several_lines",
            format!("{a}, {b}"),
        );
        let later = || Error::conflict("a_conflict", "x");
        Problem::new(StatusCode::FORBIDDEN, "of_http", advice());
        SettingsError::new("listen", "is no code");
        Self::new(Kind::NotFound, "of_the_core", "x");
    "#;
    let expected = ["a_conflict", "of_http", "of_the_core", "one_line", "several_lines"];
    assert_eq!(codes(source), expected.map(str::to_owned).into());
}
