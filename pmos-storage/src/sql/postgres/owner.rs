//! That one process at a time works on a database.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use pmos_core::{Error, Result};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::sync::oneshot;

use crate::sql::wait::{Meanwhile, Standby};

/// The lock, watched: when its connection ends, it is lost.
#[derive(Debug)]
pub(super) struct Owner {
    held: Arc<AtomicBool>,
    pool: PgPool,
    release: parking_lot::Mutex<Option<oneshot::Sender<()>>>,
}

const TRY: &str = "select pg_try_advisory_lock(hashtextextended('pmos ' || current_schema(), 0))";

impl Owner {
    /// Takes the lock; none when another process holds it.
    pub(super) async fn take(
        options: PgConnectOptions,
        store: &str,
        meanwhile: Meanwhile,
    ) -> Result<Option<Self>, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.application_name("pmos owner"))
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        let mut standby = Standby::new(meanwhile);
        loop {
            let taken: bool = sqlx::query_scalar(TRY).fetch_one(&mut listener).await?;
            if taken {
                break;
            }
            if !standby.goes_on(store).await {
                return Ok(None);
            }
        }
        standby.ended(store);
        let held = Arc::new(AtomicBool::new(true));
        let (release, released) = oneshot::channel();
        tokio::spawn(watch(listener, Arc::clone(&held), released));
        Ok(Some(Self { held, pool, release: parking_lot::Mutex::new(Some(release)) }))
    }

    /// Refuses when the lock is lost: another process may be at work already.
    pub(super) fn check(&self, operation: &'static str) -> Result<()> {
        if self.held.load(Ordering::Acquire) {
            Ok(())
        } else {
            Err(Error::unavailable(operation).because("this process lost its lock on the database; start it again"))
        }
    }

    /// Lets the next process in.
    pub(super) async fn release(&self) {
        // Dropped, it ends the watch.
        self.release.lock().take();
        self.pool.close().await;
    }
}

/// This connection is never notified: it is quiet until it ends, and then at once.
async fn watch(mut listener: PgListener, held: Arc<AtomicBool>, mut released: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            heard = listener.try_recv() => if !matches!(heard, Ok(Some(_))) {
                tracing::error!("the lock on the database is lost; nothing more is committed");
                break;
            },
            _ = &mut released => break,
        }
    }
    held.store(false, Ordering::Release);
}
