//! Words that code, comments and pages do without, since there is a plainer one.

use std::path::Path;

use crate::pages::{files, read, root};

/// Each with what is said in its place.
const WORDS: [(&str, &str); 14] = [
    ("he", "they, or it of a thing"),
    ("his", "their, or its of a thing"),
    ("him", "them, or it of a thing"),
    ("himself", "themselves"),
    ("somebody", "a person, a caller, another"),
    ("nobody", "none, or what is not done"),
    ("whoever", "the caller, the operator, anyone who"),
    ("house", "the server, PMOS"),
    ("desk", "the context"),
    ("desks", "the contexts"),
    ("picture", "a mirror of a flow; an image, an icon"),
    ("pictures", "mirrors; images, icons"),
    ("survey", "a sync"),
    ("surveys", "syncs"),
];

/// Names of types that were replaced, with those that stand for them.
const NAMES: [(&str, &str); 5] = [
    ("Cx", "Context"),
    ("Door", "Caller"),
    ("PlaceName", "TenancyKey"),
    ("RunDesk", "RunContext"),
    ("Turns", "KeyedLock"),
];

/// What people write.
const ENDINGS: [&str; 12] =
    [".rs", ".md", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".toml", ".sh", ".sql", ".txt"];

/// What programs write, what cannot be changed any more, and this list.
const EXEMPT: [&str; 4] =
    ["pmos-server/ui/dist", "pmos-server/ui/src/api/schema.d.ts", "pmos-storage/migrations", "tests/docs/words.rs"];

/// The words of a text; those of a name like `a_b` one by one.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// What a line should not say, each with what it might say.
fn retired(line: &str, is_rust: bool) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for word in words(line) {
        found.extend(WORDS.into_iter().filter(|(retired, _)| *retired == word));
    }
    if is_rust {
        let code = line.split("//").next().unwrap_or_default();
        for name in code.split(|c: char| !c.is_alphanumeric() && c != '_') {
            found.extend(NAMES.into_iter().filter(|(retired, _)| *retired == name));
        }
    }
    found
}

fn is_exempt(path: &Path) -> bool {
    EXEMPT.iter().any(|exempt| path.starts_with(exempt))
}

#[test]
fn no_retired_word_is_used() {
    let mut said = Vec::new();
    let mut looked_at = 0;
    for path in ENDINGS.iter().flat_map(|ending| files(root(), ending)) {
        let name = path.strip_prefix(root()).unwrap();
        if is_exempt(name) {
            continue;
        }
        looked_at += 1;
        let is_rust = name.extension().is_some_and(|ending| ending == "rs");
        for (line, text) in read(&path).lines().enumerate() {
            for (word, better) in retired(text, is_rust) {
                said.push(format!("{}:{}: {word} ({better})", name.display(), line + 1));
            }
        }
    }
    assert!(looked_at > 900, "only {looked_at} files were looked at");
    assert!(said.is_empty(), "say these another way:\n{}", said.join("\n"));
}

#[test]
fn retired_words_are_found_in_names_and_at_the_beginning_of_sentences() {
    let found = |line: &str| retired(line, true).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    assert_eq!(found("fn what_somebody_wrote() {"), ["somebody"]);
    assert_eq!(found("/// Whoever asks. Turns nothing."), ["whoever"]);
    assert_eq!(found("locks: Turns<FlowId>,"), ["Turns"]);
    assert_eq!(found("the history of this, and what they said"), Vec::<&str>::new());
}
