// The catalogue may be far away, so it is asked on the way out alone.
use pmos_core::{Result, flow::FlowEngine};

async fn ask(engine: &dyn FlowEngine) -> Result<()> {
    engine.catalog().pieces(None).await?;
    Ok(())
}

fn main() {}
