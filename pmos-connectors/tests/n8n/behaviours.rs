//! What the host promises, of any server of n8n.

use std::time::Duration;

use pmos_connectors::outbound::Method;
use pmos_core::{
    Kind,
    engine::{
        EngineState, ExternalId, FlowHost, NewCredential, OwnCredentials, Provisioning, RemoteRun, RemoteStart, Stored,
        Tenancy, Wall,
    },
    run::{RunStatus, StepStatus, TriggerKind},
    vault::Secret,
};
use serde_json::{Value, json};

use crate::world::{World, document, done, echo, failing, new_run, new_workspace, unique, waiting, workflow};

macro_rules! behaviours {
    ($($name:ident)*) => {
        /// All of them by name.
        #[macro_export]
        macro_rules! for_each_behaviour { ($then:ident) => { $then! { $($name)* } }; }
    };
}
behaviours! {
    a_place_is_made_once_and_found_again
    two_workspaces_see_nothing_of_each_other
    a_flow_is_kept_as_it_was_given
    only_what_is_changed_changes
    an_external_edit_is_not_covered
    a_published_webhook_is_live_at_once_and_gone_at_once
    what_is_live_stays_live_while_the_draft_changes
    a_flow_is_switched_on_with_the_version_that_was_published
    a_path_that_is_taken_is_a_conflict
    what_keeps_a_flow_from_being_published_is_named
    what_cannot_be_kept_is_refused_by_name
    runs_are_started_told_once_and_shown
    a_failed_run_says_why_and_is_repeated
    a_run_is_stopped_once
    a_draft_runs_without_being_published
    credentials_are_kept_changed_and_forgotten
    what_a_credential_hides_is_for_n8n_to_fill_in
    new_keys_close_the_old_ones_out
    giving_a_place_up_leaves_nothing
    an_own_key_opens_what_it_opens
}

pub(crate) async fn a_place_is_made_once_and_found_again(world: &World) {
    let workspace = new_workspace();
    let first = world.host.join(workspace, &Provisioning::Managed).await.unwrap();
    let flow = world.make(&first, "kept", &echo(&unique())).await;
    let again = world.host.join(workspace, &Provisioning::Managed).await.unwrap();
    assert_eq!((first.wall, &first.instance), (Wall::User, &again.instance));
    assert!(world.host.fetch(&again, &flow.id).await.unwrap().is_some(), "the same tenancy");
    assert_eq!(world.host.flows(&first).await.unwrap_err().code(), "engine_key_refused", "one key at a time");
    let health = world.host.check(&again).await;
    assert_eq!(EngineState::of(&health.facts), EngineState::Ready, "{:?}", health.facts);
    assert!(health.version.unwrap().starts_with("2."));
    let health = world.host.check(&first).await;
    assert_eq!(EngineState::of(&health.facts), EngineState::ActionNeeded, "{:?}", health.facts);
    assert!(health.facts.iter().any(|fact| fact.ok == Some(false) && fact.action.is_some()));
}

