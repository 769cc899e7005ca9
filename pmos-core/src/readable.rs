//! What people can see of a text they read.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Letters by their category that show nothing.
const BLANK: [char; 5] = ['\u{115f}', '\u{1160}', '\u{2800}', '\u{3164}', '\u{ffa0}'];

/// Whether a character hides, or turns around, what stands beside it. The joiners of scripts and emoji and the tags of flags
/// belong to what is seen.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.general_category() == GeneralCategory::Format && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{e0020}'..='\u{e007f}')
}

/// Whether there is anything to be seen.
pub(crate) fn is_visible(text: &str) -> bool {
    text.chars().any(|c| c.general_category() != GeneralCategory::Format && !c.is_whitespace() && !BLANK.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_text_is_told_from_what_joins_it() {
        for c in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{200e}', '\u{feff}', '\u{ad}', '\u{2060}'] {
            assert!(is_deceptive(c), "{c:?}");
        }
        assert!(!"👩\u{200d}💻 می\u{200c}خواهم naïve Ünïcode 🏴\u{e0067}\u{e007f} ❤\u{fe0f}".chars().any(is_deceptive));
    }

    #[test]
    fn a_text_of_blanks_shows_nothing() {
        for text in ["", " \u{a0}", "\u{3164}", "\u{200d}", "\u{2800}\u{115f}"] {
            assert!(!is_visible(text), "{text:?}");
        }
        assert!(is_visible("é") && is_visible("💻"));
    }
}
