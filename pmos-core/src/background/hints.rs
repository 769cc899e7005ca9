//! Hears the hints of other nodes.

use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{cluster::Told, services::Services};

pub(super) async fn work(services: Services, mut heard: Receiver<Told>) {
    loop {
        tokio::select! {
            told = heard.recv() => match told {
                Ok(told) => services.hear(&told),
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "hints were missed; everything that is believed is read again");
                    services.catch_up();
                }
                Err(RecvError::Closed) => return,
            },
            () = services.runs.stop.cancelled() => return,
        }
    }
}
