// While a unit is held there is no way out.
use pmos_core::{
    Result,
    action::{Context, Intent},
};

async fn both(cx: &mut Context<'_>) -> Result<()> {
    let unit = cx.read().await?;
    let outward = cx.outward(Intent::none()).await?;
    unit.flows().count().await?;
    drop(outward);
    Ok(())
}

fn main() {}
