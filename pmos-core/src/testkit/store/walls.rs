//! The wall between tenants: with an id of another workspace nothing is found, listed, counted or changed, as if it
//! were not there. Each case acts as the admin of one workspace on what belongs to another.

use std::sync::Arc;

use super::{Fixture, Home};
use crate::{
    FlowId, Role, Timestamp,
    connection::SealedConnection,
    engine::ExternalId,
    quota::QuotaKey,
    run::RunStatus,
    store::{
        AuditFilter, Closing, EditRow, FlowFilter, FlowRow, ObjectKind, PublishedRow, RunBatch, RunFilter, Store,
        StoredAnswer,
    },
    testkit::fixture::{answer_key, cursor, document, document_using, ended},
    vault::Sealed,
};

async fn two(store: Arc<dyn Store>) -> (Fixture, Home, Home) {
    let fx = Fixture::new(store);
    let (ours, theirs) = (fx.found("ada").await, fx.found("bob").await);
    (fx, ours, theirs)
}

/// A flow of another workspace is missing, to every question and every change.
pub async fn a_flow_of_another_workspace_is_missing(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let used = fx.add_connection(&theirs, "Mail").await.connection.id;
    let published = Some(PublishedRow { version: 1, revision: 1, at: fx.tick() });
    let flow = FlowRow { document: document_using(used), published, ..fx.flow("Theirs") };
    let (version, edit) = (fx.version(1, "0"), fx.edit(1));
    fx.change(&theirs, async |unit| {
        unit.flows().insert(&flow).await.unwrap();
        unit.flows().insert_version(flow.id, &version).await.unwrap();
        unit.flows().insert_edit(flow.id, &edit).await.unwrap();
    })
    .await;
    let at = fx.tick();
    let stolen = FlowRow { document: document("\"stolen\""), revision: 2, ..flow.clone() };
    let page = Fixture::page(10, None, ours.workspace);
    fx.change(&ours, async |unit| {
        assert!(unit.flows().get(flow.id).await.unwrap().is_none());
        assert!(unit.flows().version(flow.id, 1).await.unwrap().is_none());
        assert!(unit.flows().edits_after(flow.id, 0, 10).await.unwrap().is_empty());
        assert!(unit.flows().edit(flow.id, edit.id).await.unwrap().is_none());
        assert!(unit.flows().edits(flow.id, &page).await.unwrap().items.is_empty());
        assert!(unit.flows().using(used).await.unwrap().is_empty());
        assert!(unit.flows().list(&FlowFilter::default(), &page).await.unwrap().items.is_empty());
        assert_eq!(unit.flows().count().await.unwrap(), 0);
        assert!(!unit.flows().update(&stolen, flow.state()).await.unwrap());
        assert!(!unit.flows().delete(flow.id, at).await.unwrap());
    })
    .await;
    let mut unit = fx.read(&theirs).await;
    assert_eq!(unit.flows().get(flow.id).await.unwrap().unwrap().document.text(), flow.document.text());
}

/// Nothing is added to a flow of another workspace.
pub async fn nothing_is_added_to_a_flow_of_another_workspace(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let flow = fx.add_flow(&theirs, "Theirs").await;
    let mut unit = fx.write(&ours).await;
    assert!(unit.flows().insert_version(flow.id, &fx.version(1, "0")).await.is_err());
    drop(unit);
    let mut unit = fx.write(&ours).await;
    let edit: EditRow = fx.edit(1);
    assert!(unit.flows().insert_edit(flow.id, &edit).await.is_err());
    drop(unit);
    let mut unit = fx.write(&ours).await;
    assert!(unit.runs().insert(&fx.run(&flow)).await.is_err());
    drop(unit);
    assert!(!fx.change(&ours, async |unit| unit.runs().absorb(&fx.run(&flow).summary).await.unwrap()).await);
    let run = fx.run(&flow);
    let begun = RunBatch { begin: Some(run.clone()), ..fx.batch(&run, 0, 1) };
    assert!(fx.store.journal().append(&ours.scope, begun).await.is_err());
    for home in [&ours, &theirs] {
        let mut unit = fx.read(home).await;
        assert!(unit.flows().version(flow.id, 1).await.unwrap().is_none());
        assert!(unit.flows().edits_after(flow.id, 0, 10).await.unwrap().is_empty());
        assert_eq!(unit.runs().count_since(Timestamp::from_micros(0)).await.unwrap(), 0);
    }
}