pub(crate) async fn two_workspaces_see_nothing_of_each_other(world: &World) {
    let (a, b) = (world.workspace().await, world.workspace().await);
    let flow = world.make(&a, "secret of a", &echo(&unique())).await;
    world.host.publish(&a, &flow.id, true, None).await.unwrap();
    let run = start(world, &a, &flow.id, &json!({"n": 1}), false).await;
    ended(world, &a, &run).await;
    let mine = world.make(&b, "mine", &echo(&unique())).await;
    let host = &world.host;

    assert_eq!(host.flows(&b).await.unwrap().iter().map(|entry| &entry.id).collect::<Vec<_>>(), [&mine.id]);
    assert!(host.fetch(&b, &flow.id).await.unwrap().is_none());
    assert_eq!(host.store(&b, &flow, "x", &flow.document).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(host.publish(&b, &flow.id, true, None).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(host.set_enabled(&b, &flow.id, None, false).await.unwrap_err().kind(), Kind::NotFound);
    host.delete(&b, &flow.id).await.unwrap();
    let order = RemoteStart { run: new_run(), input: Value::Null, draft: true };
    assert_eq!(host.start(&b, &flow.id, &order).await.unwrap_err().kind(), Kind::NotFound);
    assert!(host.runs(&b, None).await.unwrap().runs.is_empty());
    assert!(host.run(&b, &run).await.unwrap().is_none());
    assert_eq!(host.run_control().unwrap().cancel(&b, &run).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(host.run_control().unwrap().retry(&b, &run).await.unwrap_err().kind(), Kind::NotFound);

    let credential = host.credentials().unwrap().create(&a, &header_credential("key of a")).await.unwrap();
    assert!(host.credentials().unwrap().list(&b).await.unwrap().is_empty());
    assert_eq!(host.credentials().unwrap().test(&b, &credential.id).await.unwrap_err().kind(), Kind::NotFound);
    let renamed = host.credentials().unwrap().change(&b, &credential, Some("stolen"), None).await;
    assert_eq!(renamed.unwrap_err().kind(), Kind::NotFound);
    host.credentials().unwrap().delete(&b, &credential.id).await.unwrap();

    let left = world.fetch(&a, &flow).await;
    assert!(left.enabled && left.name == "secret of a", "nothing happened to it");
    assert_eq!(host.credentials().unwrap().list(&a).await.unwrap(), [credential]);
}

pub(crate) async fn a_flow_is_kept_as_it_was_given(world: &World) {
    let a = world.workspace().await;
    let given = echo(&unique());
    let made = world.make(&a, "Order intake", &given).await;
    assert_eq!((&*made.name, made.enabled, made.published.is_none()), ("Order intake", false, true));
    assert_eq!(workflow(&made.document), given);
    let listed = world.host.flows(&a).await.unwrap();
    let fetched = world.fetch(&a, &made).await;
    assert_eq!(listed.iter().map(|entry| (&entry.id, &entry.stamp)).collect::<Vec<_>>(), [(&made.id, &fetched.stamp)]);
    world.host.delete(&a, &made.id).await.unwrap();
    world.host.delete(&a, &made.id).await.unwrap();
    assert!(world.host.fetch(&a, &made.id).await.unwrap().is_none());
    assert!(world.host.flows(&a).await.unwrap().is_empty());
}

pub(crate) async fn only_what_is_changed_changes(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "one", &echo(&unique())).await;
    // Things that only n8n knows of.
    let (_, there) = get(world, &a, &made.id).await;
    let change = json!({"name": "one", "nodes": there["nodes"], "connections": there["connections"],
        "settings": {"timezone": "Europe/Berlin"}, "pinData": {"In": [{"json": {"body": 1}}]}, "description": "by hand"});
    put(world, &a, &made.id, &change).await;

    let base = world.fetch(&a, &made).await;
    assert_ne!(base.stamp, made.stamp, "an external edit shows");
    let mut next = workflow(&base.document);
    next["nodes"][1]["position"] = json!([300.5, 20]);
    let renamed = done(world.host.store(&a, &base, "two", &document(&next)).await.unwrap());
    assert_eq!(renamed.name, "two");
    assert_eq!(workflow(&renamed.document), next);
    let (_, after) = get(world, &a, &made.id).await;
    assert_eq!(after["pinData"], change["pinData"]);
    assert_eq!(after["settings"]["timezone"], "Europe/Berlin");
    assert_eq!(after["description"], "by hand");

    // Nothing to change is nothing sent.
    let same = done(world.host.store(&a, &renamed, "two", &renamed.document).await.unwrap());
    assert_eq!(same.stamp, renamed.stamp);
    let mut unpinned = next.clone();
    unpinned.as_object_mut().unwrap().remove("pinData");
    let without = done(world.host.store(&a, &renamed, "two", &document(&unpinned)).await.unwrap());
    assert_eq!(workflow(&without.document).get("pinData"), None, "what was pinned is gone");

    // A setting of another version is left out, the rest is kept.
    let mut newer = unpinned.clone();
    newer["settings"]["ofAnotherVersion"] = json!(true);
    newer["settings"]["executionTimeout"] = json!(60);
    let kept = done(world.host.store(&a, &without, "two", &document(&newer)).await.unwrap());
    assert_eq!(workflow(&kept.document)["settings"]["executionTimeout"], 60);
    assert_eq!(workflow(&kept.document)["settings"].get("ofAnotherVersion"), None);
}

pub(crate) async fn an_external_edit_is_not_covered(world: &World) {
    let a = world.workspace().await;
    let base = world.make(&a, "one", &echo(&unique())).await;
    let mut theirs = workflow(&base.document);
    theirs["nodes"][1]["position"] = json!([999, 1]);
    put(world, &a, &base.id, &with_name("one", &theirs)).await;
    let mut ours = workflow(&base.document);
    ours["nodes"][1]["position"] = json!([1, 999]);
    let Stored::Overtaken(now) = world.host.store(&a, &base, "one", &document(&ours)).await.unwrap() else {
        panic!("the change was covered");
    };
    assert_eq!(workflow(&now.document), theirs);
    assert_eq!(world.fetch(&a, &base).await.stamp, now.stamp, "nothing was sent");
    // A new name is a change too.
    put(world, &a, &base.id, &with_name("renamed", &theirs)).await;
    assert!(matches!(world.host.store(&a, &now, "one", &document(&ours)).await.unwrap(), Stored::Overtaken(_)));
    let now = world.fetch(&a, &base).await;
    assert_eq!(workflow(&done(world.host.store(&a, &now, "one", &document(&ours)).await.unwrap()).document), ours);
}

pub(crate) async fn a_published_webhook_is_live_at_once_and_gone_at_once(world: &World) {
    let a = world.workspace().await;
    let path = unique();
    let made = world.make(&a, "live", &echo(&path)).await;
    let url = made.hook_url.clone().unwrap();
    assert_eq!(url, format!("{}/webhook/{path}", world.server.base_url));
    assert_eq!(world.call(&url, &json!({})).await.0, 404);
    let live = world.host.publish(&a, &made.id, true, Some("the first")).await.unwrap();
    assert!(live.enabled);
    assert_eq!(workflow(&live.published.unwrap().document)["nodes"], workflow(&made.document)["nodes"]);
    let (status, answer) = world.call(&url, &json!({"n": 7})).await;
    assert_eq!((status, &answer["got"]), (200, &json!({"n": 7})));
    let off = world.host.set_enabled(&a, &made.id, None, false).await.unwrap();
    assert!(!off.enabled);
    assert_eq!(world.call(&url, &json!({})).await.0, 404);
    // A live one is deleted as well.
    world.host.set_enabled(&a, &made.id, None, true).await.unwrap();
    world.host.delete(&a, &made.id).await.unwrap();
    assert!(world.host.fetch(&a, &made.id).await.unwrap().is_none());
}

pub(crate) async fn what_is_live_stays_live_while_the_draft_changes(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "live", &echo(&unique())).await;
    let live = world.host.publish(&a, &made.id, true, None).await.unwrap();
    let mut next = workflow(&made.document);
    next["nodes"][1]["parameters"] = json!({"assignments": {"assignments": [
        {"id": "a", "name": "next", "value": "yes", "type": "string"}]}});
    let drafted = done(world.host.store(&a, &live, "live", &document(&next)).await.unwrap());
    assert!(drafted.enabled);
    assert_eq!(drafted.published.as_ref().unwrap().id, live.published.as_ref().unwrap().id);
    assert_eq!(workflow(&drafted.document), next);
    let url = live.hook_url.unwrap();
    assert!(world.call(&url, &json!({"n": 1})).await.1.get("next").is_none());
    let published = world.host.publish(&a, &made.id, false, None).await.unwrap();
    assert!(published.enabled, "what is on stays on");
    assert_ne!(published.published.unwrap().id, live.published.unwrap().id);
}

pub(crate) async fn a_flow_is_switched_on_with_the_version_that_was_published(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "later", &echo(&unique())).await;
    let kept = world.host.publish(&a, &made.id, false, None).await.unwrap();
    assert!(!kept.enabled);
    let version = kept.published.clone().unwrap().id;
    let mut next = workflow(&made.document);
    next["nodes"][1]["position"] = json!([5, 5]);
    done(world.host.store(&a, &kept, "later", &document(&next)).await.unwrap());
    let on = world.host.set_enabled(&a, &made.id, Some(&version), true).await.unwrap();
    assert!(on.enabled);
    assert_eq!(on.published.unwrap().id, version);
    assert_eq!(workflow(&on.document)["nodes"][1]["position"], json!([5, 5]));
    let unknown = ExternalId::new("00000000-0000-4000-8000-000000000000");
    assert_eq!(world.host.set_enabled(&a, &made.id, Some(&unknown), true).await.unwrap_err().code(), "conflict");
}

