//! Exclusive ownership of a file, across processes.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use crate::sql::{
    OpenError,
    wait::{Meanwhile, Standby},
};

/// Takes the file for this process until the guard is dropped or the process ends, however it ends.
pub(super) async fn take(path: &Path, meanwhile: Meanwhile) -> Result<File, OpenError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let files = |cause| OpenError::Files { path: beside.clone().into(), cause };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(files)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&beside).map_err(files)?;
    let (mut standby, store) = (Standby::new(meanwhile), path.display().to_string());
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if standby.goes_on(&store).await => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Held(store)),
            Err(TryLockError::Error(cause)) => return Err(files(cause)),
        }
    }
    standby.ended(&store);
    Ok(file)
}
