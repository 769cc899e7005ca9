// An action works with what its context lends, not with the whole instance.
use pmos_core::action::Context;

fn past(cx: &Context<'_>) {
    let _ = cx.pmos();
}

fn main() {}
