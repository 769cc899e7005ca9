//! Finds and renames the steps that a text refers to.

use super::source::{Kind, Part, Token, split};

/// A use of another step's result in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    /// The id of the step; none for the trigger.
    pub(crate) step: Option<String>,
    /// The path into its result, as `body.qty`.
    pub(crate) path: String,
    /// The bytes of the text that refer to it, path included.
    pub(crate) range: (usize, usize),
    /// The bytes that name the step, with the dot or brackets around them; empty for the trigger.
    name: (usize, usize),
}

/// The uses of other steps' results in a text; none when it is no valid template.
pub(crate) fn uses(text: &str) -> Vec<Use> {
    let mut found = Vec::new();
    for part in split(text).unwrap_or_default() {
        if let Part::Expression { tokens, .. } = part {
            found.extend((0..tokens.len()).filter_map(|at| begins(&tokens, at)));
        }
    }
    found
}

/// The same text with steps renamed.
pub(crate) fn renamed(text: &str, to: impl Fn(&str) -> Option<String>) -> String {
    let mut result = text.to_owned();
    for used in uses(text).into_iter().rev() {
        if let Some(name) = used.step.as_deref().and_then(&to) {
            result.replace_range(used.name.0..used.name.1, &access(&name));
        }
    }
    result
}

/// How an expression names the result of a step, as `steps.set`.
pub(crate) fn step_path(id: &str) -> String {
    format!("steps{}", access(id))
}

/// How a part of an object is reached by its name.
fn access(name: &str) -> String {
    let plain =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { format!(".{name}") } else { format!("[\"{name}\"]") }
}

fn begins(tokens: &[Token<'_>], at: usize) -> Option<Use> {
    let root = tokens[at];
    let free = root.kind == Kind::Word
        && !at.checked_sub(1).is_some_and(|before| tokens[before].is(".") || tokens[before].is("|"));
    let of_step = match root.text {
        "steps" if free => true,
        "trigger" if free => false,
        _ => return None,
    };
    let mut path = Vec::new();
    let mut next = at + 1;
    while let Some((segment, taken)) = segment(&tokens[next..]) {
        let last = tokens[next + taken - 1];
        path.push((segment, tokens[next].at, last.end()));
        next += taken;
    }
    let end = path.last().map_or(root.end(), |last| last.2);
    let mut path = path.into_iter();
    let (step, name) = if of_step {
        let (step, from, to) = path.next()?;
        (Some(step.to_owned()), (from, to))
    } else {
        (None, (root.end(), root.end()))
    };
    let path: Vec<_> = path.map(|(segment, ..)| segment).collect();
    Some(Use { step, path: path.join("."), range: (root.at, end), name })
}

/// The next step of a path and how many tokens it takes.
fn segment<'a>(tokens: &[Token<'a>]) -> Option<(&'a str, usize)> {
    match tokens {
        [dot, name, ..] if dot.is(".") && matches!(name.kind, Kind::Word | Kind::Number) => Some((name.text, 2)),
        [open, key, close, ..] if open.is("[") && close.is("]") => match key.kind {
            Kind::Quoted => Some((&key.text[1..key.text.len() - 1], 3)),
            Kind::Number => Some((key.text, 3)),
            Kind::Word | Kind::Mark => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_is_found_with_its_place() {
        let text = "a {{ steps.set.rows[0]['name'] | upper }} {{ trigger.body.qty + steps[\"my-step\"].n }}";
        let found: Vec<_> = uses(text)
            .into_iter()
            .map(|used| (used.step.unwrap_or_default(), used.path, text[used.range.0..used.range.1].to_owned()))
            .collect();
        let expected = [
            ("set", "rows.0.name", "steps.set.rows[0]['name']"),
            ("", "body.qty", "trigger.body.qty"),
            ("my-step", "n", "steps[\"my-step\"].n"),
        ];
        assert_eq!(found, expected.map(|(step, path, text)| (step.to_owned(), path.to_owned(), text.to_owned())));
    }

    #[test]
    fn what_only_looks_like_a_use_is_left_alone() {
        for text in ["steps.a", "{{ 'steps.a' }}", "{{ item.steps.a }}", "{{ item.trigger }}", "{{ steps.a"] {
            assert_eq!(uses(text), [], "{text}");
        }
    }

    #[test]
    fn renaming_keeps_everything_else() {
        let to = |id: &str| (id == "a").then(|| "a-2".to_owned());
        assert_eq!(
            renamed("x {{ steps.a.n + steps.ab.n + steps['a'] }} a", to),
            "x {{ steps[\"a-2\"].n + steps.ab.n + steps[\"a-2\"] }} a"
        );
    }
}
