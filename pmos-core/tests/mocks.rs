//! Every port has a mock, and the mocks work together.

#![cfg(feature = "testkit")]

use std::sync::Arc;

use pmos_core::{
    Actor, Clock, Error, FlowId, Id, Kind, Role, RunId, Timestamp, UserId, WorkspaceId,
    api_key::ApiKey,
    cluster::{Bus, MockBus},
    event::{NewEvent, Notice},
    flow::{Capabilities, Document, EngineDescriptor, FlowEngine, FlowLens, Guarded, Host, MockCatalog, MockFlowLens},
    identity::{Identified, Identity, MockIdentity, Person},
    run::{Edition, MockRunContext, RunOrder, TriggerKind},
    store::{
        Access, Closing, MockAccountRepository, MockApiKeyRepository, MockAuditRepository, MockConnectionRepository,
        MockDataKeyRepository, MockDirectory, MockEventRepository, MockFlowRepository, MockIdempotencyRepository,
        MockInvitationRepository, MockMemberRepository, MockQuotaRepository, MockRunJournal, MockRunRepository,
        MockSessionRepository, MockSystemUnit, MockUnitOfWork, MockWorkspaceList, MockWorkspaceRepository, Store,
    },
    testkit::{
        mock::{MockClock, MockFlowEngine, MockRunner, MockStore},
        scope,
    },
    vault::{DataKey, KeyProvider, MockKeyProvider, Sealed, Secret},
    workspace::{Member, Membership, MockWorkspace, Workspace},
};
use uuid::Uuid;

fn id<T: Id>(n: u128) -> T {
    T::from_uuid(Uuid::from_u128(n))
}

/// A sign-in, an act in the workspace and the news of it, with nothing real behind any port.
#[tokio::test]
async fn a_call_passes_through_mocks_from_end_to_end() {
    let (user, workspace) = (id::<UserId>(1), id::<WorkspaceId>(2));
    let mut identity = MockIdentity::new();
    identity.expect_authenticate().withf(|token| token.expose() == "t0ken").once().returning(move |_| {
        let (name, email) = ("Ada".parse().unwrap(), "ada@example.com".parse().unwrap());
        let person = Person { id: user, name, email, super_admin: false };
        Ok(Some(Identified { person, session: None, stepped_up_until: None }))
    });
    let mut workspaces = MockWorkspace::new();
    workspaces
        .expect_memberships()
        .once()
        .returning(move |_| Ok(vec![Membership { workspace, role: Role::WorkspaceAdmin }]));
    let mut clock = MockClock::new();
    clock.expect_now().return_const(Timestamp::from_micros(7));
    let mut store = MockStore::new();
    store
        .expect_begin()
        .withf(move |scope, access| scope.workspace() == workspace && *access == Access::Write)
        .once()
        .returning(move |_, _| {
            let mut members = MockMemberRepository::new();
            members.expect_get().returning(move |user| {
                Ok(Some(Member { user, role: Role::WorkspaceAdmin, joined_at: Timestamp::from_micros(0) }))
            });
            members.expect_remove().once().returning(|_| Ok(true));
            let mut unit = MockUnitOfWork::new();
            unit.expect_members().return_var(Box::new(members));
            unit.expect_commit().withf(|closing| closing.events.len() == 1).once().returning(|_| Ok(Vec::new()));
            Ok(Box::new(unit))
        });
    let mut bus = MockBus::new();
    bus.expect_publish().withf(move |to, notices| *to == workspace && notices.is_empty()).once().return_const(());

    let person = identity.authenticate(&Secret::new("t0ken")).await.unwrap().unwrap().person;
    let membership = workspaces.memberships(person.id).await.unwrap()[0];
    let scope = scope(membership.workspace, Actor::Person(person.id), membership.role);
    let mut unit = store.begin(&scope, Access::Write).await.unwrap();
    let member = unit.members().get(person.id).await.unwrap().unwrap();
    assert!(unit.members().remove(member.user).await.unwrap());
    let subject = pmos_core::audit::Subject::new("member", member.user);
    let event = NewEvent::new("member.removed", clock.now(), scope.actor(), &subject);
    let numbered = unit.commit(Closing { events: vec![event], ..Closing::default() }).await.unwrap();
    bus.publish(workspace, numbered.into_iter().map(Notice::Logged).collect());
}

