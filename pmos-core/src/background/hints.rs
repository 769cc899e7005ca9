//! Hears the hints of other nodes.

use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{Pmos, cluster::Told};

pub(super) async fn work(pmos: Pmos, mut heard: Receiver<Told>) {
    loop {
        tokio::select! {
            told = heard.recv() => match told {
                Ok(told) => pmos.hear(&told),
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "hints were missed; everything that is believed is read again");
                    pmos.catch_up();
                }
                Err(RecvError::Closed) => return,
            },
            () = pmos.runs().stop.cancelled() => return,
        }
    }
}