/// A run of another workspace is missing, and counts for nothing.
pub async fn a_run_of_another_workspace_is_missing(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let flow = fx.add_flow(&theirs, "Theirs").await;
    let done = fx.add_ended(&theirs, &flow, RunStatus::Failed, 5).await;
    let open = fx.add_run(&theirs, &flow).await;
    fx.append(&theirs, fx.batch(&open, 0, 1)).await;
    let remote = fx.run(&flow).summary;
    assert!(fx.change(&theirs, async |unit| unit.runs().absorb(&remote).await.unwrap()).await);
    let (ever, end) = (Timestamp::from_micros(0), fx.tick());
    let page = Fixture::page(10, None, ours.workspace);
    let of_flow = RunFilter { flow: Some(flow.id), ..RunFilter::default() };
    fx.change(&ours, async |unit| {
        let runs = unit.runs();
        for id in [done.summary.id, open.summary.id, remote.id] {
            assert!(runs.get(id).await.unwrap().is_none());
            assert!(runs.records(id).await.unwrap().is_empty());
        }
        for filter in [RunFilter::default(), of_flow] {
            assert!(runs.list(&filter, &page).await.unwrap().items.is_empty());
        }
        assert!(runs.unfinished(&remote.engine).await.unwrap().is_empty());
        assert_eq!(runs.count_since(ever).await.unwrap(), 0);
        assert!(runs.series(ever, 1_000_000).await.unwrap().is_empty());
        assert!(runs.durations(ever, 10).await.unwrap().is_empty());
        assert!(runs.failing(ever, 10).await.unwrap().is_empty());
        assert!(!runs.settle(open.summary.id, &ended(&open, RunStatus::Cancelled, 5), end).await.unwrap());
        assert!(!runs.cancel(open.summary.id, end).await.unwrap());
        assert!(!runs.claim(open.summary.id, open.owner, fx.id()).await.unwrap());
        assert_eq!(runs.purge(end, 10).await.unwrap(), 0);
    })
    .await;
    let mut unit = fx.read(&theirs).await;
    assert!(unit.runs().get(done.summary.id).await.unwrap().is_some());
    assert_eq!(unit.runs().get(open.summary.id).await.unwrap().unwrap().summary.status, RunStatus::Running);
}

/// A journal does not reach the runs of another workspace.
pub async fn a_journal_does_not_reach_runs_of_another_workspace(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let flow = fx.add_flow(&theirs, "Theirs").await;
    let run = fx.add_run(&theirs, &flow).await;
    fx.append(&theirs, fx.batch(&run, 0, 1)).await;
    let events = vec![fx.event("run.failed")];
    let state = ended(&run, RunStatus::Failed, 5);
    let forged = RunBatch { state, events, ..fx.batch(&run, 1, 1) };
    assert!(fx.store.journal().append(&ours.scope, forged).await.is_err());
    let mut unit = fx.read(&theirs).await;
    assert_eq!(unit.runs().get(run.summary.id).await.unwrap().unwrap().summary.status, RunStatus::Running);
    assert_eq!(unit.runs().records(run.summary.id).await.unwrap().len(), 1);
    assert_eq!(unit.events().head().await.unwrap(), 0);
    assert_eq!(fx.look(&ours, async |unit| unit.events().head().await.unwrap()).await, 0);
}

/// A member of another workspace is unknown here.
pub async fn a_member_of_another_workspace_is_unknown_here(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let member = fx.join(&theirs, Role::Viewer).await;
    let page = Fixture::page(10, None, ours.workspace);
    fx.change(&ours, async |unit| {
        let members = unit.members();
        assert_eq!(members.get(member.user).await.unwrap(), None);
        assert!(!members.set_role(member.user, Role::WorkspaceAdmin).await.unwrap());
        assert!(!members.remove(member.user).await.unwrap());
        assert_eq!(members.count(None).await.unwrap(), 1);
        assert_eq!(members.list(&page).await.unwrap().items.len(), 1);
    })
    .await;
    assert_eq!(fx.look(&theirs, async |unit| unit.members().get(member.user).await.unwrap()).await, Some(member));
}

