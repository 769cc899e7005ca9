//! Exclusive ownership of a file, across processes.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use crate::sql::OpenError;

/// Takes the file for this process until the guard is dropped or the process ends, however it ends.
pub(super) fn take(path: &Path) -> Result<File, OpenError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let files = |cause| OpenError::Files { path: beside.clone().into(), cause };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(files)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&beside).map_err(files)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Held(path.display().to_string())),
        Err(TryLockError::Error(cause)) => Err(files(cause)),
    }
}
