//! Flows, their versions and their edits.

use std::sync::Arc;

use super::Fixture;
use crate::{
    flow::{Document, Remains},
    run::RunStatus,
    store::{EditRow, FlowEntry, FlowFilter, FlowRow, FlowState, PublishedRow, Store, VersionRow},
    testkit::fixture::{document, document_using, label, raw},
};

/// Documents are opaque to `Debug`, so the text stands beside it.
fn seen(flow: &FlowRow) -> (String, String) {
    (format!("{flow:?}"), flow.document.text().to_owned())
}

fn seen_version(version: &VersionRow) -> (String, String) {
    (format!("{version:?}"), version.document.text().to_owned())
}

/// What remains is as opaque.
fn seen_edit(edit: &EditRow) -> (String, Option<String>) {
    (format!("{edit:?}"), edit.remains.as_ref().map(|remains| remains.text().to_owned()))
}

fn names(page: &[FlowEntry]) -> Vec<&str> {
    page.iter().map(|flow| flow.name.as_str()).collect()
}

/// A flow is kept as it was made, every field of it.
pub async fn a_flow_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let published = Some(PublishedRow { version: 3, revision: 9, at: fx.tick() });
    for flow in [
        fx.flow("Bestellungen für Zoë 🦊"),
        FlowRow { enabled: true, revision: 10, published, ..fx.flow("Live") },
        FlowRow { trigger: None, issues: raw("[]"), issues_count: 0, ..fx.flow("Bare") },
        FlowRow { hook_url: Some("https://engine.example.com/hooks/1".to_owned()), ..fx.flow("Outward") },
    ] {
        fx.change(&home, async |unit| unit.flows().insert(&flow).await.unwrap()).await;
        let kept = fx.look(&home, async |unit| unit.flows().get(flow.id).await.unwrap()).await;
        assert_eq!(seen(&kept.unwrap()), seen(&flow));
    }
}

/// A document comes back letter for letter: order of keys, spaces, forms of numbers, escapes.
pub async fn a_document_is_kept_letter_for_letter(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for text in [
        r#"{ "b":1,  "a" : [1.0, 1e400, -0, 12345678901234567890123, 0.1000], "b":2 }"#,
        "{\"zero\":\"\\u0000\",\"fox\":\"🦊\",\"escaped\":\"\\ud83e\\udd8a\",\"quote\":\"'\\\"\\\\ % _ $1 ? :x\"}",
        "null",
        "\"\"",
    ] {
        let flow = FlowRow { document: document(text), ..fx.flow("Odd") };
        fx.change(&home, async |unit| unit.flows().insert(&flow).await.unwrap()).await;
        let kept = fx.look(&home, async |unit| unit.flows().get(flow.id).await.unwrap()).await;
        assert_eq!(kept.unwrap().document.text(), text);
    }
}

/// A large document is kept whole.
pub async fn a_document_of_200_kib_is_kept_whole(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let large: Document = Document::write(&"ä🦊x".repeat(200 * 1_024 / 7 + 1)).unwrap();
    assert!(large.text().len() > 200 * 1_024);
    let flow = FlowRow { document: large.clone(), ..fx.flow("Large") };
    fx.change(&home, async |unit| unit.flows().insert(&flow).await.unwrap()).await;
    let kept = fx.look(&home, async |unit| unit.flows().get(flow.id).await.unwrap()).await.unwrap();
    assert!(kept.document.text() == large.text());
}

