//! What goes wrong on real servers, and with false ones.

use std::{sync::Arc, time::Duration};

use pmos_connectors::n8n::{Instance, Limits, N8nConfig, N8nHost};
use pmos_core::{
    Kind, NoObserver, SystemClock,
    engine::{EngineState, ExternalId, FactName, FlowHost, Provisioning, RemoteStart, Stored, Tenancy, Wall},
    store::ObjectKind,
    vault::Secret,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    double::{Double, Traps},
    kept::calm,
    upstream::quick,
    world::{World, config, document, done, echo, new_run, new_workspace, unique, workflow},
};

fn double() -> (Double, World) {
    let double = Double::start();
    let world = World::of(double.server.clone(), calm());
    (double, world)
}

fn moved(document: &pmos_core::flow::Document, x: u32) -> Value {
    let mut next = workflow(document);
    next["nodes"][1]["position"] = json!([x, 0]);
    next
}

fn named(name: &str, workflow: &Value) -> Value {
    let mut order = workflow.clone();
    order["name"] = json!(name);
    order
}

#[tokio::test]
async fn what_was_written_between_our_look_and_our_write_is_found_again() {
    let (double, world) = double();
    let a = world.workspace().await;
    let base = world.make(&a, "one", &echo(&unique())).await;
    let theirs = moved(&base.document, 111);
    double.set(Traps { in_between: Some(named("one", &theirs)), mixed: true, ..Traps::default() });
    let ours = moved(&base.document, 222);
    let Stored::Overwrote { now, lost } = world.host.store(&a, &base, "one", &document(&ours)).await.unwrap() else {
        panic!("a change was covered unseen");
    };
    assert_eq!(workflow(&now.document), ours);
    assert_eq!(workflow(&lost)["nodes"], theirs["nodes"]);
}

#[tokio::test]
async fn a_write_that_was_covered_at_once_is_no_success() {
    let (double, world) = double();
    let a = world.workspace().await;
    let base = world.make(&a, "one", &echo(&unique())).await;
    let theirs = moved(&base.document, 111);
    double.set(Traps { right_after: Some(named("one", &theirs)), ..Traps::default() });
    let ours = moved(&base.document, 222);
    let Stored::Overtaken(now) = world.host.store(&a, &base, "one", &document(&ours)).await.unwrap() else {
        panic!("what is not there was said to be there");
    };
    assert_eq!(workflow(&now.document), theirs);
}

#[tokio::test]
async fn settings_that_are_changed_meanwhile_stay_changed() {
    let (double, world) = double();
    let a = world.workspace().await;
    let base = world.make(&a, "one", &echo(&unique())).await;
    let mut theirs = named("one", &workflow(&base.document));
    theirs["settings"]["timezone"] = json!("Asia/Tokyo");
    double.set(Traps { in_between: Some(theirs), ..Traps::default() });
    let stored = world.host.store(&a, &base, "one", &document(&moved(&base.document, 5))).await.unwrap();
    assert_eq!(workflow(&done(stored).document)["settings"]["timezone"], "Asia/Tokyo");
}

