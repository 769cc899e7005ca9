//! Calls that wait for an approval.

use std::sync::Arc;

use super::Fixture;
use crate::{
    Channel,
    store::{Closing, ParkedCall, Remembered, Store, StoredAnswer},
    testkit::fixture::{answer_key, raw},
    vault::Sealed,
};

fn call(fx: &Fixture, secrets: Option<Vec<u8>>) -> ParkedCall {
    ParkedCall {
        id: fx.id(),
        requester: fx.id(),
        channel: Channel::Agent,
        action: "connections.create".to_owned(),
        input: raw(r#"{ "name":"Shop", "n":1.0 }"#),
        secrets: secrets.map(Sealed::from_bytes),
        key: Some("key-1".to_owned()),
        at: fx.tick(),
    }
}

/// What waits comes back as it was kept, letter for letter.
pub async fn a_parked_call_is_kept_as_it_came(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for call in [call(&fx, Some(vec![1, 2, 3])), ParkedCall { key: None, ..call(&fx, None) }] {
        fx.change(&home, async |unit| unit.parked().insert(&call).await.unwrap()).await;
        let kept = fx.look(&home, async |unit| unit.parked().get(call.id).await.unwrap()).await.unwrap();
        assert_eq!(format!("{kept:?}"), format!("{call:?}"));
        assert_eq!(kept.secrets.map(|kept| kept.bytes().to_vec()), call.secrets.map(|sealed| sealed.bytes().to_vec()));
    }
}

/// It is taken out once, however many try at the same time, and with it goes the answer that it waits.
pub async fn a_parked_call_is_taken_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (call, other) = (call(&fx, None), fx.answer("other"));
    let waits = StoredAnswer { answer: Remembered::Parked(call.id), ..fx.answer("k") };
    let mut unit = fx.write(&home).await;
    unit.parked().insert(&call).await.unwrap();
    unit.commit(Closing { answer: Some(waits), ..Closing::default() }).await.unwrap();
    fx.write(&home).await.commit(Closing { answer: Some(other), ..Closing::default() }).await.unwrap();
    let found = fx.look(&home, async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await.unwrap();
    assert!(matches!(found.answer, Remembered::Parked(id) if id == call.id), "{found:?}");
    let take = |_| {
        let (fx, id) = (fx.clone(), call.id);
        tokio::spawn(async move {
            let mut unit = fx.write(&home).await;
            let taken = unit.parked().take(id).await?;
            if taken {
                unit.commit(Closing { answer: Some(fx.answer("k")), ..Closing::default() }).await?;
            }
            Ok::<bool, crate::Error>(taken)
        })
    };
    let taken = futures::future::join_all((0..6).map(take)).await;
    assert_eq!(taken.into_iter().filter(|taken| matches!(taken, Ok(Ok(true)))).count(), 1);
    assert!(fx.look(&home, async |unit| unit.parked().get(call.id).await.unwrap()).await.is_none());
    for key in ["k", "other"] {
        let found = fx.look(&home, async |unit| unit.idempotency().get(&answer_key(key)).await.unwrap()).await;
        assert!(matches!(found.unwrap().answer, Remembered::Done(Some(_))), "{key}");
    }
}

/// To another workspace it is not there, neither to see nor to take.
pub async fn a_parked_call_belongs_to_one_workspace(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, elsewhere) = (fx.found("ada").await, fx.found("bob").await);
    let call = call(&fx, None);
    fx.change(&home, async |unit| unit.parked().insert(&call).await.unwrap()).await;
    assert!(fx.look(&elsewhere, async |unit| unit.parked().get(call.id).await.unwrap()).await.is_none());
    assert!(!fx.change(&elsewhere, async |unit| unit.parked().take(call.id).await.unwrap()).await);
    assert!(fx.look(&home, async |unit| unit.parked().get(call.id).await.unwrap()).await.is_some());
}
