//! API keys, and the sealed data key.

use std::sync::Arc;

use super::Fixture;
use crate::{
    api_key::ApiKey,
    store::{Closing, Store},
    vault::Sealed,
};

/// A key is kept as it was made, with all its scopes in their order.
pub async fn a_key_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let expires_at = Some(fx.tick());
    for key in
        [ApiKey { expires_at, ..fx.api_key(Some(home.admin)) }, ApiKey { scopes: Vec::new(), ..fx.api_key(None) }]
    {
        let token = fx.token();
        fx.change(&home, async |unit| unit.api_keys().insert(&key, token).await.unwrap()).await;
        assert_eq!(fx.look(&home, async |unit| unit.api_keys().get(key.id).await.unwrap()).await, Some(key));
    }
}

/// A key is taken away once.
pub async fn a_key_is_taken_away_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (key, token) = fx.add_api_key(&home, None).await;
    let remove = async || fx.change(&home, async |unit| unit.api_keys().remove(key.id).await.unwrap()).await;
    assert!(remove().await);
    assert!(!remove().await);
    assert_eq!(fx.look(&home, async |unit| unit.api_keys().get(key.id).await.unwrap()).await, None);
    assert_eq!(fx.store.directory().api_key(token).await.unwrap(), None);
}

/// The keys of one who leaves go with them, and only theirs.
pub async fn the_keys_of_a_person_go_with_them(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let leaver = fx.id();
    for owner in [Some(leaver), Some(home.admin), None, Some(leaver)] {
        fx.add_api_key(&home, owner).await;
    }
    assert_eq!(fx.change(&home, async |unit| unit.api_keys().remove_of(leaver).await.unwrap()).await, 2);
    let page = Fixture::page(10, None, home.workspace);
    let left = fx.look(&home, async |unit| unit.api_keys().list(None, &page).await.unwrap()).await;
    assert_eq!(left.items.iter().map(|key| key.owner).collect::<Vec<_>>(), [None, Some(home.admin)]);
}

/// The last use of a key is noted.
pub async fn the_last_use_of_a_key_is_noted(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (key, _) = fx.add_api_key(&home, None).await;
    let at = fx.tick();
    assert!(fx.change(&home, async |unit| unit.api_keys().touch(key.id, at).await.unwrap()).await);
    let unknown = fx.id();
    assert!(!fx.change(&home, async |unit| unit.api_keys().touch(unknown, at).await.unwrap()).await);
    let kept = fx.look(&home, async |unit| unit.api_keys().get(key.id).await.unwrap()).await;
    assert_eq!(kept, Some(ApiKey { last_used_at: Some(at), ..key }));
}

/// Keys are listed, the newest first, page by page: all, or those of one person.
pub async fn pages_of_keys_hold_all_or_those_of_one_person(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let other = fx.id();
    let mut made = Vec::new();
    for owner in [Some(home.admin), Some(other), None, Some(home.admin), Some(home.admin)] {
        made.push(fx.add_api_key(&home, owner).await.0);
    }
    made.reverse();
    let pages = async |owner| {
        Fixture::pages(2, home.workspace, async |page| {
            fx.look(&home, async |unit| unit.api_keys().list(owner, page).await.unwrap()).await
        })
        .await
    };
    assert_eq!(pages(None).await.concat(), made);
    made.retain(|key| key.owner == Some(home.admin));
    let theirs = pages(Some(home.admin)).await;
    assert_eq!(theirs.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(theirs.concat(), made);
}

/// The first data key stays, so that what was sealed under it can be opened for good.
pub async fn the_first_data_key_stays(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    assert_eq!(fx.look(&home, async |unit| unit.data_keys().get().await.unwrap()).await, None);
    let (first, second) = (Sealed::from_bytes(vec![0, 255, 7]), Sealed::from_bytes(vec![9]));
    assert!(fx.change(&home, async |unit| unit.data_keys().put(&first).await.unwrap()).await);
    assert!(!fx.change(&home, async |unit| unit.data_keys().put(&second).await.unwrap()).await);
    assert_eq!(fx.look(&home, async |unit| unit.data_keys().get().await.unwrap()).await, Some(first));
}

/// Of many who make the first data key at the same time one succeeds, and all read the same.
pub async fn one_of_many_data_keys_is_kept(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let put = |n: u8| {
        let fx = fx.clone();
        tokio::spawn(async move {
            let mut unit = fx.write(&home).await;
            let kept = unit.data_keys().put(&Sealed::from_bytes(vec![n])).await.unwrap_or(false);
            (kept && unit.commit(Closing::default()).await.is_ok()).then_some(n)
        })
    };
    let kept: Vec<u8> =
        futures::future::join_all((0..8).map(put)).await.into_iter().filter_map(|put| put.unwrap()).collect();
    assert_eq!(kept.len(), 1);
    let key = fx.look(&home, async |unit| unit.data_keys().get().await.unwrap()).await.unwrap();
    assert_eq!(key.bytes(), kept);
}
