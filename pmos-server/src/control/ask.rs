//! The side of the command.

use std::{
    io::{Error, ErrorKind},
    path::Path,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
};

use super::{Command, MOST, Reply};

/// Asks the server that listens there; none when no server does.
///
/// # Errors
/// When it listens and does not answer, or this user may not ask.
pub(crate) async fn ask(socket: &Path, command: &Command) -> Result<Option<Reply>, Error> {
    let mut stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(cause) => match cause.kind() {
            // A socket that a killed server left behind refuses; where the path is too long for one, there is none.
            ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput => return Ok(None),
            _ => return Err(cause),
        },
    };
    stream.write_all(&serde_json::to_vec(command)?).await?;
    stream.shutdown().await?;
    let mut reply = Vec::new();
    stream.take(MOST).read_to_end(&mut reply).await?;
    if reply.is_empty() {
        return Err(Error::new(
            ErrorKind::PermissionDenied,
            "the server is run by another user; run this as that user",
        ));
    }
    Ok(Some(serde_json::from_slice(&reply)?))
}