/// An update replaces everything but id, engine, hook token and the time it was made.
pub async fn a_flow_is_replaced_but_for_what_it_is_known_by(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let before = fx.add_flow(&home, "Orders").await;
    let wanted = FlowRow {
        id: before.id,
        engine: "other".to_owned(),
        enabled: true,
        revision: 2,
        document: document(r#"{"steps":[1]}"#),
        issues: raw("[]"),
        issues_count: 0,
        trigger: None,
        hook_url: Some("https://engine.example.com/hooks/1".to_owned()),
        published: Some(PublishedRow { version: 1, revision: 1, at: fx.tick() }),
        ..fx.flow("Renamed")
    };
    assert!(fx.change(&home, async |unit| unit.flows().update(&wanted, before.state()).await.unwrap()).await);
    let kept = fx.look(&home, async |unit| unit.flows().get(before.id).await.unwrap()).await.unwrap();
    let FlowRow { engine, hook_token, created_at, .. } = before;
    assert_eq!(seen(&kept), seen(&FlowRow { engine, hook_token, created_at, ..wanted }));
}

/// A flow that changed meanwhile, in its draft, its live version or its triggers, was deleted or never was is left as it
/// is.
pub async fn a_flow_that_changed_meanwhile_is_not_overwritten(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let update =
        async |row: FlowRow, base| fx.change(&home, async |unit| unit.flows().update(&row, base).await.unwrap()).await;
    let published = Some(PublishedRow { version: 1, revision: 1, at: fx.tick() });
    let second = FlowRow { revision: 2, enabled: true, published, ..flow.clone() };
    assert!(update(second.clone(), flow.state()).await);
    let stale = FlowRow { revision: 3, name: label("Stale"), ..flow.clone() };
    for base in [
        flow.state(),
        FlowState { revision: 3, ..second.state() },
        FlowState { enabled: false, ..second.state() },
        FlowState { published: None, ..second.state() },
        FlowState { published: Some(2), ..second.state() },
    ] {
        assert!(!update(stale.clone(), base).await, "{base:?}");
    }
    assert!(!update(fx.flow("Nowhere"), flow.state()).await);
    let kept = fx.look(&home, async |unit| unit.flows().get(flow.id).await.unwrap()).await.unwrap();
    assert_eq!(seen(&kept), seen(&second));
    let at = fx.tick();
    assert!(fx.change(&home, async |unit| unit.flows().delete(flow.id, at).await.unwrap()).await);
    assert!(!update(stale, second.state()).await);
}

/// A deleted flow is not found, listed or counted any more, and is deleted once.
pub async fn a_deleted_flow_is_out_of_sight(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, kept) = (fx.add_flow(&home, "Gone").await, fx.add_flow(&home, "Kept").await);
    let at = fx.tick();
    let delete = async |id| fx.change(&home, async |unit| unit.flows().delete(id, at).await.unwrap()).await;
    assert!(delete(flow.id).await);
    assert!(!delete(flow.id).await);
    assert!(!delete(fx.id()).await);
    let mut unit = fx.read(&home).await;
    assert!(unit.flows().get(flow.id).await.unwrap().is_none());
    assert_eq!(unit.flows().count().await.unwrap(), 1);
    let page = Fixture::page(10, None, home.workspace);
    let list = unit.flows().list(&FlowFilter::default(), &page).await.unwrap();
    assert_eq!(names(&list.items), ["Kept"]);
    assert!(unit.flows().get(kept.id).await.unwrap().is_some());
}