/// An invitation into another workspace is missing.
pub async fn an_invitation_into_another_workspace_is_missing(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let (invitation, token) = fx.add_invitation(&theirs, "eve").await;
    let page = Fixture::page(10, None, ours.workspace);
    fx.change(&ours, async |unit| {
        let invitations = unit.invitations();
        assert_eq!(invitations.get(invitation.id).await.unwrap(), None);
        assert_eq!(invitations.count().await.unwrap(), 0);
        assert!(invitations.list(&page).await.unwrap().items.is_empty());
        assert!(!invitations.remove(invitation.id).await.unwrap());
    })
    .await;
    let found = fx.store.directory().invitation(token).await.unwrap();
    assert_eq!(found, Some((theirs.workspace, invitation.id)));
}

/// An API key of another workspace is missing, even when its owner belongs to both.
pub async fn a_key_of_another_workspace_is_missing(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let (key, _) = fx.add_api_key(&theirs, Some(ours.admin)).await;
    let (page, at) = (Fixture::page(10, None, ours.workspace), fx.tick());
    fx.change(&ours, async |unit| {
        let keys = unit.api_keys();
        assert_eq!(keys.get(key.id).await.unwrap(), None);
        assert!(keys.list(None, &page).await.unwrap().items.is_empty());
        assert!(keys.list(Some(ours.admin), &page).await.unwrap().items.is_empty());
        assert!(!keys.touch(key.id, at).await.unwrap());
        assert!(!keys.remove(key.id).await.unwrap());
        assert_eq!(keys.remove_of(ours.admin).await.unwrap(), 0);
    })
    .await;
    assert_eq!(fx.look(&theirs, async |unit| unit.api_keys().get(key.id).await.unwrap()).await, Some(key));
}

/// A credential of another workspace is missing, sealed or not.
pub async fn a_credential_of_another_workspace_is_missing(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let kept = fx.add_connection(&theirs, "Mail").await;
    let id = kept.connection.id;
    let stolen = SealedConnection { secret: Sealed::from_bytes(vec![6]), ..kept.clone() };
    let page = Fixture::page(10, None, ours.workspace);
    fx.change(&ours, async |unit| {
        let connections = unit.connections();
        assert_eq!(connections.get(id).await.unwrap(), None);
        assert!(connections.sealed(id).await.unwrap().is_none());
        assert!(connections.list(&page).await.unwrap().items.is_empty());
        assert!(!connections.update(&stolen).await.unwrap());
        assert!(!connections.remove(id).await.unwrap());
    })
    .await;
    let after = fx.look(&theirs, async |unit| unit.connections().sealed(id).await.unwrap()).await.unwrap();
    assert_eq!(after.secret, kept.secret);
}

/// A place of another workspace at an engine is missing, and so are its objects there.
pub async fn a_tenancy_of_another_workspace_is_missing(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    fx.add_tenancy(&theirs, "n8n").await;
    let object = fx.object(ObjectKind::Flow, "wf1");
    assert!(fx.change(&theirs, async |unit| unit.engines().claim("n8n", &object).await.unwrap()).await);
    let missing = async || {
        fx.change(&ours, async |unit| {
            let engines = unit.engines();
            assert!(engines.owned("n8n", ObjectKind::Flow, object.id).await.unwrap().is_none());
            assert!(engines.owned_as("n8n", ObjectKind::Flow, &ExternalId::new("wf1")).await.unwrap().is_none());
            assert!(engines.all_owned("n8n", ObjectKind::Flow).await.unwrap().is_empty());
            assert!(!engines.claim("n8n", &object).await.unwrap());
            assert!(!engines.release("n8n", ObjectKind::Flow, object.id).await.unwrap());
        })
        .await;
    };
    fx.change(&ours, async |unit| {
        assert!(unit.engines().tenancy("n8n").await.unwrap().is_none());
        assert!(unit.engines().tenancies().await.unwrap().is_empty());
        assert!(!unit.engines().remove_tenancy("n8n").await.unwrap());
    })
    .await;
    missing().await;
    fx.add_tenancy(&ours, "n8n").await;
    missing().await;
    let mut unit = fx.read(&theirs).await;
    let kept = unit.engines().owned("n8n", ObjectKind::Flow, object.id).await.unwrap().unwrap();
    assert_eq!(format!("{kept:?}"), format!("{object:?}"));
}

