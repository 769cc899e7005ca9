//! Calls that wait for an approval and what becomes of them, what has to be approved, and approvals that hold for a time.

use std::{sync::Arc, time::Duration};

use super::{Fixture, Home};
use crate::{
    ApprovalId, Channel, Timestamp,
    approval::{Approval, ApprovalPolicy, ApprovalStatus, Decided, Decision, Grant, Origin, Rule},
    effect::Effect,
    store::{ApprovalFilter, Closing, KeptPolicy, Remembered, Store, StoredAnswer},
    testkit::fixture::{answer_key, raw},
    vault::Sealed,
};

/// A request that waits for an hour.
fn approval(fx: &Fixture) -> Approval {
    let at = fx.tick();
    Approval {
        id: fx.id(),
        status: ApprovalStatus::Pending,
        requester: fx.id(),
        channel: Channel::Agent,
        origin: Origin { session: Some(fx.id()), turn: Some(fx.id()) },
        action: "connections.create".to_owned(),
        effect: Effect::Write,
        summary: "Adds a credential: Shop".to_owned(),
        input: raw(r#"{ "name":"Shop", "n":1.0 }"#),
        secrets: Some(Sealed::from_bytes(vec![1, 2, 3])),
        digest: [3; 32],
        preview: Some(raw(r#"{ "hosts":[ ] }"#)),
        key: Some("key-1".to_owned()),
        needs: 1,
        decisions: Vec::new(),
        edited: false,
        at,
        expires_at: at.plus(Duration::from_hours(1)),
        finished_at: None,
        result: None,
        error: None,
        told: false,
        revision: 0,
    }
}

async fn add(fx: &Fixture, home: &Home) -> Approval {
    let approval = approval(fx);
    fx.change(home, async |unit| unit.approvals().insert(&approval).await.unwrap()).await;
    approval
}

async fn kept(fx: &Fixture, home: &Home, id: ApprovalId) -> Option<Approval> {
    fx.look(home, async |unit| unit.approvals().get(id).await.unwrap()).await
}

async fn update(fx: &Fixture, home: &Home, approval: &Approval) -> bool {
    let mut unit = fx.write(home).await;
    let changed = unit.approvals().update(approval).await.unwrap();
    unit.commit(Closing::default()).await.unwrap();
    changed
}

async fn set_policy(fx: &Fixture, home: &Home, seen: u64, policy: &ApprovalPolicy) -> bool {
    let mut unit = fx.write(home).await;
    let set = unit.approvals().set_policy(seen, policy).await.unwrap();
    unit.commit(Closing::default()).await.unwrap();
    set
}

/// Keeps a request that was approved.
async fn add_approved(fx: &Fixture, home: &Home) -> Approval {
    let approval = add(fx, home).await;
    let approved = Approval { status: ApprovalStatus::Approved, ..approval };
    assert!(update(fx, home, &approved).await);
    Approval { revision: 1, ..approved }
}

fn same(left: &Approval, right: &Approval) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
    let bytes = |approval: &Approval| approval.secrets.as_ref().map(|sealed| sealed.bytes().to_vec());
    assert_eq!(bytes(left), bytes(right));
}

/// A request comes back as it was kept, letter for letter, and is kept once.
pub async fn a_request_for_approval_is_kept_letter_for_letter(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let bare = Approval {
        origin: Origin::default(),
        channel: Channel::Mcp,
        secrets: None,
        preview: None,
        key: None,
        ..approval(&fx)
    };
    for approval in [approval(&fx), bare] {
        fx.change(&home, async |unit| unit.approvals().insert(&approval).await.unwrap()).await;
        same(&kept(&fx, &home, approval.id).await.unwrap(), &approval);
        assert!(fx.write(&home).await.approvals().insert(&approval).await.is_err(), "it is kept twice");
    }
    assert!(kept(&fx, &home, fx.id()).await.is_none());
}

/// A change writes what can change, and leaves what was asked for and by whom.
pub async fn a_request_for_approval_changes_part_by_part(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let before = add(&fx, &home).await;
    let decided = Decided { by: home.admin, decision: Decision::Approve, at: fx.tick() };
    let wanted = Approval {
        status: ApprovalStatus::Failed,
        input: raw(r#"{"name": "Post"}"#),
        secrets: None,
        digest: [4; 32],
        decisions: vec![decided.clone(), decided],
        edited: true,
        finished_at: Some(fx.tick()),
        result: Some(raw(r#"{ "id": 1.0 }"#)),
        error: Some("The service answered 500".to_owned()),
        told: true,
        ..before.clone()
    };
    let stray = Approval {
        requester: fx.id(),
        channel: Channel::Browser,
        action: "flows.delete".to_owned(),
        summary: String::new(),
        key: None,
        at: fx.tick(),
        expires_at: fx.tick(),
        ..wanted.clone()
    };
    assert!(update(&fx, &home, &stray).await);
    same(&kept(&fx, &home, before.id).await.unwrap(), &Approval { revision: 1, ..wanted });
    assert!(!update(&fx, &home, &approval(&fx)).await, "one that is not there was changed");
}

/// Of many who decide about the same request at once one decides; the others change nothing.
pub async fn of_many_who_decide_at_once_one_decides(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let seen = add(&fx, &home).await;
    let decide = |n: u64| {
        let (fx, status) =
            (fx.clone(), if n.is_multiple_of(2) { ApprovalStatus::Approved } else { ApprovalStatus::Denied });
        let approval = Approval { status, error: Some(n.to_string()), ..seen.clone() };
        tokio::spawn(async move { update(&fx, &home, &approval).await.then_some(n) })
    };
    let outcomes = futures::future::join_all((0..8).map(decide)).await;
    let winners: Vec<_> = outcomes.into_iter().filter_map(|outcome| outcome.unwrap()).collect();
    let after = kept(&fx, &home, seen.id).await.unwrap();
    assert_eq!(winners.iter().map(u64::to_string).collect::<Vec<_>>(), [after.error.unwrap()]);
    assert_eq!(after.revision, 1);
}

/// An approved call is carried out once, however many try at the same time, and the answer that it waits gives way to the
/// answer of the act.
pub async fn an_approved_call_is_executed_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let approval = add_approved(&fx, &home).await;
    let waits = StoredAnswer { answer: Remembered::Parked(approval.id), ..fx.answer("k") };
    for answer in [waits, fx.answer("other")] {
        fx.write(&home).await.commit(Closing { answer: Some(answer), ..Closing::default() }).await.unwrap();
    }
    let found = fx.look(&home, async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await.unwrap();
    assert!(matches!(found.answer, Remembered::Parked(id) if id == approval.id), "{found:?}");
    let at = fx.tick();
    let execute = |_| {
        let (fx, id) = (fx.clone(), approval.id);
        tokio::spawn(async move {
            let mut unit = fx.write(&home).await;
            let executed = unit.approvals().execute(id, at).await?;
            if executed {
                unit.commit(Closing { answer: Some(fx.answer("k")), ..Closing::default() }).await?;
            }
            Ok::<bool, crate::Error>(executed)
        })
    };
    let executed = futures::future::join_all((0..6).map(execute)).await;
    assert_eq!(executed.into_iter().filter(|executed| matches!(executed, Ok(Ok(true)))).count(), 1);
    let after = kept(&fx, &home, approval.id).await.unwrap();
    same(
        &after,
        &Approval { status: ApprovalStatus::Executed, finished_at: Some(at), revision: 2, ..approval.clone() },
    );
    for key in ["k", "other"] {
        let found = fx.look(&home, async |unit| unit.idempotency().get(&answer_key(key)).await.unwrap()).await;
        assert!(matches!(found.unwrap().answer, Remembered::Done(Some(_))), "{key}");
    }
    assert!(!update(&fx, &home, &approval).await, "a change that was read before it was carried out is lost");
}

/// What was not approved is not carried out, and the answer that it waits stays.
pub async fn only_an_approved_call_is_executed(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let approval = add(&fx, &home).await;
    let answer = Some(StoredAnswer { answer: Remembered::Parked(approval.id), ..fx.answer("k") });
    fx.write(&home).await.commit(Closing { answer, ..Closing::default() }).await.unwrap();
    let at = fx.tick();
    let execute = async |id| fx.change(&home, async |unit| unit.approvals().execute(id, at).await.unwrap()).await;
    assert!(!execute(approval.id).await);
    assert!(!execute(fx.id()).await);
    assert!(update(&fx, &home, &Approval { status: ApprovalStatus::Denied, ..approval.clone() }).await);
    assert!(!execute(approval.id).await);
    let found = fx.look(&home, async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await.unwrap();
    assert!(matches!(found.answer, Remembered::Parked(_)), "{found:?}");
}

/// Requests are listed, the newest first, page by page: all, by status, by person, or by both. Those that wait are counted.
pub async fn requests_for_approval_are_listed_and_counted(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let mut made = Vec::new();
    for n in 0..5 {
        made.push(if n % 2 == 0 { add(&fx, &home).await } else { add_approved(&fx, &home).await });
    }
    let newest = |wanted: &dyn Fn(&Approval) -> bool| {
        made.iter().rev().filter(|approval| wanted(approval)).map(|approval| approval.id).collect::<Vec<_>>()
    };
    let list = async |status, requester| {
        let filter = ApprovalFilter { status, requester };
        let pages = Fixture::pages(2, home.workspace, async |page| {
            fx.look(&home, async |unit| unit.approvals().list(filter, page).await.unwrap()).await
        });
        pages.await.concat().into_iter().map(|approval| approval.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, None).await, newest(&|_| true));
    let pending = Some(ApprovalStatus::Pending);
    assert_eq!(list(pending, None).await, newest(&|approval| approval.status == ApprovalStatus::Pending));
    let person = made[2].requester;
    assert_eq!(list(None, Some(person)).await, [made[2].id]);
    assert_eq!(list(pending, Some(person)).await, [made[2].id]);
    assert_eq!(list(Some(ApprovalStatus::Approved), Some(person)).await, []);
    assert_eq!(fx.look(&home, async |unit| unit.approvals().count_pending().await.unwrap()).await, 3);
}

/// Due are, in all workspaces and the oldest first: what was approved, what no one decided in time, and what was carried out
/// without that it was told.
pub async fn requests_for_approval_are_due_until_they_have_ended(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let waits = add(&fx, &home).await;
    let approved = add_approved(&fx, &other).await;
    let (executed, told) = (add_approved(&fx, &home).await, add_approved(&fx, &home).await);
    let at = fx.tick();
    for approval in [&executed, &told] {
        assert!(fx.change(&home, async |unit| unit.approvals().execute(approval.id, at).await.unwrap()).await);
    }
    let told = Approval { status: ApprovalStatus::Executed, told: true, revision: 2, ..told };
    assert!(update(&fx, &home, &told).await);
    let denied = add(&fx, &home).await;
    assert!(update(&fx, &home, &Approval { status: ApprovalStatus::Denied, ..denied }).await);
    let due = async |now, limit| fx.store.directory().due_approvals(now, limit).await.unwrap();
    let undone = [(other.workspace, approved.id), (home.workspace, executed.id)];
    assert_eq!(due(waits.expires_at.minus(Duration::from_micros(1)), 10).await, undone);
    let late = due(waits.expires_at, 10).await;
    assert_eq!(late, [&[(home.workspace, waits.id)], &undone[..]].concat());
    assert_eq!(due(waits.expires_at, 2).await, late[..2]);
}

/// Requests that ended before a time are purged, some at a time; those that have not ended stay.
pub async fn requests_for_approval_that_ended_are_purged(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let open = add(&fx, &home).await;
    let mut ended = Vec::new();
    for _ in 0..4 {
        let approval = add(&fx, &home).await;
        let denied = Approval { status: ApprovalStatus::Denied, finished_at: Some(fx.tick()), ..approval };
        assert!(update(&fx, &home, &denied).await);
        ended.push(denied);
    }
    let last = ended.pop().unwrap();
    let cut = last.finished_at.unwrap();
    let purge = async || fx.change(&home, async |unit| unit.approvals().purge(cut, 2).await.unwrap()).await;
    assert_eq!((purge().await, purge().await, purge().await), (2, 1, 0));
    for approval in ended {
        assert!(kept(&fx, &home, approval.id).await.is_none());
    }
    for approval in [open, last] {
        assert!(kept(&fx, &home, approval.id).await.is_some());
    }
}

/// A workspace begins with the default policy at revision 0, and a change is compared with what was read.
pub async fn a_policy_changes_from_what_was_seen(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let policy = async || fx.look(&home, async |unit| unit.approvals().policy().await.unwrap()).await;
    let set = async |seen, policy: &ApprovalPolicy| set_policy(&fx, &home, seen, policy).await;
    assert_eq!(policy().await, KeptPolicy::default());
    let strict = ApprovalPolicy {
        destructive: Rule::Deny,
        tools: [("runs.start".to_owned(), Rule::Auto)].into(),
        four_eyes: true,
        expires_after_s: 60,
        ..ApprovalPolicy::default()
    };
    assert!(!set(1, &strict).await);
    assert!(set(0, &strict).await);
    assert_eq!(policy().await, KeptPolicy { revision: 1, policy: strict.clone() });
    assert!(!set(0, &ApprovalPolicy::default()).await);
    assert!(set(1, &ApprovalPolicy::default()).await);
    assert_eq!(policy().await, KeptPolicy { revision: 2, policy: ApprovalPolicy::default() });
}

/// Of many who set the policy at once one sets it, the first time and later.
pub async fn of_many_who_set_a_policy_at_once_one_sets_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for seen in 0..2 {
        let set = |n: u32| {
            let fx = fx.clone();
            let policy = ApprovalPolicy { expires_after_s: 60 + n, ..ApprovalPolicy::default() };
            tokio::spawn(async move { set_policy(&fx, &home, seen, &policy).await })
        };
        let outcomes = futures::future::join_all((0..6).map(set)).await;
        assert_eq!(outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count(), 1);
        let kept = fx.look(&home, async |unit| unit.approvals().policy().await.unwrap()).await;
        assert_eq!(kept.revision, seen + 1);
    }
}

fn grant(fx: &Fixture, expires_at: Timestamp) -> Grant {
    let at = fx.tick();
    Grant {
        id: fx.id(),
        requester: fx.id(),
        action: "flows.publish".to_owned(),
        summary: "Publishes: Orders".to_owned(),
        digest: [5; 32],
        by: fx.id(),
        at,
        expires_at,
    }
}

/// Grants that held until before a time are purged, some at a time; the others stay.
pub async fn grants_that_are_over_are_purged(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (cut, begin) = (fx.tick(), fx.tick().minus(Duration::from_hours(2)));
    for expires_at in [cut.minus(Duration::from_hours(1)), cut.minus(Duration::from_secs(1)), cut] {
        let grant = grant(&fx, expires_at);
        fx.change(&home, async |unit| unit.approvals().insert_grant(&grant).await.unwrap()).await;
    }
    let purge = async || fx.change(&home, async |unit| unit.approvals().purge(cut, 1).await.unwrap()).await;
    assert_eq!((purge().await, purge().await, purge().await), (1, 1, 0));
    let pages = Fixture::pages(5, home.workspace, async |page| {
        fx.look(&home, async |unit| unit.approvals().grants(begin, page).await.unwrap()).await
    });
    assert_eq!(pages.await.concat().len(), 1);
}

/// A grant holds for one person, one action and one input, until it expires or is taken away.
pub async fn a_grant_is_exact_and_expires(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let now = fx.tick();
    let grant = grant(&fx, now.plus(Duration::from_mins(1)));
    fx.change(&home, async |unit| unit.approvals().insert_grant(&grant).await.unwrap()).await;
    let holds = async |requester, action: &str, digest: [u8; 32], at| {
        fx.look(&home, async |unit| unit.approvals().is_granted(requester, action, &digest, at).await.unwrap()).await
    };
    let Grant { requester, digest, expires_at, .. } = grant;
    assert!(holds(requester, "flows.publish", digest, now).await);
    assert!(holds(requester, "flows.publish", digest, expires_at.minus(Duration::from_micros(1))).await);
    assert!(!holds(requester, "flows.publish", digest, expires_at).await);
    assert!(!holds(fx.id(), "flows.publish", digest, now).await);
    assert!(!holds(requester, "flows.delete", digest, now).await);
    assert!(!holds(requester, "flows.publish", [6; 32], now).await);
    let remove = async || fx.change(&home, async |unit| unit.approvals().remove_grant(grant.id).await.unwrap()).await;
    assert!(remove().await);
    assert!(!remove().await);
    assert!(!holds(requester, "flows.publish", digest, now).await);
}

/// Grants that hold are listed, the newest first, page by page, as they were made.
pub async fn pages_of_grants_hold_those_that_have_not_expired(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let now = fx.tick();
    let mut wanted = Vec::new();
    for n in 0..5 {
        let holds = n % 2 == 0;
        let grant = grant(&fx, if holds { now.plus(Duration::from_micros(1)) } else { now });
        fx.change(&home, async |unit| unit.approvals().insert_grant(&grant).await.unwrap()).await;
        if holds {
            wanted.push(grant);
        }
    }
    wanted.reverse();
    let pages = Fixture::pages(2, home.workspace, async |page| {
        fx.look(&home, async |unit| unit.approvals().grants(now, page).await.unwrap()).await
    });
    assert_eq!(format!("{:?}", pages.await.concat()), format!("{wanted:?}"));
}

/// To another workspace a request, a policy and a grant are not there, neither to see nor to change.
pub async fn approvals_belong_to_one_workspace(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, elsewhere) = (fx.found("ada").await, fx.found("bob").await);
    let approval = add_approved(&fx, &home).await;
    let at = fx.tick();
    let grant = grant(&fx, at.plus(Duration::from_hours(1)));
    let strict = ApprovalPolicy { write: Rule::Deny, ..ApprovalPolicy::default() };
    fx.change(&home, async |unit| {
        unit.approvals().insert_grant(&grant).await.unwrap();
        assert!(unit.approvals().set_policy(0, &strict).await.unwrap());
    })
    .await;
    let page = Fixture::page(10, None, elsewhere.workspace);
    fx.change(&elsewhere, async |unit| {
        let approvals = unit.approvals();
        assert!(approvals.get(approval.id).await.unwrap().is_none());
        assert!(approvals.list(ApprovalFilter::default(), &page).await.unwrap().items.is_empty());
        assert_eq!(approvals.count_pending().await.unwrap(), 0);
        assert!(!approvals.update(&approval).await.unwrap());
        assert!(!approvals.execute(approval.id, at).await.unwrap());
        assert_eq!(approvals.policy().await.unwrap(), KeptPolicy::default());
        assert!(!approvals.set_policy(1, &ApprovalPolicy::default()).await.unwrap());
        assert!(approvals.grants(at, &page).await.unwrap().items.is_empty());
        assert!(!approvals.is_granted(grant.requester, &grant.action, &grant.digest, at).await.unwrap());
        assert!(!approvals.remove_grant(grant.id).await.unwrap());
    })
    .await;
    same(&kept(&fx, &home, approval.id).await.unwrap(), &approval);
    let policy = fx.look(&home, async |unit| unit.approvals().policy().await.unwrap()).await;
    assert_eq!(policy, KeptPolicy { revision: 1, policy: strict });
}

/// A deleted workspace takes its requests, its policy and its grants along.
pub async fn a_deleted_workspace_takes_its_approvals_along(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let approval = add_approved(&fx, &home).await;
    let now = fx.tick();
    let grant = grant(&fx, now.plus(Duration::from_hours(1)));
    fx.change(&home, async |unit| {
        unit.approvals().insert_grant(&grant).await.unwrap();
        assert!(unit.approvals().set_policy(0, &ApprovalPolicy::default()).await.unwrap());
    })
    .await;
    assert!(fx.change(&home, async |unit| unit.workspace().delete().await.unwrap()).await);
    assert!(kept(&fx, &home, approval.id).await.is_none());
    let page = Fixture::page(10, None, home.workspace);
    let mut unit = fx.read(&home).await;
    assert_eq!(unit.approvals().policy().await.unwrap(), KeptPolicy::default());
    assert!(unit.approvals().grants(now, &page).await.unwrap().items.is_empty());
    drop(unit);
    assert!(fx.store.directory().due_approvals(now, 10).await.unwrap().is_empty());
}