/// An engine is mocked with its parts: lens, catalog, runner and the context that the runner is lent.
#[tokio::test]
async fn an_engine_is_mocked_with_all_its_parts() {
    let mut lens = MockFlowLens::new();
    lens.expect_check().return_const(Vec::new());
    let mut engine = MockFlowEngine::new();
    engine.expect_lens().return_const(Box::new(lens) as Box<dyn FlowLens>);
    engine.expect_catalog().returning(|| {
        let mut catalog = MockCatalog::new();
        catalog.expect_pieces().returning(|_| Ok(Arc::new([])));
        Guarded::new(Box::leak(Box::new(catalog)))
    });
    engine.expect_descriptor().return_const(EngineDescriptor {
        name: "mock".to_owned(),
        title: "Mock".to_owned(),
        version: "1".to_owned(),
        capabilities: Capabilities::default(),
    });
    engine.expect_host().returning(|| {
        let mut runner = MockRunner::new();
        runner
            .expect_run()
            .withf(|_, recorded, context| recorded.is_empty() && context.is_cancelled())
            .returning(|_, _, _| Err(Error::unavailable("run")));
        Host::Embedded(Box::leak(Box::new(runner)))
    });
    let mut context = MockRunContext::new();
    context.expect_is_cancelled().return_const(true);

    let document = Document::parse("{}".to_owned()).unwrap();
    assert_eq!(engine.descriptor().name, "mock");
    assert!(engine.lens().check(&document).is_empty());
    assert!(engine.catalog().for_tests().pieces(None).await.unwrap().is_empty());
    let order = RunOrder {
        workspace: id(1),
        run: id::<RunId>(2),
        flow: id::<FlowId>(3),
        edition: Edition::Draft(1),
        document,
        trigger: TriggerKind::Manual,
        input: serde_json::Value::Null,
        worked: std::time::Duration::ZERO,
    };
    let Host::Embedded(runner) = engine.host() else { panic!("it was made with a runner") };
    assert_eq!(runner.run(order, Vec::new(), &context).await.unwrap_err().kind(), Kind::Unavailable);
}

/// A key service that cannot be reached is a matter of two lines.
#[tokio::test]
async fn a_failing_key_service_is_mocked() {
    let mut keys = MockKeyProvider::new();
    keys.expect_unwrap().returning(|_, _| Err(Error::unavailable("reach the key service")));
    keys.expect_wrap().returning(|_, _| Ok(Sealed::from_bytes(vec![1])));
    assert!(keys.wrap(id(1), &DataKey::from_bytes([0; 32])).await.is_ok());
    let refused = keys.unwrap(id(1), &Sealed::from_bytes(vec![1])).await.unwrap_err();
    assert!(refused.is_temporary());
}

/// A unit is mocked with all its repositories, each at its own place.
#[tokio::test]
async fn every_repository_has_a_mock() {
    let mut keys = MockApiKeyRepository::new();
    keys.expect_get().returning(|_| Ok(None::<ApiKey>));
    let mut unit = MockUnitOfWork::new();
    unit.expect_workspace().return_var(Box::new(MockWorkspaceRepository::new()));
    unit.expect_members().return_var(Box::new(MockMemberRepository::new()));
    unit.expect_invitations().return_var(Box::new(MockInvitationRepository::new()));
    unit.expect_api_keys().return_var(Box::new(keys));
    unit.expect_flows().return_var(Box::new(MockFlowRepository::new()));
    unit.expect_runs().return_var(Box::new(MockRunRepository::new()));
    unit.expect_connections().return_var(Box::new(MockConnectionRepository::new()));
    unit.expect_data_keys().return_var(Box::new(MockDataKeyRepository::new()));
    unit.expect_quotas().return_var(Box::new(MockQuotaRepository::new()));
    unit.expect_events().return_var(Box::new(MockEventRepository::new()));
    unit.expect_audit().return_var(Box::new(MockAuditRepository::new()));
    unit.expect_idempotency().return_var(Box::new(MockIdempotencyRepository::new()));
    let unit: &mut dyn pmos_core::store::UnitOfWork = &mut unit;
    assert_eq!(unit.api_keys().get(id(1)).await.unwrap(), None);

    let mut system = MockSystemUnit::new();
    system.expect_accounts().return_var(Box::new(MockAccountRepository::new()));
    system.expect_sessions().return_var(Box::new(MockSessionRepository::new()));
    let mut list = MockWorkspaceList::new();
    list.expect_get().returning(|_| Ok(None));
    system.expect_workspaces().return_var(Box::new(list));
    let mut store = MockStore::new();
    let mut directory = MockDirectory::new();
    directory.expect_hook().withf(|token| token == "abc").returning(|_| Ok(None));
    store.expect_directory().return_const(Box::new(directory) as Box<dyn pmos_core::store::Directory>);
    store.expect_journal().return_const(Box::new(MockRunJournal::new()) as Box<dyn pmos_core::store::RunJournal>);
    assert_eq!(store.directory().hook("abc").await.unwrap(), None);
    let system: &mut dyn pmos_core::store::SystemUnit = &mut system;
    assert_eq!(system.workspaces().get(id(1)).await.unwrap(), None);
}
