//! The master key: 32 random bytes in a file of its own, under which every stored secret is sealed.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use pmos_core::Clock;
use zeroize::Zeroizing;

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is data, and the key it was sealed with is gone.
    #[error(
        "the master key {0} is missing, and the store already holds data that is sealed with it. \
         Put the key back, or name it with PMOS_MASTER_KEY_FILE"
    )]
    Missing(PathBuf),
    /// This is not the key the data was sealed with.
    #[error("{0} is not the master key that this data was sealed with. Put the right one back")]
    Wrong(PathBuf),
    /// The file holds something else.
    #[error("{0} must hold 64 hexadecimal digits, 32 random bytes; `openssl rand -hex 32` makes them")]
    Form(PathBuf),
    /// It lies open to others.
    #[error("{0} can be read by others on this machine. Close it: chmod 600 {0}")]
    Open(PathBuf),
    /// It cannot be read or written.
    #[error("the master key {path} cannot be used: {cause}")]
    Files {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Sealing failed.
    #[error("{0}")]
    Core(#[from] pmos_core::Error),
}

/// A key, and whether it was just made.
#[derive(Debug)]
pub(crate) struct Key {
    /// The 32 bytes.
    pub(crate) bytes: Zeroizing<[u8; 32]>,
    /// There was none before.
    pub(crate) is_new: bool,
}

/// Reads the key, or makes one as long as there is nothing yet that an older one sealed.
///
/// # Errors
/// When it is missing although there is data, or is not a key.
pub(crate) fn open(path: &Path, has_data: bool, clock: &dyn Clock) -> Result<Key, KeyError> {
    let found = match fs::read_to_string(path) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(cause) if cause.kind() == ErrorKind::NotFound => None,
        Err(cause) => return Err(files(path, cause)),
    };
    match found {
        Some(text) => {
            closed(path)?;
            let mut bytes = Zeroizing::new([0; 32]);
            hex::decode_to_slice(text.trim(), bytes.as_mut()).map_err(|_| KeyError::Form(path.to_owned()))?;
            Ok(Key { bytes, is_new: false })
        }
        None if has_data => Err(KeyError::Missing(path.to_owned())),
        None => make(path, clock),
    }
}

fn make(path: &Path, clock: &dyn Clock) -> Result<Key, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    clock.random(bytes.as_mut())?;
    let text = Zeroizing::new(format!("{}\n", hex::encode(*bytes)));
    write(path, text.as_bytes()).map_err(|cause| files(path, cause))?;
    Ok(Key { bytes, is_new: true })
}

/// On disk before anything is sealed with it: a key that a power cut takes away takes the secrets with it.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn closed(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_err(|cause| files(path, cause))?.permissions().mode();
    // A key that a container platform mounts may belong to the group; others may not read it.
    if mode % 0o10 == 0 { Ok(()) } else { Err(KeyError::Open(path.to_owned())) }
}

#[cfg(not(unix))]
fn closed(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

fn files(path: &Path, cause: std::io::Error) -> KeyError {
    KeyError::Files { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use pmos_core::SystemClock;

    use super::*;

    #[test]
    fn the_first_start_makes_a_key_that_only_its_owner_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = open(&path, false, &SystemClock).unwrap();
        assert!(made.is_new);
        let again = open(&path, true, &SystemClock).unwrap();
        assert!(!again.is_new);
        assert_eq!(*made.bytes, *again.bytes);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_lost_key_is_not_replaced_while_there_is_data() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(open(&path, true, &SystemClock), Err(KeyError::Missing(_))));
        assert!(!path.exists());
    }

    #[test]
    fn a_key_that_is_none_or_lies_open_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        open(&path, false, &SystemClock).unwrap();
        fs::write(&path, "secret").unwrap();
        assert!(matches!(open(&path, true, &SystemClock), Err(KeyError::Form(_))));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(open(&path, true, &SystemClock), Err(KeyError::Open(_))));
        }
    }
}
