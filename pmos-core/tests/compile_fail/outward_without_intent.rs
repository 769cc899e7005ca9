// A call out says what is written down before.
use pmos_core::{Result, action::Context};

async fn out(cx: &mut Context<'_>) -> Result<()> {
    cx.outward().await?;
    Ok(())
}

fn main() {}
