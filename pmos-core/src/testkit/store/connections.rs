//! Stored credentials.

use std::sync::Arc;

use super::Fixture;
use crate::{
    connection::{Connection, SealedConnection},
    store::Store,
    testkit::fixture::label,
    vault::{CredentialKind, Sealed},
};

/// A credential is kept as it was made, the sealed secret byte for byte.
pub async fn a_credential_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let every_byte = Sealed::from_bytes((0..=255).collect());
    let made = SealedConnection { secret: every_byte.clone(), ..fx.connection("Läger") };
    let id = made.connection.id;
    fx.change(&home, async |unit| unit.connections().insert(&made).await.unwrap()).await;
    let kept = fx.look(&home, async |unit| unit.connections().sealed(id).await.unwrap()).await.unwrap();
    assert_eq!((&kept.connection, &kept.secret), (&made.connection, &every_byte));
    let shown = fx.look(&home, async |unit| unit.connections().get(id).await.unwrap()).await;
    assert_eq!(shown, Some(made.connection));
}

/// A credential with nothing optional about it is kept as well.
pub async fn a_credential_may_have_empty_parts(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let SealedConnection { connection, .. } = fx.connection("Mail");
    let connection = Connection { hosts: Vec::new(), secret_name: String::new(), last_four: None, ..connection };
    let made = SealedConnection { connection, secret: Sealed::from_bytes(Vec::new()) };
    fx.change(&home, async |unit| unit.connections().insert(&made).await.unwrap()).await;
    let kept = fx.look(&home, async |unit| unit.connections().sealed(made.connection.id).await.unwrap()).await.unwrap();
    assert_eq!((kept.connection, kept.secret), (made.connection, made.secret));
}

/// An update replaces everything but id, kind and the time it was made.
pub async fn a_credential_is_replaced_but_for_its_kind(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let before = fx.add_connection(&home, "Mail").await.connection;
    let connection = Connection {
        id: before.id,
        kind: CredentialKind::Bearer,
        name: label("Post"),
        hosts: vec!["mail.example.com".parse().unwrap()],
        secret_name: String::new(),
        last_four: None,
        created_at: fx.tick(),
        updated_at: fx.tick(),
    };
    let wanted = SealedConnection { connection, secret: Sealed::from_bytes(vec![4]) };
    assert!(fx.change(&home, async |unit| unit.connections().update(&wanted).await.unwrap()).await);
    let kept = fx.look(&home, async |unit| unit.connections().sealed(before.id).await.unwrap()).await.unwrap();
    let (kind, created_at) = (before.kind, before.created_at);
    assert_eq!(kept.connection, Connection { kind, created_at, ..wanted.connection });
    assert_eq!(kept.secret, wanted.secret);
    let unknown = fx.connection("Nowhere");
    assert!(!fx.change(&home, async |unit| unit.connections().update(&unknown).await.unwrap()).await);
}

/// A credential is taken away once, its secret with it.
pub async fn a_credential_is_taken_away_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let id = fx.add_connection(&home, "Mail").await.connection.id;
    let remove = async || fx.change(&home, async |unit| unit.connections().remove(id).await.unwrap()).await;
    assert!(remove().await);
    assert!(!remove().await);
    assert!(fx.look(&home, async |unit| unit.connections().sealed(id).await.unwrap()).await.is_none());
}

/// Credentials are listed, the newest first, page by page.
pub async fn pages_of_credentials_follow_on_each_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let mut made = Vec::new();
    for name in ["Mail", "Shop", "Chat"] {
        made.push(fx.add_connection(&home, name).await.connection);
    }
    let pages = Fixture::pages(1, home.workspace, async |page| {
        fx.look(&home, async |unit| unit.connections().list(page).await.unwrap()).await
    });
    made.reverse();
    assert_eq!(pages.await.concat(), made);
}
