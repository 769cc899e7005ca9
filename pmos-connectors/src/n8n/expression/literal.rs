//! JavaScript string literals and identifiers, read and written.

/// Whether a character may stand in an identifier.
pub(super) fn in_identifier(c: char) -> bool {
    c == '$' || c == '_' || c.is_alphanumeric()
}

/// Whether a text can be written behind a dot.
pub(super) fn is_identifier(text: &str) -> bool {
    text.chars().next().is_some_and(|first| !first.is_numeric()) && text.chars().all(in_identifier)
}

/// The end of the identifier that begins at `at`.
pub(super) fn identifier_end(text: &str, at: usize) -> usize {
    text[at..].find(|c| !in_identifier(c)).map_or(text.len(), |length| at + length)
}

/// The end of the string literal that begins with a quote at `at`, behind its closing quote; the end of the text when
/// there is none.
pub(super) fn string_end(text: &str, at: usize) -> usize {
    let quote = text.as_bytes().get(at).copied().unwrap_or_default();
    let mut end = at + 1;
    while let Some(&byte) = text.as_bytes().get(end) {
        match byte {
            b'\\' => end += 2,
            _ if byte == quote => return end + 1,
            _ => end += 1,
        }
    }
    text.len()
}

/// The value and the end of the string literal at `at`; none when there is none, or its value is computed.
pub(super) fn read(text: &str, at: usize) -> Option<(String, char, usize)> {
    let quote = text[at..].chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let end = string_end(text, at);
    let inner = text.get(at + 1..end - 1).filter(|_| end > at + 1 && text[..end].ends_with(quote))?;
    if quote == '`' && inner.contains("${") {
        return None;
    }
    Some((unescape(inner)?, quote, end))
}

/// A literal with this value in these quotes. It never holds two closing braces in a row, which would end the expression
/// around it.
pub(super) fn write(value: &str, quote: char) -> String {
    let mut literal = String::with_capacity(value.len() + 2);
    literal.push(quote);
    let mut before = '\0';
    for c in value.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\u{2028}' => literal.push_str("\\u2028"),
            '\u{2029}' => literal.push_str("\\u2029"),
            '}' if before == '}' => literal.push_str("\\u007d"),
            '{' if before == '$' && quote == '`' => literal.push_str("\\{"),
            c if c == quote || c == '\\' => literal.extend(['\\', c]),
            c => literal.push(c),
        }
        before = c;
    }
    literal.push(quote);
    literal
}

fn unescape(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match rest.next()? {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            'b' => value.push('\u{8}'),
            'f' => value.push('\u{c}'),
            'v' => value.push('\u{b}'),
            '0' => value.push('\0'),
            'x' => value.push(character(&take(&mut rest, 2)?)?),
            'u' => value.push(unicode(&mut rest)?),
            '\n' => {}
            other => value.push(other),
        }
    }
    Some(value)
}

/// What stands behind `\u`: four digits, a pair of such for what needs two, or any number of digits in braces.
fn unicode(rest: &mut std::str::Chars<'_>) -> Option<char> {
    if let Some(braced) = rest.as_str().strip_prefix('{') {
        let (digits, behind) = braced.split_once('}')?;
        *rest = behind.chars();
        return character(digits);
    }
    let first = u32::from_str_radix(&take(rest, 4)?, 16).ok()?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    let second = rest.as_str().strip_prefix("\\u")?;
    *rest = second.chars();
    let second = u32::from_str_radix(&take(rest, 4)?, 16).ok()?.checked_sub(0xdc00)?;
    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)
}

fn take(rest: &mut std::str::Chars<'_>, count: usize) -> Option<String> {
    let digits: String = rest.by_ref().take(count).collect();
    (digits.len() == count).then_some(digits)
}

fn character(digits: &str) -> Option<char> {
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}
