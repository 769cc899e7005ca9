//! Limits.

use std::sync::Arc;

use super::Fixture;
use crate::{
    quota::QuotaKey,
    store::{Closing, Store},
};

/// Nothing is limited until a limit is set.
pub async fn a_new_workspace_is_unlimited(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    assert!(fx.look(&home, async |unit| unit.quotas().all().await.unwrap()).await.is_empty());
    for key in QuotaKey::ALL {
        assert_eq!(fx.look(&home, async |unit| unit.quotas().get(key).await.unwrap()).await, None);
    }
}

/// A limit is set, replaced and lifted; 0 is a limit too.
pub async fn a_limit_is_set_replaced_and_lifted(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let set = async |key, limit| fx.change(&home, async |unit| unit.quotas().set(key, limit).await.unwrap()).await;
    let all = async || {
        let mut all = fx.look(&home, async |unit| unit.quotas().all().await.unwrap()).await;
        all.sort_unstable();
        all
    };
    for key in QuotaKey::ALL {
        set(key, Some(10)).await;
    }
    set(QuotaKey::Flows, Some(0)).await;
    set(QuotaKey::Members, None).await;
    set(QuotaKey::Members, None).await;
    let left = QuotaKey::ALL.into_iter().filter(|key| *key != QuotaKey::Members);
    let mut left: Vec<_> = left.map(|key| (key, if key == QuotaKey::Flows { 0 } else { 10 })).collect();
    left.sort_unstable();
    assert_eq!(all().await, left);
    assert_eq!(fx.look(&home, async |unit| unit.quotas().get(QuotaKey::Flows).await.unwrap()).await, Some(0));
}

/// Two units that each take the last place under a limit do not both get it.
pub async fn the_last_place_under_a_limit_is_given_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.change(&home, async |unit| unit.quotas().set(QuotaKey::Flows, Some(3)).await.unwrap()).await;
    let take = |n: usize| {
        let fx = fx.clone();
        tokio::spawn(async move {
            let mut unit = fx.write(&home).await;
            let limit = unit.quotas().get(QuotaKey::Flows).await?.unwrap();
            if unit.flows().count().await? < limit {
                unit.flows().insert(&fx.flow(&format!("Flow {n}"))).await?;
            }
            unit.commit(Closing::default()).await
        })
    };
    for outcome in futures::future::join_all((0..8).map(take)).await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 3);
}
