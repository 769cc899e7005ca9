//! The audit chain.

use std::sync::Arc;

use super::Fixture;
use crate::{
    Actor, WorkspaceId,
    audit::{AuditEntry, AuditHead, AuditRecord, Outcome, Subject, Verifier, link},
    store::{AuditFilter, Store},
    testkit::fixture::instance,
};

fn verify(of: Option<WorkspaceId>, records: &[AuditRecord], head: AuditHead) {
    let mut verifier = Verifier::new(of);
    for record in records {
        verifier.next(record).unwrap();
    }
    verifier.finish(head).unwrap();
}

const NONE: AuditHead = AuditHead { seq: 0, hash: [0; 32] };

/// An empty chain ends at 0.
pub async fn an_empty_chain_ends_at_zero(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    assert_eq!(fx.look(&home, async |unit| unit.audit().head().await.unwrap()).await, NONE);
    assert_eq!(fx.look_system(async |unit| unit.audit().head().await.unwrap()).await, NONE);
    assert!(fx.look(&home, async |unit| unit.audit().after(0, 10).await.unwrap()).await.is_empty());
}

/// What was recorded comes back field by field, linked to what was before.
pub async fn a_record_comes_back_as_it_was_linked(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let full = fx.entry(&home, "flows.create");
    let entries = vec![
        AuditEntry { note: Some("Grund: Prüfung 🦊".to_owned()), outcome: Outcome::Begun, ..full.clone() },
        AuditEntry {
            subject: None,
            address: None,
            actor: Actor::System("tidy up"),
            outcome: Outcome::Failed,
            ..full.clone()
        },
        AuditEntry {
            address: Some(String::new()),
            actor: Actor::Agent(home.admin),
            outcome: Outcome::Denied,
            ..full.clone()
        },
        AuditEntry { actor: Actor::Key(fx.id(), None), subject: Some(Subject::new("flow", "")), ..full },
    ];
    fx.record(&home, entries.clone()).await;
    let mut head = NONE;
    let expected: Vec<_> = entries
        .iter()
        .map(|entry| {
            let record = link(Some(home.workspace), head, entry);
            head = AuditHead { seq: record.seq, hash: record.hash };
            record
        })
        .collect();
    assert_eq!(fx.look(&home, async |unit| unit.audit().after(0, 10).await.unwrap()).await, expected);
    assert_eq!(fx.look(&home, async |unit| unit.audit().head().await.unwrap()).await, head);
}

/// Many who commit at the same time extend one chain.
pub async fn concurrent_commits_do_not_fork_the_audit_chain(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let acts = (0..24).map(|_| {
        let fx = fx.clone();
        tokio::spawn(async move { fx.record(&home, vec![fx.entry(&home, "a.b"), fx.entry(&home, "a.c")]).await })
    });
    futures::future::try_join_all(acts).await.unwrap();
    let records = fx.look(&home, async |unit| unit.audit().after(0, 100).await.unwrap()).await;
    assert_eq!(records.len(), 48);
    verify(Some(home.workspace), &records, fx.look(&home, async |unit| unit.audit().head().await.unwrap()).await);
}

/// Each workspace and the instance itself have a chain of their own.
pub async fn each_workspace_and_the_instance_have_their_own_chain(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    fx.record(&home, vec![fx.entry(&home, "a.b")]).await;
    fx.record(&other, vec![fx.entry(&other, "a.c")]).await;
    fx.system().await.commit(vec![fx.entry(&home, "auth.sign_in")], None).await.unwrap();
    for (home, action) in [(&home, "a.b"), (&other, "a.c")] {
        let records = fx.look(home, async |unit| unit.audit().after(0, 10).await.unwrap()).await;
        assert_eq!(records.iter().map(|record| &*record.action).collect::<Vec<_>>(), [action]);
        verify(Some(home.workspace), &records, fx.look(home, async |unit| unit.audit().head().await.unwrap()).await);
    }
    let records = fx.look_system(async |unit| unit.audit().after(0, 10).await.unwrap()).await;
    assert_eq!(records.iter().map(|record| &*record.action).collect::<Vec<_>>(), ["auth.sign_in"]);
    verify(None, &records, fx.look_system(async |unit| unit.audit().head().await.unwrap()).await);
}