pub(crate) async fn a_path_that_is_taken_is_a_conflict(world: &World) {
    let (a, b) = (world.workspace().await, world.workspace().await);
    let path = unique();
    let (first, second) = (world.make(&a, "first", &echo(&path)).await, world.make(&b, "second", &echo(&path)).await);
    world.host.publish(&a, &first.id, true, None).await.unwrap();
    let taken = world.host.publish(&b, &second.id, true, None).await.unwrap_err();
    assert_eq!((taken.code(), &*taken.fields()[0].field), ("conflict", "steps.In.settings.path"));
}

pub(crate) async fn what_keeps_a_flow_from_being_published_is_named(world: &World) {
    let a = world.workspace().await;
    let manual = json!({"nodes": [{"id": unique(), "name": "Start", "type": "n8n-nodes-base.manualTrigger",
        "typeVersion": 1, "position": [0, 0], "parameters": {}}], "connections": {}, "settings": {}});
    let mut unknown = echo(&unique());
    unknown["nodes"][1]["type"] = json!("n8n-nodes-base.nonesuch");
    for (workflow, code) in [(manual, "no_trigger"), (unknown, "unknown_piece")] {
        let made = world.make(&a, "unready", &workflow).await;
        let refused = world.host.publish(&a, &made.id, true, None).await.unwrap_err();
        assert_eq!((refused.code(), &refused.more()["issues"][0]["code"]), ("not_ready", &json!(code)));
    }
}

