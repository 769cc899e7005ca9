//! What n8n tells its own editor while a run is at work, over a socket.

use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt};
use secrecy::ExposeSecret;

use super::{Account, Auth, Call, Client, Fault, PUSH, Pushed, Site};
use crate::outbound::{ErrorKind, Outbound, OutboundError, OutboundRequest, OutboundSocket};

/// n8n shows once a minute that it is there.
const SILENCE: Duration = Duration::from_secs(150);
/// How often a socket that broke is opened again; it breaks over every message that is too large.
const AGAIN: usize = 5;

/// How much is listened to; a server that tells without end is not worth it.
const MOST: usize = 20_000;

/// What is told, as it comes; what cannot be read is left out. Ends when the socket does.
pub(in crate::n8n) type Pushes = BoxStream<'static, Pushed>;

impl Client {
    /// Has n8n tell of the run that will be started under `reference`, in a session of the account. None when the socket
    /// does not open soon.
    ///
    /// # Errors
    /// When there is no session to be had.
    pub(in crate::n8n) async fn listen(
        &self,
        site: &Site,
        account: &Account,
        reference: &str,
    ) -> Result<Option<Pushes>, Fault> {
        if self.deaf.contains_key(site) {
            return Ok(None);
        }
        let cookie = self.session(site, account).await?;
        let call = Call::to(PUSH, &[]).query("pushRef", reference).header("origin", site.origin());
        let request = self.upstream.request(site, Auth::Cookie(cookie.expose_secret()), &call)?;
        let push =
            Push { outbound: self.upstream.outbound(site).clone(), request: request.timeout(self.limits().socket) };
        match push.open().await {
            Ok(socket) => Ok(Some(push.told(socket))),
            Err(error) => {
                tracing::debug!(%error, "n8n does not tell of a run while it is at work");
                // The next starts shall not wait for it, too.
                if matches!(error.kind(), ErrorKind::Timeout { .. }) {
                    self.deaf.insert(site.clone(), ());
                }
                Ok(None)
            }
        }
    }
}

struct Push {
    outbound: Outbound,
    request: OutboundRequest,
}

impl Push {
    async fn open(&self) -> Result<OutboundSocket, OutboundError> {
        self.outbound.socket(self.request.clone()).await
    }

    fn told(self, socket: OutboundSocket) -> Pushes {
        let told = stream::unfold((self, socket, AGAIN), |(push, mut socket, mut again)| async move {
            loop {
                let Ok(message) = socket.next(SILENCE).await? else {
                    again = again.checked_sub(1)?;
                    socket = push.open().await.ok()?;
                    continue;
                };
                match serde_json::from_slice(&message) {
                    Ok(pushed) => {
                        let pushed = Pushed { bytes: message.len(), ..pushed };
                        return Some((pushed, (push, socket, again)));
                    }
                    Err(error) => tracing::trace!(%error, "what n8n told is left out"),
                }
            }
        });
        told.take(MOST).boxed()
    }
}
