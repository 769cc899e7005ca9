// A text is no id until it is parsed.
use pmos_core::FlowId;

fn mix_up(text: String) -> FlowId {
    text.into()
}

fn main() {}
