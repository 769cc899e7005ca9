use crate::{Fault, config::Settings, log, serve, stop_on_signals};

pub(super) async fn run(settings: Settings) -> Result<(), Fault> {
    log(&settings.log);
    serve(settings, stop_on_signals()?).await
}