pub(crate) async fn what_cannot_be_kept_is_refused_by_name(world: &World) {
    let a = world.workspace().await;
    let mut broken = echo(&unique());
    broken["nodes"][1].as_object_mut().unwrap().remove("type");
    let refused = world.host.create(&a, "broken", &document(&broken)).await.unwrap_err();
    assert_eq!((refused.code(), &*refused.fields()[0].field), ("invalid_input", "document.nodes[1].type"));
    let refused = world.host.create(&a, "none", &document(&json!("text"))).await.unwrap_err();
    assert_eq!((refused.code(), &*refused.fields()[0].field), ("invalid_input", "document"));
}

pub(crate) async fn runs_are_started_told_once_and_shown(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "runs", &echo(&unique())).await;
    let before = world.host.runs(&a, None).await.unwrap();
    assert!(before.runs.is_empty() && !before.more);
    let order = RemoteStart { run: new_run(), input: Value::Null, draft: false };
    assert_eq!(world.host.start(&a, &made.id, &order).await.unwrap_err().code(), "not_published");

    let live = world.host.publish(&a, &made.id, true, None).await.unwrap();
    world.call(&live.hook_url.clone().unwrap(), &json!({"by": "webhook"})).await;
    let started = start(world, &a, &made.id, &json!({"by": "us"}), false).await;
    ended(world, &a, &started).await;
    let told = all_runs(world, &a, Some(&before.next)).await;
    assert_eq!(told.0.len(), 2, "{:?}", told.0);
    assert!(told.0.iter().all(|run| run.flow == made.id && run.status == RunStatus::Succeeded));
    assert!(told.0.iter().any(|run| run.trigger == TriggerKind::Webhook && run.id != started));
    assert!(told.0.iter().all(|run| run.finished_at >= Some(run.started_at)));
    assert!(all_runs(world, &a, Some(&told.1)).await.0.is_empty(), "nothing is told twice");
    assert_eq!(all_runs(world, &a, None).await.0.len(), 2, "a first look finds everything");

    let details = world.host.run(&a, &started).await.unwrap().unwrap();
    assert_eq!(details.run.version, live.published.map(|version| version.id));
    assert_eq!(details.steps.iter().map(|step| &*step.name).collect::<Vec<_>>(), ["In", "Set"]);
    assert!(details.steps.iter().all(|step| step.status == StepStatus::Succeeded));
    assert_eq!(details.result.unwrap()[0]["got"], json!({"by": "us"}));
    let input: Value = serde_json::from_str(details.steps[1].input.as_ref().unwrap().get()).unwrap();
    assert_eq!(input[0]["body"], json!({"by": "us"}));
    assert!(world.host.run(&a, &ExternalId::new("999999999")).await.unwrap().is_none());
    assert!(world.host.run(&a, &ExternalId::new("../users")).await.unwrap().is_none());
}

