// Nor a name.
use pmos_core::workspace::Label;

fn mix_up(text: String) -> Label {
    Label::from(text)
}

fn main() {}
