//! The workspace log.

use std::sync::Arc;

use super::Fixture;
use crate::{
    Actor, Role,
    audit::Subject,
    event::{Audience, Event, NewEvent},
    store::{Closing, Store},
};

fn numbers(events: &[Event]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

/// Numbers begin at 1 and have no gaps, whatever commits and whatever was given up in between.
pub async fn events_are_numbered_densely_in_commit_order(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    assert_eq!(fx.look(&home, async |unit| unit.events().head().await.unwrap()).await, 0);
    assert_eq!(numbers(&fx.emit(&home, vec![fx.event("a"), fx.event("b")]).await), [1, 2]);
    drop(fx.write(&home).await);
    assert!(fx.emit(&home, Vec::new()).await.is_empty());
    assert_eq!(numbers(&fx.emit(&home, vec![fx.event("c")]).await), [3]);
    let log = fx.look(&home, async |unit| unit.events().after(0, 10).await.unwrap()).await;
    assert_eq!(log.iter().map(|event| (event.seq, &*event.kind)).collect::<Vec<_>>(), [(1, "a"), (2, "b"), (3, "c")]);
    assert_eq!(fx.look(&home, async |unit| unit.events().head().await.unwrap()).await, 3);
}

/// Each workspace counts for itself.
pub async fn each_workspace_numbers_its_own_events(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    fx.emit(&home, vec![fx.event("a"), fx.event("b")]).await;
    assert_eq!(numbers(&fx.emit(&other, vec![fx.event("c")]).await), [1]);
    let log = fx.look(&other, async |unit| unit.events().after(0, 10).await.unwrap()).await;
    assert_eq!(log.iter().map(|event| &*event.kind).collect::<Vec<_>>(), ["c"]);
}

/// Many who commit at the same time get each number once.
pub async fn events_committed_at_the_same_time_share_no_number(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let by_units = (0..20).map(|_| {
        let fx = fx.clone();
        tokio::spawn(async move { fx.emit(&home, vec![fx.event("act"), fx.event("act")]).await })
    });
    let by_runs = (0..20).map(|_| {
        let (fx, flow) = (fx.clone(), flow.clone());
        tokio::spawn(async move {
            let run = fx.run(&flow);
            let batch = crate::store::RunBatch { events: vec![fx.event("run")], ..fx.batch(&run, 0, 1) };
            fx.append(&home, crate::store::RunBatch { begin: Some(run), ..batch }).await
        })
    });
    let given = futures::future::try_join_all(by_units.chain(by_runs)).await.unwrap();
    let mut given: Vec<u64> = given.iter().flat_map(|events| numbers(events)).collect();
    given.sort_unstable();
    assert_eq!(given, (1..=60).collect::<Vec<_>>());
    let log = fx.look(&home, async |unit| unit.events().after(0, 100).await.unwrap()).await;
    assert_eq!(numbers(&log), given);
}

/// The log is read on from any number.
pub async fn the_log_is_read_on_from_any_number(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.emit(&home, (0..5).map(|_| fx.event("a")).collect()).await;
    let after =
        async |seq, limit| numbers(&fx.look(&home, async |unit| unit.events().after(seq, limit).await.unwrap()).await);
    assert_eq!(after(0, 2).await, [1, 2]);
    assert_eq!(after(2, 2).await, [3, 4]);
    assert_eq!(after(4, 2).await, [5]);
    assert!(after(5, 2).await.is_empty());
    assert!(after(99, 2).await.is_empty());
    assert!(after(0, 0).await.is_empty());
}

/// Kind, body and audience come back as they were given.
pub async fn an_event_comes_back_as_it_was_given(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let subject = Subject::new("flow", "flow_ü🦊");
    let data = serde_json::json!({ "name": "Ünïcode 🦊 \u{0}", "n": 1.5 });
    let event = NewEvent::with("flow.edited", fx.tick(), Actor::Person(home.admin), &subject, Some(&data));
    let audiences = [
        Audience::Role(Role::Viewer),
        Audience::Role(Role::Member),
        Audience::Role(Role::WorkspaceAdmin),
        Audience::Owner(home.admin),
    ];
    let events: Vec<_> = audiences.map(|audience| event.clone().only(audience)).into();
    let returned = fx.emit(&home, events).await;
    let kept = fx.look(&home, async |unit| unit.events().after(0, 10).await.unwrap()).await;
    for log in [returned, kept] {
        assert_eq!(log.iter().map(|event| event.audience).collect::<Vec<_>>(), audiences);
        assert!(log.iter().all(|kept| kept.kind == "flow.edited" && kept.body.get() == event.body.get()));
    }
}

/// An act that cannot be committed leaves no event and uses up no number.
pub async fn a_failed_commit_uses_up_no_number(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let closing =
        |fx: &Fixture| Closing { events: vec![fx.event("a")], answer: Some(fx.answer("same")), ..Closing::default() };
    fx.write(&home).await.commit(closing(&fx)).await.unwrap();
    assert!(fx.write(&home).await.commit(closing(&fx)).await.is_err());
    assert_eq!(numbers(&fx.emit(&home, vec![fx.event("b")]).await), [2]);
    let log = fx.look(&home, async |unit| unit.events().after(0, 10).await.unwrap()).await;
    assert_eq!(log.iter().map(|event| &*event.kind).collect::<Vec<_>>(), ["a", "b"]);
}