pub(crate) async fn a_failed_run_says_why_and_is_repeated(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "fails", &failing(&unique())).await;
    world.host.publish(&a, &made.id, true, None).await.unwrap();
    let run = start(world, &a, &made.id, &json!({}), false).await;
    assert_eq!(ended(world, &a, &run).await, RunStatus::Failed);
    let details = world.host.run(&a, &run).await.unwrap().unwrap();
    assert_eq!(details.run.error.as_deref(), Some("no such order"));
    let failed = details.steps.iter().find(|step| step.status == StepStatus::Failed).unwrap();
    assert_eq!((&*failed.name, failed.error.as_deref()), ("Set", Some("no such order")));
    let again = world.host.run_control().unwrap().retry(&a, &run).await.unwrap().unwrap();
    assert_ne!(again, run);
    assert_eq!(ended(world, &a, &again).await, RunStatus::Failed);
    assert_eq!(world.host.run_control().unwrap().cancel(&a, &run).await.unwrap_err().code(), "run_ended");
}

pub(crate) async fn a_run_is_stopped_once(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "waits", &waiting(&unique())).await;
    world.host.publish(&a, &made.id, true, None).await.unwrap();
    let run = start(world, &a, &made.id, &json!({}), false).await;
    let told = all_runs(world, &a, None).await;
    let open = told.0.iter().find(|told| told.id == run).unwrap();
    assert!(!open.status.is_final(), "a run at work is told of: {open:?}");
    assert!(open.finished_at.is_none());
    let again = all_runs(world, &a, Some(&told.1)).await;
    assert!(again.0.iter().any(|told| told.id == run), "those at work every time");
    world.host.run_control().unwrap().cancel(&a, &run).await.unwrap();
    assert_eq!(ended(world, &a, &run).await, RunStatus::Cancelled);
    let last = all_runs(world, &a, Some(&again.1)).await;
    assert_eq!(last.0.iter().map(|run| run.status).collect::<Vec<_>>(), [RunStatus::Cancelled]);
    assert_eq!(world.host.run_control().unwrap().cancel(&a, &run).await.unwrap_err().code(), "run_ended");
    let done = start(world, &a, &world.make(&a, "ok", &echo(&unique())).await.id, &json!({}), true).await;
    ended(world, &a, &done).await;
    assert_eq!(world.host.run_control().unwrap().retry(&a, &done).await.unwrap_err().code(), "conflict");
}