/// Each workspace has a data key of its own.
pub async fn each_workspace_has_its_own_data_key(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let (first, second) = (Sealed::from_bytes(vec![1]), Sealed::from_bytes(vec![2]));
    assert!(fx.change(&theirs, async |unit| unit.data_keys().put(&first).await.unwrap()).await);
    assert_eq!(fx.look(&ours, async |unit| unit.data_keys().get().await.unwrap()).await, None);
    assert!(fx.change(&ours, async |unit| unit.data_keys().put(&second).await.unwrap()).await);
    assert_eq!(fx.look(&theirs, async |unit| unit.data_keys().get().await.unwrap()).await, Some(first));
}

/// Each workspace has limits of its own.
pub async fn each_workspace_has_its_own_limits(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    fx.change(&theirs, async |unit| unit.quotas().set(QuotaKey::Flows, Some(1)).await.unwrap()).await;
    fx.change(&ours, async |unit| {
        assert_eq!(unit.quotas().get(QuotaKey::Flows).await.unwrap(), None);
        assert!(unit.quotas().all().await.unwrap().is_empty());
        unit.quotas().set(QuotaKey::Flows, None).await.unwrap();
    })
    .await;
    assert_eq!(fx.look(&theirs, async |unit| unit.quotas().get(QuotaKey::Flows).await.unwrap()).await, Some(1));
}

/// Log, audit chain and remembered answers of another workspace are not seen, and its answers not purged.
pub async fn the_record_of_another_workspace_is_not_seen(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let closing = Closing {
        events: vec![fx.event("flow.created")],
        audit: vec![fx.entry(&theirs, "flows.create")],
        answer: Some(fx.answer("k")),
    };
    fx.write(&theirs).await.commit(closing).await.unwrap();
    let (page, cut) = (Fixture::page(10, None, ours.workspace), fx.tick());
    fx.change(&ours, async |unit| {
        assert_eq!(unit.events().head().await.unwrap(), 0);
        assert!(unit.events().after(0, 10).await.unwrap().is_empty());
        assert_eq!(unit.audit().head().await.unwrap().seq, 0);
        assert!(unit.audit().after(0, 10).await.unwrap().is_empty());
        assert!(unit.audit().list(&AuditFilter::default(), &page).await.unwrap().items.is_empty());
        assert!(unit.idempotency().get(&answer_key("k")).await.unwrap().is_none());
        assert_eq!(unit.idempotency().purge(cut, 10).await.unwrap(), 0);
    })
    .await;
    let answer: Option<StoredAnswer> =
        fx.look(&theirs, async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await;
    assert!(answer.is_some());
}

/// A cursor made of a foreign id is only a place in one's own list.
pub async fn a_cursor_leads_into_no_other_workspace(store: Arc<dyn Store>) {
    let (fx, ours, theirs) = two(store).await;
    let own = fx.add_flow(&ours, "Ours").await;
    let foreign: Vec<FlowId> = vec![fx.add_flow(&theirs, "One").await.id, fx.add_flow(&theirs, "Two").await.id];
    let list = async |after: FlowId| {
        let page = Fixture::page(10, Some(&cursor(ours.workspace, after)), ours.workspace);
        let list = fx.look(&ours, async |unit| unit.flows().list(&FlowFilter::default(), &page).await.unwrap()).await;
        list.items.into_iter().map(|flow| flow.id).collect::<Vec<_>>()
    };
    assert_eq!(list(foreign[1]).await, [own.id]);
    assert!(list(own.id).await.is_empty());
}