/// A chain is read on from any place, so that it can be verified piece by piece.
pub async fn a_chain_is_read_on_from_any_place(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.record(&home, (0..5).map(|_| fx.entry(&home, "a.b")).collect()).await;
    let after = async |seq, limit| {
        let records = fx.look(&home, async |unit| unit.audit().after(seq, limit).await.unwrap()).await;
        records.into_iter().map(|record| record.seq).collect::<Vec<_>>()
    };
    assert_eq!(after(0, 2).await, [1, 2]);
    assert_eq!(after(4, 2).await, [5]);
    assert!(after(5, 2).await.is_empty());
}

/// Records are listed, the newest first, page by page, by actor, action or object.
pub async fn records_are_listed_by_actor_action_or_object(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let subject = Some(Subject::new("flow", "flow_1"));
    fx.record(
        &home,
        vec![
            fx.entry(&home, "flows.create"),
            AuditEntry { subject: subject.clone(), ..fx.entry(&home, "flows.edit") },
            AuditEntry { actor: Actor::System("tidy up"), ..fx.entry(&home, "flows.edit") },
            AuditEntry { subject, ..fx.entry(&home, "flows.delete") },
        ],
    )
    .await;
    let list = async |filter: AuditFilter| {
        let pages = Fixture::pages(1, home.workspace, async |page| {
            fx.look(&home, async |unit| unit.audit().list(&filter, page).await.unwrap()).await
        });
        pages.await.concat().into_iter().map(|record| record.seq).collect::<Vec<_>>()
    };
    let all = AuditFilter::default;
    assert_eq!(list(all()).await, [4, 3, 2, 1]);
    assert_eq!(list(AuditFilter { actor: Some(home.admin.to_string()), ..all() }).await, [4, 2, 1]);
    assert_eq!(list(AuditFilter { actor: Some("tidy up".to_owned()), ..all() }).await, [3]);
    assert_eq!(list(AuditFilter { action: Some("flows.edit".to_owned()), ..all() }).await, [3, 2]);
    assert_eq!(list(AuditFilter { subject: Some("flow_1".to_owned()), ..all() }).await, [4, 2]);
    let both = AuditFilter { action: Some("flows.edit".to_owned()), subject: Some("flow_1".to_owned()), ..all() };
    assert_eq!(list(both).await, [2]);
    assert!(list(AuditFilter { action: Some("flows".to_owned()), ..all() }).await.is_empty());
}

/// Records are listed by how they ended, and those of a span of time.
pub async fn records_are_listed_by_outcome_and_time(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let entries = [Outcome::Done, Outcome::Denied, Outcome::Asked, Outcome::Done];
    let entries = entries.map(|outcome| AuditEntry { outcome, ..fx.entry(&home, "members.update") });
    let at = entries[1].at;
    let later = at.plus(std::time::Duration::from_micros(1));
    let between = entries.iter().filter(|entry| entry.at >= at && entry.at < later).count();
    fx.record(&home, entries.to_vec()).await;
    let page = Fixture::page(10, None, home.workspace);
    let list = async |filter: AuditFilter| {
        let page = fx.look(&home, async |unit| unit.audit().list(&filter, &page).await.unwrap()).await;
        page.items.into_iter().map(|record| record.seq).collect::<Vec<_>>()
    };
    let all = AuditFilter::default;
    assert_eq!(list(AuditFilter { outcome: Some(Outcome::Done), ..all() }).await, [4, 1]);
    assert_eq!(list(AuditFilter { outcome: Some(Outcome::Asked), ..all() }).await, [3]);
    assert_eq!(list(AuditFilter { since: Some(later), ..all() }).await, [4, 3]);
    assert_eq!(list(AuditFilter { until: Some(at), ..all() }).await, [1]);
    assert_eq!(list(AuditFilter { since: Some(at), until: Some(later), ..all() }).await.len(), between);
}

/// The chain of the instance is listed like any other.
pub async fn the_chain_of_the_instance_is_listed(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let entries = vec![fx.entry(&home, "auth.sign_in"), fx.entry(&home, "auth.sign_out")];
    fx.system().await.commit(entries, None).await.unwrap();
    let pages = Fixture::pages(1, instance(), async |page| {
        fx.look_system(async |unit| unit.audit().list(&AuditFilter::default(), page).await.unwrap()).await
    });
    let actions: Vec<_> = pages.await.concat().into_iter().map(|record| record.action).collect();
    assert_eq!(actions, ["auth.sign_out", "auth.sign_in"]);
}
