//! The side of the server.

use std::{fs, io, os::unix::fs::MetadataExt as _, path::PathBuf, time::Duration};

use pmos_core::Pmos;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

use super::{Command, MOST, Reply, carry_out};

/// How long a command may take to arrive.
const SLOWEST: Duration = Duration::from_secs(5);
/// How long to wait when there are no more file handles.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Listens for commands until it is dropped.
pub(crate) struct Control {
    socket: PathBuf,
    task: JoinHandle<()>,
}

impl Control {
    /// Begins to listen. The store is this process's already, so what stands there was left behind.
    pub(crate) fn begin(socket: PathBuf, pmos: Pmos) -> io::Result<Self> {
        match fs::remove_file(&socket) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        let listener = UnixListener::bind(&socket)?;
        // Whose the socket is, is who runs the server.
        let owner = fs::metadata(&socket)?.uid();
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) if may_ask(&stream, owner) => {
                        tokio::spawn(serve(stream, pmos.clone()));
                    }
                    Ok(_) => tracing::warn!("another user of this machine tried to give the server a command"),
                    Err(cause) => {
                        tracing::warn!(%cause, "commands cannot be taken");
                        tokio::time::sleep(EXHAUSTED).await;
                    }
                }
            }
        });
        Ok(Self { socket, task })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
        // One that stays is taken for left behind.
        fs::remove_file(&self.socket).ok();
    }
}

/// The user who runs the server, and root.
fn may_ask(stream: &UnixStream, owner: u32) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0)
}

async fn serve(mut stream: UnixStream, pmos: Pmos) {
    let answered = async {
        let mut command = Vec::new();
        let mut bounded = (&mut stream).take(MOST);
        let read = bounded.read_to_end(&mut command);
        tokio::time::timeout(SLOWEST, read).await.map_err(io::Error::from)??;
        let reply = match serde_json::from_slice(&command) {
            Ok(command) => obey(&pmos, &command).await,
            Err(fault) => Reply::Failed(format!("the server does not know this command, {fault}")),
        };
        stream.write_all(&serde_json::to_vec(&reply)?).await?;
        stream.shutdown().await
    };
    if let Err(cause) = answered.await {
        tracing::debug!(%cause, "a command broke off");
    }
}

async fn obey(pmos: &Pmos, command: &Command) -> Reply {
    let Some(accounts) = pmos.accounts() else {
        return Reply::Failed("this server has no accounts of its own".to_owned());
    };
    let done = carry_out(accounts, pmos.clock(), pmos.public_url(), command).await;
    if matches!(done, Ok(Reply::Granted)) {
        pmos.rights_changed();
    }
    done.unwrap_or_else(|error| Reply::Failed(error.to_string()))
}
