//! The files that people read, and those that programs do.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files under `folder` whose names end in this way, without what tools put there.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && !["target", "node_modules", "pmos-data"].contains(&name) {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

#[test]
fn every_setting_is_described() {
    let page = read(&root().join("docs/book/operating.md"));
    for name in pmos_server::config::names() {
        let variable = format!("`PMOS_{}`", name.to_uppercase().replace('.', "__"));
        assert!(page.contains(&variable), "docs/book/operating.md does not say what {variable} is for");
    }
}

#[test]
fn every_example_is_named_in_the_book() {
    let page = read(&root().join("docs/book/embedding.md"));
    for example in files(&root().join("examples"), ".rs") {
        let name = example.file_stem().unwrap().to_str().unwrap();
        assert!(page.contains(&format!("cargo run --example {name}")), "docs/book/embedding.md does not name {name}");
    }
}
