//! The folders of the core have an order, and imports follow it: from what comes later to what comes before.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crate::pages::{files, read, root};

/// The order. What comes later builds on what comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    /// Ids, time, errors, pages, requests.
    Base,
    /// Who acts where.
    Scope,
    /// The types of the nouns, with what must hold of each by itself.
    Types,
    /// What is stored and how it is told.
    Store,
    /// The nouns: their ports and services.
    Noun,
    /// What an action is, and the one pipeline.
    Action,
    /// The use cases of the nouns.
    UseCase,
    /// What goes on by itself.
    Background,
    /// The table of all actions, and the wiring.
    Pmos,
}

/// Files of types whose name does not say it.
const TYPES: [&str; 13] = [
    "approval/policy.rs",
    "chat/event.rs",
    "flow/document.rs",
    "flow/remains.rs",
    "model/fault.rs",
    "model/prompt.rs",
    "model/provider.rs",
    "run/record.rs",
    "vault/credential.rs",
    "vault/host.rs",
    "vault/key.rs",
    "vault/seal.rs",
    "vault/secret.rs",
];

/// Files outside of the nouns that ask whether an engine is in this process: the way outward itself.
const ASK: [&str; 1] = ["outward.rs"];

fn is_hosting(file: &str) -> bool {
    file.contains("/hosting.rs") || file.contains("/hosting/")
}

fn layer(file: &str) -> Layer {
    match top(file) {
        "clock" | "content" | "effect" | "error" | "id" | "job" | "json" | "keyed_lock" | "page" | "readable"
        | "request" | "time" => Layer::Base,
        "scope" => Layer::Scope,
        "cluster" | "event" | "observe" | "store" => Layer::Store,
        "action" => Layer::Action,
        "pmos" => Layer::Pmos,
        "background" => Layer::Background,
        _ if file.ends_with("/model.rs") || TYPES.contains(&file) => Layer::Types,
        _ if file.contains("/actions/") || is_hosting(file) => Layer::UseCase,
        _ => Layer::Noun,
    }
}

/// The module at the top that a file belongs to.
fn top(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The files of the core without what is only for tests, by their paths in `src`.
struct Core(BTreeMap<String, String>);

impl Core {
    fn read() -> Self {
        let source = root().join("pmos-core/src");
        let named = |path: &PathBuf| path.strip_prefix(&source).unwrap().display().to_string();
        let all = files(&source, ".rs").into_iter().map(|path| (named(&path), read(&path)));
        let product = all.filter(|(file, _)| !file.starts_with("testkit") && !file.contains("/tests"));
        Self(product.map(|(file, text)| (file, code(&text))).collect())
    }

    fn tops(&self) -> BTreeSet<&str> {
        self.0.keys().map(|file| top(file)).collect()
    }

    /// The module at the top that something comes from which `lib.rs` gives under its bare name.
    fn reexported(&self) -> BTreeMap<String, String> {
        let mut paths = Vec::new();
        for (_, exported) in
            self.0["lib.rs"].match_indices("pub use ").map(|(at, it)| (at, &self.0["lib.rs"][at + it.len()..]))
        {
            read_paths(exported, &mut Vec::new(), &mut paths);
        }
        paths.into_iter().map(|path| (path.last().unwrap().clone(), path[0].clone())).collect()
    }

    /// The file that a path inside the module `at` leads to.
    fn file_of(&self, at: &str, path: &[String]) -> String {
        let inside: Vec<_> = self.0.iter().filter(|(file, _)| top(file) == at).collect();
        for name in path {
            if let Some((file, _)) = inside.iter().find(|(_, text)| defines(text, name)) {
                return (*file).clone();
            }
        }
        let first = path.first().map_or("", String::as_str);
        let model = format!("{at}/model.rs");
        match self.0.get(&model) {
            _ if first == "actions" => format!("{at}/actions/mod.rs"),
            // Some names are made by a macro.
            Some(text) if text.contains(&format!("{first},")) => model,
            _ => format!("{at}/mod.rs"),
        }
    }

    /// All imports against the order.
    fn against(&self) -> BTreeSet<String> {
        let (tops, reexported) = (self.tops(), self.reexported());
        let mut against = BTreeSet::new();
        for (file, text) in self.0.iter().filter(|(file, _)| *file != "lib.rs") {
            for (at, it) in text.match_indices("crate::") {
                let mut paths = Vec::new();
                read_paths(&text[at + it.len()..], &mut Vec::new(), &mut paths);
                for path in paths {
                    let (module, rest) = if tops.contains(path[0].as_str()) {
                        (path[0].clone(), &path[1..])
                    } else {
                        // What is given by `*` are ids.
                        (reexported.get(&path[0]).cloned().unwrap_or_else(|| "id".to_owned()), &path[..])
                    };
                    if module != top(file) && layer(&self.file_of(&module, rest)) > layer(file) {
                        against.insert(format!("{file} -> {module}"));
                    }
                }
            }
        }
        against
    }
}

/// A file without comments and tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Whether a file says `pub struct Name`, or another kind of item.
fn defines(text: &str, name: &str) -> bool {
    text.lines().filter(|line| line.starts_with("pub")).any(|line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let kinds = ["struct", "enum", "trait", "type", "const", "fn", "static"];
        words.any(|word| kinds.contains(&word)) && words.next() == Some(name)
    })
}

/// Reads a path or a tree of paths, and how long its text is.
fn read_paths(text: &str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    if !text.starts_with('{') {
        let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let rest = &text[name.len()..];
        let further =
            rest.strip_prefix("::").filter(|rest| rest.starts_with(|c: char| c.is_alphabetic() || "_{*".contains(c)));
        let length = name.len();
        if !name.is_empty() {
            before.push(name.clone());
        }
        let length = if let Some(rest) = further {
            length + 2 + read_paths(rest, before, found)
        } else {
            found.push(before.clone());
            length
        };
        if !name.is_empty() {
            before.pop();
        }
        return length;
    }
    let mut at = 1;
    loop {
        at += text[at..].find(|c: char| !c.is_whitespace() && c != ',').unwrap_or(text.len() - at);
        if text[at..].starts_with('}') || at >= text.len() {
            return at + 1;
        }
        at += read_paths(&text[at..], before, found);
        at += text[at..].find([',', '}']).unwrap_or(text.len() - at);
    }
}

#[test]
fn nothing_imports_against_the_order() {
    let found = Core::read().against();
    assert!(found.is_empty(), "these import what comes later in the order of the core: {found:#?}");
}

#[test]
fn only_the_hosting_of_a_noun_asks_where_an_engine_is() {
    let asks = |text: &str| ["Host::Embedded", "Host::Remote", "engine.host()"].iter().any(|it| text.contains(it));
    let core = Core::read();
    let (hosting, others): (Vec<_>, Vec<_>) =
        core.0.iter().filter(|(_, text)| asks(text)).map(|(file, _)| file.as_str()).partition(|file| is_hosting(file));
    assert!(hosting.contains(&"flow/hosting.rs"), "the question is not found where it is asked: {hosting:?}");
    assert_eq!(others, ASK, "what is different for a remote engine belongs into the hosting of its noun");
}

#[test]
fn the_order_is_seen_through_trees_of_imports() {
    let mut paths = Vec::new();
    read_paths("{a::{B, c::D as E}, F, g::*};", &mut Vec::new(), &mut paths);
    let paths: Vec<_> = paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["a::B", "a::c::D", "F", "g"]);
}
