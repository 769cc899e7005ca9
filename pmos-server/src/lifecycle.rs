//! The process from its start to its end.
//!
//! A first signal asks to stop: nothing new is taken, what is under way ends within ten seconds, streams are told to
//! come back, runs that are not done are gone on with by the next process. A second signal stops at once.

use std::{io::Write as _, net::SocketAddr, time::Duration};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Fault, RouterConfig,
    config::Settings,
    control::{self, Control},
    listen, router, telemetry, wiring,
};

/// How long requests under way may take to end.
const FOR_REQUESTS: Duration = Duration::from_secs(9);
/// How long runs may take after them.
const FOR_RUNS: Duration = Duration::from_secs(1);
/// How often samples are folded, so that they do not pile up between two visits of a collector.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves until `stop` is cancelled, then stops in good order.
///
/// # Errors
/// When the server cannot start, with what is in the way.
pub async fn serve(settings: Settings, stop: CancellationToken) -> Result<(), Fault> {
    let (listener, store) = if settings.standby {
        // The store first: on the same machine the other process still has the address, too.
        let store = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            store = wiring::take_over_store(&settings) => store?,
        };
        (bind(settings.listen).await?, store)
    } else {
        (bind(settings.listen).await?, wiring::open_store(&settings).await?)
    };
    let address = listener.local_addr().map_err(|cause| Fault::Listen { address: settings.listen, cause })?;
    let instance = wiring::build(&settings, store, address).await?;
    let pmos = instance.pmos;
    let background = TaskTracker::new();
    for job in pmos.background()? {
        background.spawn(job);
    }
    let metrics = telemetry::measure()?;
    let upkeep = tokio::spawn({
        let metrics = metrics.clone();
        async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                metrics.run_upkeep();
            }
        }
    });
    let routes = router(
        pmos.clone(),
        RouterConfig {
            public_url: settings.public_url.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            metrics: Some(metrics),
            metrics_token: settings.metrics_token.clone(),
            stopping: stop.clone(),
        },
    );
    if let Some(code) = &instance.setup_code {
        telemetry::tell(format_args!("setup code for the first account: {}", code.expose()));
    }
    let control = Control::begin(control::socket(&settings), pmos.clone());
    if let Err(cause) = &control {
        tracing::warn!(%cause, "commands beside the server cannot be taken, so `admin` works only while it is stopped");
    }
    // A server that lost its store answers 503 to everything; a supervisor starts it again.
    let lost = tokio::spawn({
        let (pmos, stop) = (pmos.clone(), stop.clone());
        async move {
            pmos.lost().await;
            stop.cancel();
        }
    });
    announce(address);
    let connections = listen::accept(listener, routes, stop).await;
    let began = tokio::time::Instant::now();
    if tokio::time::timeout(FOR_REQUESTS, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    drop(control);
    pmos.shut_down();
    background.close();
    let left = FOR_REQUESTS.saturating_sub(began.elapsed()) + FOR_RUNS;
    if tokio::time::timeout(left, background.wait()).await.is_err() {
        tracing::warn!("some runs did not end in time; the next process goes on with them");
    }
    upkeep.abort();
    pmos.close().await;
    if lost.is_finished() {
        return Err(Fault::Lost);
    }
    lost.abort();
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|cause| Fault::Listen { address, cause })
}

/// The one line on stdout that scripts wait for.
fn announce(address: SocketAddr) {
    let mut out = std::io::stdout().lock();
    // The reader may be gone; that is no reason not to serve.
    let _ = writeln!(out, "listening on http://{address}");
    let _ = out.flush();
}

/// Cancelled by the first signal to stop. The second ends the process at once.
///
/// # Errors
/// When signals cannot be heard.
pub fn stop_on_signals() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stopping = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stopping.is_cancelled() {
                std::process::exit(1);
            }
            stopping.cancel();
            tracing::info!("stopping");
        }
    });
    Ok(stop)
}
