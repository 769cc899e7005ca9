// A text is no address until it is parsed.
use pmos_core::Email;

fn mix_up(text: String) -> Email {
    Email(text)
}

fn main() {}