#[tokio::test]
async fn foreign_objects_are_as_if_they_were_not_there() {
    let (double, world) = double();
    let a = world.workspace().await;
    let made = world.make(&a, "mine", &echo(&unique())).await;
    let order = RemoteStart { run: new_run(), input: json!({}), draft: true };
    let run = world.host.start(&a, &made.id, &order).await.unwrap().run.unwrap();
    let credential = pmos_core::engine::NewCredential {
        kind: "httpHeaderAuth".to_owned(),
        name: "a key".to_owned(),
        values: Secret::new("{}"),
    };
    let credential = world.host.credentials().unwrap().create(&a, &credential).await.unwrap();
    assert!(world.alarm.is_silent(), "{:?}", world.alarm);
    double.set(Traps { foreign: true, ..Traps::default() });
    let host = &world.host;
    let alarm = |kind| world.alarm.count(kind);
    assert_eq!(host.flows(&a).await.unwrap().len(), 1, "its own, not the others");
    let listed = alarm(ObjectKind::Flow);
    assert!(listed > 0);
    assert!(host.fetch(&a, &made.id).await.unwrap().is_none());
    assert_eq!(alarm(ObjectKind::Flow), listed + 1);
    assert_eq!(host.store(&a, &made, "x", &made.document).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(host.publish(&a, &made.id, true, None).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(host.set_enabled(&a, &made.id, None, false).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(host.start(&a, &made.id, &order).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!((alarm(ObjectKind::Run), alarm(ObjectKind::Connection)), (0, 0));
    assert!(host.run(&a, &run).await.unwrap().is_none(), "a run with another number is another run");
    assert!(host.credentials().unwrap().list(&a).await.unwrap().is_empty());
    assert_eq!((alarm(ObjectKind::Run), alarm(ObjectKind::Connection)), (1, 1));
    host.delete(&a, &made.id).await.unwrap();
    double.set(Traps::default());
    assert!(host.fetch(&a, &made.id).await.unwrap().is_some(), "nothing was done to it");
    assert_eq!(host.credentials().unwrap().list(&a).await.unwrap(), [credential]);
}

#[tokio::test]
async fn a_server_that_starts_is_waited_for() {
    let (double, world) = double();
    let a = world.workspace().await;
    double.set(Traps { starting: 2, ..Traps::default() });
    assert!(world.host.flows(&a).await.unwrap().is_empty());
    double.set(Traps { starting: usize::MAX, ..Traps::default() });
    let error = world.host.flows(&a).await.unwrap_err();
    assert_eq!((error.code(), error.is_temporary()), ("engine_starting", true));
    assert_eq!(EngineState::of(&world.host.check(&a).await.facts), EngineState::Unreachable);
}

#[tokio::test]
async fn after_a_restart_sessions_are_opened_anew() {
    let (double, world) = double();
    let a = world.workspace().await;
    let before = double.state().count("POST /rest/login");
    for forgets_sessions in [true, false] {
        double.set(Traps { forgets_sessions, ..Traps::default() });
        assert!(world.host.credentials().unwrap().list(&a).await.unwrap().is_empty());
    }
    assert_eq!(double.state().count("POST /rest/login"), before + 1);
}

#[tokio::test]
async fn sign_ins_are_few_and_being_told_so_is_said() {
    let (double, world) = double();
    double.set(Traps { sign_ins: Some(1), ..Traps::default() });
    // The owner signs in once for all of them; a workspace signs in only when its session is gone.
    for _ in 0..8 {
        let a = world.workspace().await;
        assert!(world.host.credentials().unwrap().list(&a).await.unwrap().is_empty());
    }
    let another = World::of(double.server.clone(), Limits { total: Duration::from_millis(200), ..calm() });
    let error = another.host.join(new_workspace(), &Provisioning::Managed).await.unwrap_err();
    assert_eq!((error.code(), error.wait()), ("engine_busy", Some(Duration::from_mins(1))));
}

#[tokio::test]
async fn many_at_once_share_one_sign_in() {
    let (double, world) = double();
    let a = world.workspace().await;
    let before = double.state().count("POST /rest/login");
    double.set(Traps { forgets_sessions: true, ..Traps::default() });
    let calls = (0..20).map(|_| world.host.credentials().unwrap().list(&a));
    for found in futures::future::join_all(calls).await {
        assert!(found.unwrap().is_empty());
    }
    assert_eq!(double.state().count("POST /rest/login"), before + 1);
}

#[tokio::test]
async fn a_half_made_place_is_taken_away_again_and_a_made_one_is_not() {
    let (double, world) = double();
    let people = double.state().people();
    let workspace = new_workspace();
    // The owner's own key is there already.
    world.workspace().await;
    double.set(Traps { no_keys: true, ..Traps::default() });
    let error = world.host.join(workspace, &Provisioning::Managed).await.unwrap_err();
    assert_eq!(error.code(), "engine_failed");
    assert_eq!(double.state().people(), people + 1);
    double.set(Traps::default());
    let a = world.host.join(workspace, &Provisioning::Managed).await.unwrap();
    let made = world.make(&a, "kept", &echo(&unique())).await;
    double.set(Traps { no_keys: true, ..Traps::default() });
    world.host.join(workspace, &Provisioning::Managed).await.unwrap_err();
    assert_eq!(double.state().people(), people + 2, "what was there before stays");
    double.set(Traps::default());
    let again = world.host.join(workspace, &Provisioning::Managed).await.unwrap();
    assert!(world.host.fetch(&again, &made.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_server_that_sends_links_by_mail_only_makes_places_too() {
    let (double, world) = double();
    double.set(Traps { no_links: true, ..Traps::default() });
    let a = world.workspace().await;
    assert!(world.host.flows(&a).await.unwrap().is_empty());
}

#[tokio::test]
async fn without_mcp_a_run_is_started_in_another_way() {
    let (double, world) = double();
    double.set(Traps { no_mcp: true, ..Traps::default() });
    let a = world.workspace().await;
    let made = world.make(&a, "one", &echo(&unique())).await;
    world.host.publish(&a, &made.id, true, None).await.unwrap();
    let order = RemoteStart { run: new_run(), input: json!({"n": 1}), draft: false };
    let run = world.host.start(&a, &made.id, &order).await.unwrap().run.unwrap();
    assert_eq!(world.host.run(&a, &run).await.unwrap().unwrap().result.unwrap()[0]["got"], json!({"n": 1}));
    // The draft is another one now, so the live version is started by its webhook.
    let live = world.fetch(&a, &made).await;
    done(world.host.store(&a, &live, "one", &document(&moved(&live.document, 7))).await.unwrap());
    let order = RemoteStart { run: new_run(), ..order };
    let run = world.host.start(&a, &made.id, &order).await.unwrap().run.unwrap();
    let details = world.host.run(&a, &run).await.unwrap().unwrap();
    assert_eq!((details.run.ours, details.run.version), (Some(order.run), live.published.map(|version| version.id)));
}

#[tokio::test]
async fn what_a_licence_lacks_is_said() {
    let (double, world) = double();
    let a = world.workspace().await;
    double.set(Traps { no_licence: true, ..Traps::default() });
    assert_eq!(world.host.flows(&a).await.unwrap_err().code(), "engine_licence");
}

#[rstest]
#[case("2.40.7", Some(true))]
#[case("2.99.0", Some(true))]
#[case("2.39.1", Some(false))]
#[case("1.110.0", Some(false))]
#[case("3.0.0", Some(false))]
#[tokio::test]
async fn a_version_that_is_not_known_is_said(#[case] version: &'static str, #[case] ok: Option<bool>) {
    let (double, world) = double();
    let a = world.workspace().await;
    double.set(Traps { version: Some(version), ..Traps::default() });
    let health = world.host.check(&a).await;
    assert_eq!(health.version.as_deref(), Some(version));
    let fact = health.facts.iter().find(|fact| fact.name == FactName::VersionSupported).unwrap();
    assert_eq!((fact.ok, fact.action.is_some()), (ok, ok == Some(false)));
}

#[tokio::test]
async fn publishing_says_when_it_is_not_true_yet() {
    let (double, _) = double();
    let world = World::of(double.server.clone(), Limits { settle: Duration::from_millis(50), ..calm() });
    let a = world.workspace().await;
    let made = world.make(&a, "slow", &echo(&unique())).await;
    double.set(Traps { lag: usize::MAX, ..Traps::default() });
    let published = world.host.publish(&a, &made.id, true, None).await.unwrap();
    assert!(!published.enabled && published.published.is_some());
}

#[tokio::test]
async fn runs_are_told_once_however_many_there_are() {
    let (_double, world) = double();
    let (a, b) = (world.workspace().await, world.workspace().await);
    let (ours, theirs) = (world.make(&a, "a", &echo(&unique())).await, world.make(&b, "b", &echo(&unique())).await);
    let started = async |tenancy: &Tenancy, flow: &ExternalId| {
        let order = RemoteStart { run: new_run(), input: json!({}), draft: true };
        world.host.start(tenancy, flow, &order).await.unwrap().run.unwrap()
    };
    let mut expected = std::collections::BTreeSet::new();
    for _ in 0..120 {
        expected.insert(started(&a, &ours.id).await);
        started(&b, &theirs.id).await;
    }
    let (mut told, mut next) = (Vec::new(), None::<String>);
    let mut looks = 0;
    for round in 0..4 {
        loop {
            let look = world.host.runs(&a, next.as_deref()).await.unwrap();
            told.extend(look.runs.into_iter().map(|run| run.id));
            next = Some(look.next);
            looks += 1;
            if !look.more {
                break;
            }
        }
        if round < 2 {
            for _ in 0..130 {
                expected.insert(started(&a, &ours.id).await);
            }
        }
    }
    assert!(looks > 4, "more than fits on a page");
    assert_eq!(told.len(), expected.len(), "none twice");
    assert_eq!(told.into_iter().collect::<std::collections::BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn a_server_of_its_own_is_another_wall() {
    let double = Double::start();
    let workspace = new_workspace();
    let shared = config(&double.server, calm());
    let instance =
        Instance { webhook_url: Some("https://hooks.example.com/".to_owned()), ..shared.operator.clone().unwrap() };
    let config =
        N8nConfig { operator: None, dedicated: [(workspace, instance)].into(), limits: calm(), ..N8nConfig::default() };
    let host = N8nHost::new(config, Arc::new(SystemClock), Arc::new(NoObserver)).unwrap();
    assert!(!host.provisions());
    let tenancy = host.join(workspace, &Provisioning::Managed).await.unwrap();
    assert_eq!(tenancy.wall, Wall::Instance);
    let path = unique();
    let made = host.create(&tenancy, "own", &document(&echo(&path))).await.unwrap();
    assert_eq!(made.hook_url, Some(format!("https://hooks.example.com/webhook/{path}")));
    host.publish(&tenancy, &made.id, true, None).await.unwrap();
    host.release(&tenancy, std::slice::from_ref(&made.id)).await.unwrap();
    assert!(host.flows(&tenancy).await.unwrap().is_empty());
    let other = host.join(new_workspace(), &Provisioning::Managed).await.unwrap_err();
    assert_eq!(other.kind(), Kind::Unsupported);
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let (double, world) = double();
    let a = world.workspace().await;
    let made = world.make(&a, "one", &echo(&unique())).await;
    let order = RemoteStart { run: new_run(), input: json!({}), draft: true };
    let run = world.host.start(&a, &made.id, &order).await.unwrap().run.unwrap();
    let details = world.host.run(&a, &run).await.unwrap().unwrap();
    double.set(Traps { starting: usize::MAX, ..Traps::default() });
    let quick = World::of(double.server.clone(), quick());
    let error = quick.host.flows(&a).await.unwrap_err();
    let printed = format!("{:?} {a:?} {details:?} {error:?} {error}", world.host);
    let access: Value = serde_json::from_str(a.access.expose()).unwrap();
    for secret in ["canary", access["password"].as_str().unwrap(), &double.server.password] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}
