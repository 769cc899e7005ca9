//! Words that code, comments and pages do without, since there is a plainer one.

use std::path::Path;

use crate::pages::{files, read, root};

/// Each with what is said in its place.
const WORDS: [(&str, &str); 16] = [
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
    ("door", "an entrance, a caller"),
    ("doors", "entrances, callers"),
];

/// Words that are plain in a sentence and say too little as the name of something.
const NAMES: [(&str, &str); 10] = [
    ("Away", "Remote"),
    ("Cx", "Context"),
    ("Door", "Caller"),
    ("Doors", "LookUps"),
    ("Outside", "Remote, Outbound, External"),
    ("PlaceName", "TenancyKey"),
    ("RunDesk", "RunContext"),
    ("Turns", "KeyedLock"),
    ("away", "remote"),
    ("outside", "remote of an engine, outbound of a call, external of an edit"),
];

/// Types whose values are not to be called places.
const NO_PLACES: [&str; 3] = ["AssociatedData", "OpenTenancy", "Tenancy"];

/// What no file or folder is called.
const FILES: [&str; 6] = ["away", "door", "doors", "outside", "place", "places"];

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

/// The names in a line of Rust, without those in comments and texts.
fn names(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or_default().split('"').step_by(2);
    code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_')).collect()
}

/// What a line should not say, each with what it might say.
fn retired(line: &str, is_rust: bool) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for word in words(line) {
        found.extend(WORDS.into_iter().filter(|(retired, _)| *retired == word));
    }
    if line.contains("engine outside") || line.contains("engines outside") {
        found.push(("outside", "a remote engine"));
    }
    if is_rust {
        let names = names(line);
        found.extend(NAMES.into_iter().filter(|(retired, _)| names.contains(retired)));
        if names.contains(&"place") && names.iter().any(|name| NO_PLACES.contains(name)) {
            found.push(("place", "a tenancy, associated data"));
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
        let called = words(&name.display().to_string()).find(|word| FILES.contains(&word.as_str()));
        said.extend(called.map(|word| format!("{}: {word}", name.display())));
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
    assert_eq!(found("fn open(place: &Tenancy) // in its place"), ["place"]);
    assert_eq!(found("let author = \"outside\"; // from outside"), Vec::<&str>::new());
    assert_eq!(found("the history of this, and what they said"), Vec::<&str>::new());
}