/// The versions of a deleted flow can still be read, since its runs name them.
pub async fn versions_outlive_their_flow(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let (first, second) =
        (fx.version(1, r#"{"v":1}"#), VersionRow { note: Some("Größer".to_owned()), ..fx.version(2, r#"{"v":2}"#) });
    let at = fx.tick();
    fx.change(&home, async |unit| {
        unit.flows().insert_version(flow.id, &first).await.unwrap();
        unit.flows().insert_version(flow.id, &second).await.unwrap();
        unit.flows().delete(flow.id, at).await.unwrap()
    })
    .await;
    let version = async |n| fx.look(&home, async |unit| unit.flows().version(flow.id, n).await.unwrap()).await;
    assert_eq!(seen_version(&version(1).await.unwrap()), seen_version(&first));
    assert_eq!(seen_version(&version(2).await.unwrap()), seen_version(&second));
    assert!(version(3).await.is_none());
}

/// A version is never replaced by another of the same number.
pub async fn a_version_is_not_replaced(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let first = fx.version(1, r#"{"v":1}"#);
    fx.change(&home, async |unit| unit.flows().insert_version(flow.id, &first).await.unwrap()).await;
    let mut unit = fx.write(&home).await;
    assert!(unit.flows().insert_version(flow.id, &fx.version(1, r#"{"v":"other"}"#)).await.is_err());
    drop(unit);
    let kept = fx.look(&home, async |unit| unit.flows().version(flow.id, 1).await.unwrap()).await;
    assert_eq!(kept.unwrap().document.text(), r#"{"v":1}"#);
}

/// Published versions are listed newest first, a page at a time, without those of other flows.
pub async fn versions_are_listed_newest_first(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, other) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&home, "Other").await);
    for n in 1..=12 {
        let version = VersionRow { note: Some(format!("number {n}")), ..fx.version(n, "0") };
        fx.change(&home, async |unit| unit.flows().insert_version(flow.id, &version).await.unwrap()).await;
    }
    let first = fx.version(1, "0");
    fx.change(&home, async |unit| unit.flows().insert_version(other.id, &first).await.unwrap()).await;
    let page = async |cursor: Option<&str>| {
        let page = Fixture::page(5, cursor, home.workspace);
        fx.look(&home, async |unit| unit.flows().versions(flow.id, &page).await.unwrap()).await
    };
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = page(cursor.as_deref()).await;
        seen.extend(found.items.into_iter().map(|entry| (entry.version, entry.note.unwrap())));
        let Some(next) = found.next else { break };
        cursor = Some(next);
    }
    assert_eq!(seen, (1..=12).rev().map(|n| (n, format!("number {n}"))).collect::<Vec<_>>());
}

/// The same flow is not added twice.
pub async fn a_flow_is_not_added_twice(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let again = FlowRow { id: flow.id, ..fx.flow("Usurped") };
    let mut unit = fx.write(&home).await;
    assert!(unit.flows().insert(&again).await.is_err());
    drop(unit);
    let kept = fx.look(&home, async |unit| unit.flows().get(flow.id).await.unwrap()).await;
    assert_eq!(seen(&kept.unwrap()), seen(&flow));
}

/// The history of a draft is read on from any revision, in order.
pub async fn edits_come_back_in_order(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, other) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&home, "Other").await);
    let remains = Remains::parse(r#"{ "call":1.0 }"#.to_owned()).unwrap();
    let edits =
        [fx.edit(1), EditRow { note: None, ..fx.edit(2) }, EditRow { base: 1, remains: Some(remains), ..fx.edit(3) }];
    fx.change(&home, async |unit| {
        for edit in &edits {
            unit.flows().insert_edit(flow.id, edit).await.unwrap();
        }
        unit.flows().insert_edit(other.id, &fx.edit(1)).await.unwrap();
    })
    .await;
    let after = async |revision, limit| {
        let edits =
            fx.look(&home, async |unit| unit.flows().edits_after(flow.id, revision, limit).await.unwrap()).await;
        edits.iter().map(seen_edit).collect::<Vec<_>>()
    };
    let all = edits.each_ref().map(seen_edit);
    assert_eq!(after(0, 10).await, all);
    assert_eq!(after(2, 1).await, all[1..2]);
    assert_eq!(after(3, 10).await, all[2..]);
    assert!(after(4, 10).await.is_empty());
}

/// Edits that could not be applied stand in the history alone, however many met the same revision.
pub async fn edits_that_were_not_applied_stand_in_the_history_alone(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let unapplied = || EditRow { revision: 2, conflict: true, ..fx.edit(1) };
    let edits = [fx.edit(1), unapplied(), unapplied(), fx.edit(2)];
    fx.change(&home, async |unit| {
        for edit in &edits {
            unit.flows().insert_edit(flow.id, edit).await.unwrap();
        }
    })
    .await;
    let page = Fixture::page(10, None, home.workspace);
    let mut unit = fx.read(&home).await;
    let applied = unit.flows().edits_after(flow.id, 0, 10).await.unwrap();
    assert_eq!(applied.iter().map(|edit| edit.id).collect::<Vec<_>>(), [edits[0].id, edits[3].id]);
    let all = unit.flows().edits(flow.id, &page).await.unwrap().items;
    assert_eq!(all.iter().map(seen_edit).collect::<Vec<_>>(), edits.iter().rev().map(seen_edit).collect::<Vec<_>>());
}

/// A list of edits is found in the history of its own flow, applied or not.
pub async fn an_edit_is_found_in_the_history_of_its_flow(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, other) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&home, "Other").await);
    let edits = [fx.edit(1), EditRow { conflict: true, ..fx.edit(1) }];
    fx.change(&home, async |unit| {
        for edit in &edits {
            unit.flows().insert_edit(flow.id, edit).await.unwrap();
        }
    })
    .await;
    let mut unit = fx.read(&home).await;
    for edit in &edits {
        let found = unit.flows().edit(flow.id, edit.id).await.unwrap();
        assert_eq!(found.as_ref().map(seen_edit), Some(seen_edit(edit)));
        assert!(unit.flows().edit(other.id, edit.id).await.unwrap().is_none());
    }
    assert!(unit.flows().edit(flow.id, fx.id()).await.unwrap().is_none());
}