pub(crate) async fn a_draft_runs_without_being_published(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "draft", &echo(&unique())).await;
    let run = start(world, &a, &made.id, &json!({"body": {"x": 1}, "query": {"q": "2"}}), true).await;
    assert_eq!(ended(world, &a, &run).await, RunStatus::Succeeded);
    let details = world.host.run(&a, &run).await.unwrap().unwrap();
    assert_eq!(details.run.trigger, TriggerKind::Manual);
    assert_eq!(details.result.unwrap()[0]["got"], json!({"x": 1}));
    let nothing = world.make(&a, "none", &json!({"nodes": [], "connections": {}, "settings": {}})).await;
    let order = RemoteStart { run: new_run(), input: Value::Null, draft: true };
    assert_eq!(world.host.start(&a, &nothing.id, &order).await.unwrap_err().kind(), Kind::Unsupported);
}

pub(crate) async fn credentials_are_kept_changed_and_forgotten(world: &World) {
    let a = world.workspace().await;
    let host = &world.host;
    let kept = host.credentials().unwrap().create(&a, &header_credential("shop key")).await.unwrap();
    assert_eq!((&*kept.kind, &*kept.name), ("httpHeaderAuth", "shop key"));
    assert_eq!(host.credentials().unwrap().list(&a).await.unwrap(), std::slice::from_ref(&kept));
    let renamed = host.credentials().unwrap().change(&a, &kept, Some("shop"), None).await.unwrap();
    assert_eq!((&renamed.id, &*renamed.name), (&kept.id, "shop"));
    let values = Secret::new(json!({"name": "X-Key", "value": "other"}).to_string());
    let replaced = host.credentials().unwrap().change(&a, &renamed, None, Some(&values)).await.unwrap();
    assert_eq!(replaced.name, "shop");
    assert_eq!(host.credentials().unwrap().test(&a, &kept.id).await.unwrap(), None, "n8n cannot try this kind");

    let wrong = Secret::new(json!({"name": "X", "value": "v", "extra": 1}).to_string());
    let refused = host.credentials().unwrap().change(&a, &renamed, None, Some(&wrong)).await.unwrap_err();
    assert_eq!((refused.code(), &*refused.fields()[0].field), ("invalid_input", "secret.extra"));
    let unknown = NewCredential { kind: "noSuchKind".to_owned(), ..header_credential("name") };
    assert_eq!(host.credentials().unwrap().create(&a, &unknown).await.unwrap_err().fields()[0].field, "kind");
    assert_eq!(
        host.credentials().unwrap().create(&a, &header_credential("x")).await.unwrap_err().fields()[0].field,
        "name"
    );

    host.credentials().unwrap().delete(&a, &kept.id).await.unwrap();
    host.credentials().unwrap().delete(&a, &kept.id).await.unwrap();
    assert!(host.credentials().unwrap().list(&a).await.unwrap().is_empty());
    assert_eq!(
        host.credentials().unwrap().change(&a, &kept, Some("gone"), None).await.unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(host.credentials().unwrap().test(&a, &kept.id).await.unwrap_err().kind(), Kind::NotFound);
}

pub(crate) async fn what_a_credential_hides_is_for_n8n_to_fill_in(world: &World) {
    let a = world.workspace().await;
    let host = &world.host;
    let github = |values: Value| NewCredential {
        kind: "githubOAuth2Api".to_owned(),
        name: "github".to_owned(),
        values: Secret::new(values.to_string()),
    };
    let asked_for = github(json!({"clientId": "id", "clientSecret": "secret"}));
    let with_hidden = github(json!({"clientId": "id", "clientSecret": "secret", "grantType": "authorizationCode"}));
    let kept = host.credentials().unwrap().create(&a, &asked_for).await.unwrap();
    host.credentials().unwrap().change(&a, &kept, None, Some(&asked_for.values)).await.unwrap();
    let made = host.credentials().unwrap().create(&a, &with_hidden).await.unwrap_err();
    let changed = host.credentials().unwrap().change(&a, &kept, None, Some(&with_hidden.values)).await.unwrap_err();
    for refused in [made, changed] {
        assert_eq!((refused.code(), &*refused.fields()[0].field), ("invalid_input", "secret.grantType"));
    }
    host.credentials().unwrap().delete(&a, &kept.id).await.unwrap();
}

pub(crate) async fn new_keys_close_the_old_ones_out(world: &World) {
    let old = world.workspace().await;
    let made = world.make(&old, "stays", &echo(&unique())).await;
    let new = world.host.keys().unwrap().rotate(&old).await.unwrap();
    assert_eq!((new.wall, &new.instance, new.workspace), (old.wall, &old.instance, old.workspace));
    assert_eq!(world.host.flows(&old).await.unwrap_err().code(), "engine_key_refused");
    assert!(world.host.fetch(&new, &made.id).await.unwrap().is_some());
    world.host.publish(&new, &made.id, true, None).await.unwrap();
    let run = start(world, &new, &made.id, &json!({}), false).await;
    ended(world, &new, &run).await;
    assert_eq!(world.request_externally(&old, Method::GET, "/api/v1/workflows", None).await.0, 401);
}

pub(crate) async fn giving_a_place_up_leaves_nothing(world: &World) {
    let a = world.workspace().await;
    let made = world.make(&a, "live", &echo(&unique())).await;
    let live = world.host.publish(&a, &made.id, true, None).await.unwrap();
    world.host.credentials().unwrap().create(&a, &header_credential("a key")).await.unwrap();
    world.host.release(&a, std::slice::from_ref(&made.id)).await.unwrap();
    assert_eq!(world.call(&live.hook_url.unwrap(), &json!({})).await.0, 404);
    assert_eq!(world.request_externally(&a, Method::GET, "/api/v1/workflows", None).await.0, 401);
    world.host.release(&a, &[made.id]).await.unwrap();
    let again = world.host.join(a.workspace, &Provisioning::Managed).await.unwrap();
    assert!(world.host.flows(&again).await.unwrap().is_empty(), "a new tenancy begins empty");
}

pub(crate) async fn an_own_key_opens_what_it_opens(world: &World) {
    let a = world.workspace().await;
    let access: Value = serde_json::from_str(a.access.expose()).unwrap();
    let text = |name: &str| access[name].as_str().unwrap().to_owned();
    let bring = |base_url: &str, login: &[(&str, &str)]| {
        let login = login.iter().map(|(name, value)| (*name, Secret::new(*value))).collect();
        OwnCredentials::new(&world.host.login(), base_url, login).map(Provisioning::OwnCredentials)
    };
    let key = &*text("api_key");
    let own = bring(&format!("{}/", world.server.base_url), &[("api_key", key)]).unwrap();
    let workspace = new_workspace();
    let tenancy = world.host.join(workspace, &own).await.unwrap();
    assert_eq!((tenancy.wall, &*tenancy.instance), (Wall::OwnKey, &*world.server.base_url));
    let made = world.make(&tenancy, "own", &echo(&unique())).await;
    let health = world.host.check(&tenancy).await;
    assert_eq!(EngineState::of(&health.facts), EngineState::Ready, "{:?}", health.facts);
    assert_eq!(world.host.keys().unwrap().rotate(&tenancy).await.unwrap_err().kind(), Kind::Unsupported);

    // Without an account and without MCP a live webhook is how a run is started.
    world.host.publish(&tenancy, &made.id, true, None).await.unwrap();
    let order = RemoteStart { run: new_run(), input: json!({"n": 3}), draft: false };
    let run = world.host.start(&tenancy, &made.id, &order).await.unwrap().run.expect("found by our id");
    ended(world, &tenancy, &run).await;
    assert_eq!(world.host.run(&tenancy, &run).await.unwrap().unwrap().run.ours, Some(order.run));
    let order = RemoteStart { run: new_run(), input: Value::Null, draft: true };
    assert_eq!(world.host.start(&tenancy, &made.id, &order).await.unwrap_err().kind(), Kind::Unsupported);
    world.host.release(&tenancy, std::slice::from_ref(&made.id)).await.unwrap();
    assert!(world.host.fetch(&tenancy, &made.id).await.unwrap().is_some(), "what was brought is left as it is");

    let account = [("api_key", key), ("email", &*text("email")), ("password", &*text("password"))];
    let with_account = bring(&world.server.base_url, &account).unwrap();
    let tenancy = world.host.join(workspace, &with_account).await.unwrap();
    let run = start(world, &tenancy, &made.id, &json!({}), true).await;
    ended(world, &tenancy, &run).await;

    let unlocked = bring(&world.server.base_url, &[("email", "ada@example.test")]).unwrap_err();
    assert_eq!((unlocked.code(), &*unlocked.fields()[0].field), ("invalid_input", "api_key"));
    let wrong = bring(&world.server.base_url, &[("api_key", "wrong")]).unwrap();
    let refused = world.host.join(workspace, &wrong).await.unwrap_err();
    assert_eq!((refused.code(), &*refused.fields()[0].field), ("invalid_input", "api_key"));
    for (url, field) in
        [("nowhere", "base_url"), ("http://10.0.0.1:5678", "base_url"), ("http://127.0.0.1:22", "base_url")]
    {
        let refused = world.host.join(workspace, &bring(url, &[("api_key", key)]).unwrap()).await.unwrap_err();
        assert_eq!((refused.code(), &*refused.fields()[0].field), ("invalid_input", field), "{url}");
    }
}

fn header_credential(name: &str) -> NewCredential {
    let values = Secret::new(json!({"name": "X-Key", "value": "s3cret"}).to_string());
    NewCredential { kind: "httpHeaderAuth".to_owned(), name: name.to_owned(), values }
}

fn with_name(name: &str, workflow: &Value) -> Value {
    let mut order = workflow.clone();
    order["name"] = json!(name);
    order
}

async fn get(world: &World, tenancy: &Tenancy, flow: &ExternalId) -> (u16, Value) {
    world.request_externally(tenancy, Method::GET, &format!("/api/v1/workflows/{flow}"), None).await
}

async fn put(world: &World, tenancy: &Tenancy, flow: &ExternalId, order: &Value) {
    let path = format!("/api/v1/workflows/{flow}?publishIfActive=false");
    let (status, answer) = world.request_externally(tenancy, Method::PUT, &path, Some(order)).await;
    assert_eq!(status, 200, "{answer}");
}

async fn start(world: &World, tenancy: &Tenancy, flow: &ExternalId, input: &Value, draft: bool) -> ExternalId {
    let order = RemoteStart { run: new_run(), input: input.clone(), draft };
    world.host.start(tenancy, flow, &order).await.unwrap().run.expect("the id of the run")
}

/// Waits for the end of a run, within a bound that no healthy server reaches.
async fn ended(world: &World, tenancy: &Tenancy, run: &ExternalId) -> RunStatus {
    let end = async {
        loop {
            if let Some(details) = world.host.run(tenancy, run).await.unwrap()
                && details.run.status.is_final()
            {
                return details.run.status;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), end).await.expect("the run ends")
}

async fn all_runs(world: &World, tenancy: &Tenancy, after: Option<&str>) -> (Vec<RemoteRun>, String) {
    let mut found = Vec::new();
    let mut next = after.map(str::to_owned);
    loop {
        let look = world.host.runs(tenancy, next.as_deref()).await.unwrap();
        found.extend(look.runs);
        next = Some(look.next);
        if !look.more {
            return (found, next.unwrap_or_default());
        }
    }
}
