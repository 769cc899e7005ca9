use crate::{Fault, config::Settings, serve, stop_on_signals, telemetry};

pub(super) async fn run(settings: Settings) -> Result<(), Fault> {
    let traces = telemetry::begin(&settings)?;
    let served = serve(settings, stop_on_signals()?).await;
    traces.end().await;
    served
}
