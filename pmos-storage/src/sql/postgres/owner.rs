//! That one process at a time works on a database.

use std::time::Duration;

use pmos_core::{Error, Result};
use sqlx::{
    PgConnection, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::sync::{oneshot, watch};

use crate::sql::wait::{Meanwhile, Standby};

const TRY: &str = "select pg_try_advisory_lock(hashtextextended('pmos ' || current_schema(), 0))";
const SIGN: &str = "select nextval('owners')";
const SIGNED: &str = "select last_value from owners";
/// A quiet connection is what this one should be, and a server has to notice soon when the process behind it is gone. Older
/// servers lack some of these settings.
const KEEP: &str = "select set_config(name, value, false) \
                    from (values ('idle_session_timeout', '0'), ('tcp_keepalives_idle', '10'), \
                    ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')) as wanted (name, value) \
                    where exists (select 1 from pg_settings where pg_settings.name = wanted.name)";

/// How long it waits before it tries to take a lost lock again.
const AGAIN: Duration = Duration::from_millis(250);

/// Whether this process has the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Yes,
    /// Its connection ended; nothing is committed until it is taken again.
    NotNow,
    /// Another process has worked on the database since.
    Elsewhere,
}

/// The lock, by a connection of its own that does nothing else.
#[derive(Debug)]
pub(super) struct Lock {
    pool: PgPool,
    listener: PgListener,
}

impl Lock {
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
        let mut listener = listen(&pool).await?;
        let mut standby = Standby::new(meanwhile);
        while !sqlx::query_scalar::<_, bool>(TRY).fetch_one(&mut listener).await? {
            if !standby.goes_on(store).await {
                return Ok(None);
            }
        }
        standby.ended(store);
        Ok(Some(Self { pool, listener }))
    }

    /// Signs the database and watches the lock from now on.
    pub(super) async fn sign(self, connection: &mut PgConnection) -> Result<Owner, sqlx::Error> {
        let signature: i64 = sqlx::query_scalar(SIGN).fetch_one(connection).await?;
        let held = watch::Sender::new(Held::Yes);
        let (release, released) = oneshot::channel();
        let (pool, listener) = (self.pool.clone(), self.listener);
        tokio::spawn(watch(pool, listener, signature, held.clone(), released));
        Ok(Owner { held, pool: self.pool, release: parking_lot::Mutex::new(Some(release)) })
    }
}

/// The lock, watched: when its connection ends it is taken again, unless another process had it in between.
#[derive(Debug)]
pub(super) struct Owner {
    held: watch::Sender<Held>,
    pool: PgPool,
    release: parking_lot::Mutex<Option<oneshot::Sender<()>>>,
}

impl Owner {
    /// Refuses while the lock is not held: another process may be at work already.
    pub(super) fn check(&self, operation: &'static str) -> Result<()> {
        let why = match *self.held.borrow() {
            Held::Yes => return Ok(()),
            Held::NotNow => "the lock on the database is not held at this moment; it is taken again",
            Held::Elsewhere => "another process works on the database; this one has to be started again",
        };
        Err(Error::unavailable(operation).because(why))
    }

    /// Returns when another process has worked on the database, so that this one cannot go on.
    pub(super) async fn lost(&self) {
        let mut held = self.held.subscribe();
        if held.wait_for(|held| *held == Held::Elsewhere).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Lets the next process in.
    pub(super) async fn release(&self) {
        // Dropped, it ends the watch.
        self.release.lock().take();
        self.pool.close().await;
    }
}

async fn watch(
    pool: PgPool,
    mut listener: PgListener,
    signature: i64,
    held: watch::Sender<Held>,
    mut released: oneshot::Receiver<()>,
) {
    loop {
        tokio::select! {
            () = ended(&mut listener) => {}
            _ = &mut released => break,
        }
        held.send_replace(Held::NotNow);
        tracing::warn!(
            "the connection that holds the lock on the database ended; nothing is committed until it is taken again"
        );
        // The pool has room for one.
        drop(listener);
        let taken = tokio::select! {
            taken = retake(&pool, signature) => taken,
            _ = &mut released => return,
        };
        let Some(again) = taken else {
            held.send_replace(Held::Elsewhere);
            tracing::error!("another process has taken the database over; this one has to be started again");
            return;
        };
        listener = again;
        held.send_replace(Held::Yes);
        tracing::info!("the lock on the database is held again");
    }
    held.send_replace(Held::NotNow);
}

/// This connection is never notified: it is quiet until it ends, and then at once.
async fn ended(listener: &mut PgListener) {
    while matches!(listener.try_recv().await, Ok(Some(_))) {}
}

/// Takes the lock again, however long the server is away; none when another process signed the database meanwhile.
async fn retake(pool: &PgPool, signature: i64) -> Option<PgListener> {
    loop {
        match attempt(pool).await {
            Ok((_, signed, _)) if signed != signature => return None,
            Ok((listener, _, true)) => return Some(listener),
            Ok((_, _, false)) => {}
            Err(cause) => tracing::debug!(%cause, "the lock on the database cannot be taken yet"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// A connection, who signed the database last, and whether the lock could be had.
async fn attempt(pool: &PgPool) -> Result<(PgListener, i64, bool), sqlx::Error> {
    let mut listener = listen(pool).await?;
    // First the lock: who has it signs before anything else.
    let taken = sqlx::query_scalar(TRY).fetch_one(&mut listener).await?;
    let signed = sqlx::query_scalar(SIGNED).fetch_one(&mut listener).await?;
    Ok((listener, signed, taken))
}

async fn listen(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    sqlx::query(KEEP).fetch_all(&mut listener).await?;
    Ok(listener)
}
