//! Secrets in what a service says again of what it was sent.

use std::{cmp::Reverse, collections::BTreeSet, fmt::Write as _};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use pmos_core::run::MASKED;
use zeroize::Zeroizing;

/// What is shorter stands in any text by chance.
const SHORTEST: usize = 6;

/// The forms in which secrets may come back: as they are, reversed, in hexadecimal digits, in base64 wherever it begins, as
/// JSON and URLs write them.
pub(crate) struct Echo(Vec<Zeroizing<String>>);

impl Echo {
    /// Of these secrets.
    pub(crate) fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut forms = BTreeSet::new();
        for secret in secrets {
            let plain = [secret.to_owned(), BASE64_STANDARD.encode(secret), json(secret)];
            let turned = [secret.chars().rev().collect(), hex(secret), hex(secret).to_ascii_uppercase()];
            for form in plain.into_iter().chain(turned).chain(within_base64(secret)) {
                forms.extend(in_urls(&form));
                forms.insert(form);
            }
        }
        let mut forms: Vec<_> = forms.into_iter().filter(|form| form.len() >= SHORTEST).map(Zeroizing::new).collect();
        // The longest first: one form may be a part of another.
        forms.sort_by_key(|form| Reverse(form.len()));
        Self(forms)
    }

    /// The text without them; none when there is nothing to hide.
    pub(crate) fn hide(&self, text: &str) -> Option<String> {
        let mut hidden: Option<String> = None;
        for form in &self.0 {
            let so_far = hidden.as_deref().unwrap_or(text);
            if so_far.contains(form.as_str()) {
                hidden = Some(so_far.replace(form.as_str(), MASKED));
            }
        }
        hidden
    }
}

fn hex(secret: &str) -> String {
    secret.bytes().fold(String::with_capacity(secret.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// As it stands inside a text of JSON.
fn json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// The letters of base64 that are the same whatever stands before and after the secret, for each of the three places it may
/// begin at.
fn within_base64(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(secret.as_bytes());
        // Six bits a letter: those that hold a bit of a neighbour are left out.
        let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for text in [BASE64_STANDARD_NO_PAD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes)] {
            forms.extend(text.get(first..end).map(str::to_owned));
        }
    }
    forms
}

/// As it stands in a query, in a path, and with small digits.
fn in_urls(form: &str) -> [String; 4] {
    let query: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
    let path = query.replace('+', "%20");
    let small = |text: &str| {
        let mut parts = text.split('%');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            let (digits, rest) = part.split_at(part.len().min(2));
            text + "%" + &digits.to_ascii_lowercase() + rest
        })
    };
    [small(&query), small(&path), query, path]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_disguise() {
        const SECRET: &str = "s3cr/t?key+é\"1";
        let echo = Echo::of([SECRET]);
        let reversed: String = SECRET.chars().rev().collect();
        let upper = hex(SECRET).to_ascii_uppercase();
        let mut disguises =
            vec![SECRET.to_owned(), reversed, hex(SECRET), upper, json(SECRET), BASE64_STANDARD.encode(SECRET)];
        disguises.extend(in_urls(SECRET));
        for (before, after) in [("", ""), ("u", ":"), ("user", "x"), ("Basic user:", "\n")] {
            let text = format!("{before}{SECRET}{after}");
            disguises.push(BASE64_STANDARD.encode(&text));
            disguises.push(BASE64_URL_SAFE_NO_PAD.encode(&text));
            disguises.extend(in_urls(&format!("Basic {}", BASE64_STANDARD.encode(&text))));
        }
        for disguise in &disguises {
            let hidden =
                echo.hide(&format!("it was <{disguise}>")).unwrap_or_else(|| panic!("{disguise} is not found"));
            assert!(hidden.contains(MASKED) && !hidden.contains(disguise.as_str()), "{disguise}: {hidden}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        let echo = Echo::of(["hunter22", "abc"]);
        for text in ["hunter", "abc", "", "aHVudGVy", "22retnu"] {
            assert_eq!(echo.hide(text), None, "{text}");
        }
        assert_eq!(echo.hide("a hunter22 b").as_deref(), Some("a *** b"));
    }
}