/// A revision comes from one list of edits.
pub async fn a_revision_comes_from_one_list_of_edits(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let first = fx.edit(1);
    fx.change(&home, async |unit| unit.flows().insert_edit(flow.id, &first).await.unwrap()).await;
    let mut unit = fx.write(&home).await;
    assert!(unit.flows().insert_edit(flow.id, &fx.edit(1)).await.is_err());
    drop(unit);
    let kept = fx.look(&home, async |unit| unit.flows().edits_after(flow.id, 0, 10).await.unwrap()).await;
    assert_eq!(kept.iter().map(|edit| edit.id).collect::<Vec<_>>(), [first.id]);
}

/// The history of a draft is listed, the newest first, page by page.
pub async fn pages_of_edits_follow_on_each_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (flow, other) = (fx.add_flow(&home, "Orders").await, fx.add_flow(&home, "Other").await);
    let mut made = Vec::new();
    for base in 1..6 {
        let edit = fx.edit(base);
        fx.change(&home, async |unit| {
            unit.flows().insert_edit(flow.id, &edit).await.unwrap();
            unit.flows().insert_edit(other.id, &fx.edit(base)).await.unwrap();
        })
        .await;
        made.push(edit.id);
    }
    let pages = Fixture::pages(2, home.workspace, async |page| {
        fx.look(&home, async |unit| unit.flows().edits(flow.id, page).await.unwrap()).await
    });
    let pages = pages.await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    made.reverse();
    assert_eq!(pages.concat().iter().map(|edit| edit.id).collect::<Vec<_>>(), made);
}

/// Flows are listed, the newest first, page by page, each with its newest run.
pub async fn a_page_goes_on_where_the_last_one_ended(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for name in ["One", "Two", "Three", "Four", "Five"] {
        fx.add_flow(&home, name).await;
    }
    let list = async |limit| {
        let pages = Fixture::pages(limit, home.workspace, async |page| {
            fx.look(&home, async |unit| unit.flows().list(&FlowFilter::default(), page).await.unwrap()).await
        });
        pages.await
    };
    for (limit, sizes) in [(2, vec![2, 2, 1]), (5, vec![5]), (200, vec![5])] {
        let pages = list(limit).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        assert_eq!(names(&pages.concat()), ["Five", "Four", "Three", "Two", "One"]);
    }
}

/// What is added while a list is read does not shift what follows, and what is deleted is just left out.
pub async fn a_list_read_page_by_page_does_not_shift(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.add_flow(&home, "One").await;
    let gone = fx.add_flow(&home, "Two").await;
    fx.add_flow(&home, "Three").await;
    let all = FlowFilter::default();
    let list = async |cursor: Option<&str>| {
        let page = Fixture::page(1, cursor, home.workspace);
        fx.look(&home, async |unit| unit.flows().list(&all, &page).await.unwrap()).await
    };
    let first = list(None).await;
    assert_eq!(names(&first.items), ["Three"]);
    fx.add_flow(&home, "Four").await;
    let at = fx.tick();
    fx.change(&home, async |unit| unit.flows().delete(gone.id, at).await.unwrap()).await;
    let second = list(first.next.as_deref()).await;
    assert_eq!(names(&second.items), ["One"]);
    assert_eq!(second.next, None);
}

/// A list entry says how the newest run of the flow stands.
pub async fn a_flow_is_listed_with_its_newest_run(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (never, ran) = (fx.add_flow(&home, "Never").await, fx.add_flow(&home, "Ran").await);
    fx.add_ended(&home, &ran, RunStatus::Succeeded, 5).await;
    let newest = fx.add_ended(&home, &ran, RunStatus::Failed, 5).await.summary;
    let page = Fixture::page(10, None, home.workspace);
    let list = fx.look(&home, async |unit| unit.flows().list(&FlowFilter::default(), &page).await.unwrap()).await;
    let entry = &list.items[0];
    assert_eq!(entry.last_run, Some((newest.id, RunStatus::Failed, newest.started_at)));
    assert_eq!(list.items[1].last_run, None);
    let FlowEntry { id, engine, enabled, revision, issues_count, trigger, published, updated_at, .. } = &list.items[1];
    assert_eq!((*id, engine, *enabled, *revision), (never.id, &never.engine, never.enabled, never.revision));
    assert_eq!((*issues_count, trigger, *published), (never.issues_count, &never.trigger, never.published));
    assert_eq!(*updated_at, never.updated_at);
}

