//! Finds the expressions in a text and refuses what could exhaust a parser, before any parser sees it.
//!
//! Parsers of expressions recurse, and a stack that overflows ends the whole process. So the length, the depth of
//! brackets and the number of operators (each may add a level to the tree) are capped on plain bytes.

use std::fmt;

/// The longest expression, in bytes.
pub(crate) const LONGEST: usize = 4 * 1024;
/// How deep brackets may nest.
pub(crate) const DEEPEST: usize = 32;
/// How many operators, brackets and path steps one expression may have.
pub(crate) const MOST_OPERATORS: usize = 256;

/// What is wrong with the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stretch of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Stands for itself.
    Literal(&'a str),
    /// What stood between `{{` and `}}`.
    Expression {
        /// The text between the braces.
        source: &'a str,
        /// Its tokens, placed in the whole text.
        tokens: Vec<Token<'a>>,
    },
}

/// The smallest unit of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// Where it begins in the whole text.
    pub(crate) at: usize,
}

impl Token<'_> {
    pub(crate) fn is(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    pub(crate) fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    /// A text with its quotes.
    Quoted,
    /// One character of anything else.
    Mark,
}

/// Cuts a text into what stands for itself and what is computed.
pub(crate) fn split(text: &str) -> Result<Vec<Part<'_>>, Fault> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        if found > 0 {
            parts.push(Part::Literal(&text[at..at + found]));
        }
        let begin = at + found + 2;
        let (tokens, end) = expression(text, begin)?;
        parts.push(Part::Expression { source: &text[begin..end], tokens });
        at = end + 2;
    }
    if at < text.len() {
        parts.push(Part::Literal(&text[at..]));
    }
    Ok(parts)
}

/// Reads from `begin` to the closing braces, whose place it returns.
fn expression(text: &str, begin: usize) -> Result<(Vec<Token<'_>>, usize), Fault> {
    let mut tokens = Vec::new();
    let (mut at, mut depth, mut operators) = (begin, 0_usize, 0_usize);
    loop {
        if at - begin > LONGEST {
            return Err(Fault(format!("an expression may have at most {LONGEST} bytes; split it over several steps")));
        }
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else {
            return Err(Fault("`{{` without a closing `}}`; to write braces as text use {{ '{{' }}".to_owned()));
        };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if depth == 0 && rest.starts_with("}}") {
            return if tokens.is_empty() {
                Err(Fault("there is nothing between `{{` and `}}`".to_owned()))
            } else {
                Ok((tokens, at))
            };
        }
        let (kind, length) = match first {
            '"' | '\'' => (Kind::Quoted, quoted(rest, first)?),
            'A'..='Z' | 'a'..='z' | '_' => (Kind::Word, word(rest)),
            '0'..='9' => (Kind::Number, number(rest, tokens.last().is_some_and(|last: &Token<'_>| last.is(".")))),
            _ => (Kind::Mark, first.len_utf8()),
        };
        let token = Token { kind, text: &rest[..length], at };
        match (kind, token.text) {
            (Kind::Mark, "(" | "[" | "{") => depth += 1,
            (Kind::Mark, ")" | "]" | "}") => {
                depth = depth.checked_sub(1).ok_or_else(|| Fault(format!("`{first}` closes nothing")))?;
            }
            _ => {}
        }
        if depth > DEEPEST {
            return Err(Fault(format!("brackets may nest at most {DEEPEST} deep; split it over several steps")));
        }
        operators += usize::from(is_operator(&token));
        if operators > MOST_OPERATORS {
            return Err(Fault(format!(
                "an expression may have at most {MOST_OPERATORS} operators and path steps; split it over several steps"
            )));
        }
        tokens.push(token);
        at += length;
    }
}

/// Whether the parser may go a level deeper for it. Words such as `not` recurse like signs do.
fn is_operator(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Mark => !matches!(token.text, "," | ":" | ")" | "]" | "}"),
        Kind::Word => matches!(token.text, "not" | "if" | "else" | "and" | "or" | "is" | "in"),
        Kind::Number | Kind::Quoted => false,
    }
}

fn quoted(rest: &str, quote: char) -> Result<usize, Fault> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err(Fault(format!("a text begins with {quote} and does not end")))
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
}

fn number(rest: &str, after_dot: bool) -> usize {
    let whole = word(rest);
    let fraction =
        rest[whole..].strip_prefix('.').filter(|more| !after_dot && more.starts_with(|c: char| c.is_ascii_digit()));
    fraction.map_or(whole, |more| whole + 1 + word(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> Vec<&str> {
        let source = |part| match part {
            Part::Expression { source, .. } => Some(source),
            Part::Literal(_) => None,
        };
        split(text).unwrap().into_iter().filter_map(source).collect()
    }

    #[test]
    fn braces_inside_an_expression_do_not_end_it() {
        assert_eq!(sources("{{ {'a': {'b': 1}}.a }}!"), [" {'a': {'b': 1}}.a "]);
        assert_eq!(sources(r#"{{ "}}" ~ '\'}}' }}"#), [r#" "}}" ~ '\'}}' "#]);
    }

    #[test]
    fn text_without_an_expression_stands_for_itself() {
        for text in ["", "plain", "a } b { c }}", "{% for x in y %}", "{# note #}", "naïve ☃"] {
            let expected: Vec<_> = if text.is_empty() { vec![] } else { vec![Part::Literal(text)] };
            assert_eq!(split(text).unwrap(), expected);
        }
    }

    #[test]
    fn what_could_exhaust_a_parser_is_refused_before_it_is_parsed() {
        for (text, reason) in [
            (format!("{{{{ {}1{} }}}}", "(".repeat(33), ")".repeat(33)), "nest"),
            (format!("{{{{ 1{} }}}}", "+1".repeat(257)), "operators"),
            (format!("{{{{ {}1 }}}}", "-".repeat(257)), "operators"),
            (format!("{{{{ {}true }}}}", "not ".repeat(257)), "operators"),
            (format!("{{{{ a{} }}}}", ".b".repeat(257)), "operators"),
            (format!("{{{{ '{}' }}}}", "x".repeat(LONGEST)), "bytes"),
            ("{{ a".to_owned(), "closing"),
            ("{{ 'a }}".to_owned(), "does not end"),
            ("{{ a) }}".to_owned(), "closes nothing"),
            ("{{ }}".to_owned(), "nothing between"),
        ] {
            let fault = split(&text).unwrap_err();
            assert!(fault.0.contains(reason), "{fault}");
        }
    }
}
