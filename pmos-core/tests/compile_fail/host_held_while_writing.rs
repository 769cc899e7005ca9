// What speaks to an engine does not outlive the way out, so it is not held together with a unit either.
use pmos_core::{
    Result,
    action::{Context, Intent},
    engine::Tenancy,
    flow::FlowEngine,
};

async fn both(cx: &mut Context<'_>, engine: &dyn FlowEngine, tenancy: &Tenancy) -> Result<()> {
    let outward = cx.outward(Intent::begun()).await?;
    let host = outward.host(engine)?;
    let unit = cx.write().await?;
    host.check(tenancy).await;
    unit.flows().count().await?;
    Ok(())
}

fn main() {}