/// Flows are found by engine, by a part of the name, by whether they are live, by how they last ended.
pub async fn flows_are_filtered(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let orders = FlowRow { enabled: true, ..fx.flow("New Orders") };
    let odd = FlowRow { engine: "other".to_owned(), ..fx.flow("100%_done \\o/ 🦊") };
    for flow in [&orders, &odd] {
        fx.change(&home, async |unit| unit.flows().insert(flow).await.unwrap()).await;
    }
    fx.add_ended(&home, &orders, RunStatus::Succeeded, 5).await;
    let list = async |filter: FlowFilter| {
        let page = Fixture::page(10, None, home.workspace);
        let list = fx.look(&home, async |unit| unit.flows().list(&filter, &page).await.unwrap()).await;
        list.items.into_iter().map(|flow| flow.id).collect::<Vec<_>>()
    };
    let text = |text: &str| FlowFilter { text: Some(text.to_owned()), ..FlowFilter::default() };
    assert_eq!(list(text("nEW oRD")).await, [orders.id]);
    assert_eq!(list(text("%")).await, [odd.id]);
    assert_eq!(list(text("_d")).await, [odd.id]);
    assert_eq!(list(text("\\")).await, [odd.id]);
    assert_eq!(list(text("🦊")).await, [odd.id]);
    assert_eq!(list(text("")).await, [odd.id, orders.id]);
    let accented = fx.flow("ÜBER Ελλάδα ЖУК");
    fx.change(&home, async |unit| unit.flows().insert(&accented).await.unwrap()).await;
    for spelled in ["über", "ελλάδα", "жук", "ÜBER ελλ"] {
        assert_eq!(list(text(spelled)).await, [accented.id], "{spelled}");
    }
    fx.change(&home, async |unit| unit.flows().delete(accented.id, accented.updated_at).await.unwrap()).await;
    for pattern in [".*", "(", "[a-z]", "(?i)", "$", "^new"] {
        assert!(list(text(pattern)).await.is_empty(), "{pattern}");
    }
    assert!(list(text("1%d")).await.is_empty());
    assert!(list(text("' or 1=1 --")).await.is_empty());
    let all = FlowFilter::default;
    assert_eq!(list(FlowFilter { engine: Some("other".to_owned()), ..all() }).await, [odd.id]);
    assert_eq!(list(FlowFilter { enabled: Some(true), ..all() }).await, [orders.id]);
    assert_eq!(list(FlowFilter { enabled: Some(false), ..all() }).await, [odd.id]);
    assert_eq!(list(FlowFilter { last_status: Some(RunStatus::Succeeded), ..all() }).await, [orders.id]);
    assert!(list(FlowFilter { last_status: Some(RunStatus::Failed), ..all() }).await.is_empty());
    assert!(list(FlowFilter { enabled: Some(false), ..text("new") }).await.is_empty());
}

/// Which flows use a credential, in the draft or in the version that is live.
pub async fn the_flows_that_use_a_credential_are_found(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let wanted = fx.add_connection(&home, "Mail").await.connection.id;
    let other = fx.add_connection(&home, "Shop").await.connection.id;
    let using = |id, name: &str| FlowRow { document: document_using(id), ..fx.flow(name) };
    let published = Some(PublishedRow { version: 2, revision: 1, at: fx.tick() });
    let draft = using(wanted, "Draft");
    let live = FlowRow { published, ..using(other, "Live") };
    let before = FlowRow { published, ..using(other, "Before") };
    let gone = using(wanted, "Gone");
    let at = fx.tick();
    fx.change(&home, async |unit| {
        for flow in [&draft, &live, &before, &gone, &using(other, "Other")] {
            unit.flows().insert(flow).await.unwrap();
        }
        let version = |n, id| VersionRow { document: document_using(id), ..fx.version(n, "0") };
        unit.flows().insert_version(live.id, &version(2, wanted)).await.unwrap();
        unit.flows().insert_version(before.id, &version(1, wanted)).await.unwrap();
        unit.flows().insert_version(before.id, &version(2, other)).await.unwrap();
        unit.flows().delete(gone.id, at).await.unwrap()
    })
    .await;
    let mut found = fx.look(&home, async |unit| unit.flows().using(wanted).await.unwrap()).await;
    found.sort_unstable();
    assert_eq!(found, [(draft.id, label("Draft")), (live.id, label("Live"))]);
    assert!(fx.look(&home, async |unit| unit.flows().using(fx.id()).await.unwrap()).await.is_empty());
}
