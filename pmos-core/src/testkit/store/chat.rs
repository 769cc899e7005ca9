//! Conversations: their turns, their journals, and what they cost.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{Fixture, Home};
use crate::{
    ChatId, NodeId, TurnId, UserId,
    approval::ApprovalStatus,
    chat::{
        Budget, ChatEvent, Deed, Happening, Message, Phase, PlanStatus, PlanStep, Session, Speaker, ToolCall,
        ToolCallStatus, ToolError, Turn, TurnError, TurnErrorKind, TurnStatus, UsageEntry,
    },
    effect::Effect,
    model::{ModelRef, ProposedCall, TokenUsage},
    store::{ChatAppended, ChatBatch, Closing, EventChoice, Store, TurnProgress},
};

fn session(fx: &Fixture, owner: UserId, title: &str) -> Session {
    let now = fx.tick();
    Session {
        id: fx.id(),
        owner,
        title: title.to_owned(),
        flow: Some(fx.id()),
        seq: 0,
        created_at: now,
        updated_at: now,
    }
}

async fn begin(fx: &Fixture, home: &Home) -> Session {
    let session = session(fx, home.admin, "Orders");
    fx.change(home, async |unit| unit.chat().insert_session(&session).await.unwrap()).await;
    session
}

fn model() -> ModelRef {
    "openai/org/small".parse().unwrap()
}

/// Adds a queued turn.
async fn say(fx: &Fixture, home: &Home, session: ChatId) -> TurnId {
    let at = fx.tick();
    let turn = Turn::new(fx.id(), session, home.admin, Some(model()), at);
    fx.change(home, async |unit| unit.chat().insert_turn(&turn).await.unwrap()).await;
    turn.id
}

async fn turn(fx: &Fixture, home: &Home, id: TurnId) -> Turn {
    fx.look(home, async |unit| unit.chat().turn(id).await.unwrap()).await.unwrap()
}

async fn claim(fx: &Fixture, home: &Home, id: TurnId, epoch: u64, node: NodeId) -> bool {
    let mut unit = fx.write(home).await;
    let claimed = unit.chat().claim(id, epoch, node).await.unwrap();
    unit.commit(Closing::default()).await.unwrap();
    claimed
}

/// Adds a turn that a new process works on.
async fn at_work(fx: &Fixture, home: &Home, session: ChatId) -> Turn {
    let id = say(fx, home, session).await;
    assert!(claim(fx, home, id, 0, fx.id()).await);
    turn(fx, home, id).await
}

/// What its owner writes, who saw it as it stands here.
fn batch(fx: &Fixture, turn: &Turn, status: TurnStatus, events: Vec<Happening>) -> ChatBatch {
    let progress = TurnProgress { epoch: turn.epoch, status, reserved: turn.reserved, signals: turn.signals };
    let (session, turn) = (turn.session, turn.id);
    ChatBatch { session, turn, progress: Some(progress), events, usage: Vec::new(), at: fx.tick() }
}

/// Appends; when nothing is written, the unit is dropped.
async fn append(fx: &Fixture, home: &Home, batch: &ChatBatch) -> Option<ChatAppended> {
    let mut unit = fx.write(home).await;
    let appended = unit.chat().append(batch).await.unwrap()?;
    unit.commit(Closing::default()).await.unwrap();
    Some(appended)
}

/// The owner goes on with a turn.
async fn go_on(fx: &Fixture, home: &Home, turn: &Turn, status: TurnStatus) {
    assert!(append(fx, home, &batch(fx, turn, status, Vec::new())).await.is_some());
}

async fn events(fx: &Fixture, home: &Home, of: ChatId, after: u64, choice: EventChoice) -> Vec<ChatEvent> {
    fx.look(home, async |unit| unit.chat().events(of, after, choice, 100).await.unwrap()).await
}

async fn seq(fx: &Fixture, home: &Home, of: ChatId) -> u64 {
    fx.look(home, async |unit| unit.chat().session(of).await.unwrap()).await.unwrap().seq
}

async fn due(fx: &Fixture) -> Vec<TurnId> {
    fx.store.directory().due_turns(10).await.unwrap().into_iter().map(|(_, turn)| turn).collect()
}

fn round(index: u32) -> Happening {
    Happening::RoundStarted { index }
}

fn call(fx: &Fixture, status: ToolCallStatus) -> ToolCall {
    ToolCall {
        tool_call: fx.id(),
        tool: "flows_publish".to_owned(),
        title: "Publishes".to_owned(),
        arguments: json!({"flow": "flow_1", "n": [1, null, "\u{0}"]}),
        effect: Effect::Write,
        status,
        summary: Some("It is live".to_owned()),
        error: Some(ToolError { code: "conflict".to_owned(), message: "Load it again".to_owned() }),
        approval: Some(fx.id()),
        result: Some("{}".to_owned()),
        duration_ms: Some(1.5),
    }
}

/// One of everything that happens in a conversation.
fn everything(fx: &Fixture) -> Vec<Happening> {
    let usage = TokenUsage { input: 7, output: 3, cached: 2, reasoning: 1 };
    let deed = Deed { tool_call: fx.id(), title: "Publishes".to_owned(), status: ToolCallStatus::Unknown };
    let error = TurnError {
        kind: TurnErrorKind::Overloaded,
        message: "It has too much to do".to_owned(),
        action: "Try it later".to_owned(),
    };
    let budget = Budget { key: "chat_tokens_per_day".to_owned(), limit: 10, used: 9 };
    let arguments = serde_json::from_value(json!({"limit": 1})).unwrap();
    let calls = vec![ProposedCall {
        id: "c1".to_owned(),
        tool: "flows_list".to_owned(),
        arguments,
        opaque: Some("x".to_owned()),
    }];
    let said = Message {
        id: fx.id(),
        role: Speaker::Assistant,
        text: "Ünïcode \"'\u{0}\n".to_owned(),
        model: Some(model()),
        screen: None,
    };
    vec![
        Happening::TurnStarted { model: Some(model()) },
        Happening::TurnStatus { phase: Phase::CallingModel },
        Happening::PlanUpdated { steps: vec![PlanStep { title: "Look".to_owned(), status: PlanStatus::Running }] },
        round(1),
        Happening::ReasoningDelta { delta: "Well".to_owned() },
        Happening::TextDelta { message: said.id, delta: "Ü".to_owned() },
        Happening::RoundCompleted { index: 1, usage, cost_micros: Some(12), text: "So".to_owned(), calls },
        Happening::ToolProposed(call(fx, ToolCallStatus::Proposed)),
        Happening::ApprovalRequested { tool_call: fx.id(), approval: fx.id(), summary: "Publishes".to_owned() },
        Happening::ApprovalResolved {
            tool_call: fx.id(),
            approval: fx.id(),
            status: ApprovalStatus::Approved,
            edited: true,
        },
        Happening::ToolStarted(call(fx, ToolCallStatus::Running)),
        Happening::ToolCompleted(call(fx, ToolCallStatus::Failed)),
        Happening::BudgetWarning(budget.clone()),
        Happening::BudgetExceeded(budget),
        Happening::MessageCompleted(said),
        Happening::TurnCancelled { summary: Vec::new() },
        Happening::TurnFailed { error, summary: vec![deed.clone()] },
        Happening::TurnCompleted { usage, cost_micros: None, summary: vec![deed] },
    ]
}

/// A conversation comes back as it was made. Its title, its automation and the time of its last word change.
pub async fn a_conversation_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let get = async |id| fx.look(&home, async |unit| unit.chat().session(id).await.unwrap()).await;
    let made = Session { title: "It's \"100%\"".to_owned(), ..session(&fx, home.admin, "") };
    fx.change(&home, async |unit| unit.chat().insert_session(&made).await.unwrap()).await;
    assert_eq!(format!("{:?}", get(made.id).await.unwrap()), format!("{made:?}"));
    assert!(fx.write(&home).await.chat().insert_session(&made).await.is_err(), "it was added twice");
    let changed = Session { title: String::new(), flow: None, updated_at: fx.tick(), ..made.clone() };
    let stray = Session { owner: fx.id(), seq: 7, created_at: fx.tick(), ..changed.clone() };
    assert!(fx.change(&home, async |unit| unit.chat().update_session(&stray).await.unwrap()).await);
    assert_eq!(format!("{:?}", get(made.id).await.unwrap()), format!("{changed:?}"));
    let unknown = session(&fx, home.admin, "Nowhere");
    assert!(!fx.change(&home, async |unit| unit.chat().update_session(&unknown).await.unwrap()).await);
    assert!(get(unknown.id).await.is_none());
}

/// The conversations of a person are listed, the newest first, page by page; all, or those with a text in the title.
pub async fn pages_of_conversations_are_those_of_one_person(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (mut ours, other) = (Vec::new(), fx.id());
    for title in ["Invoices", "ÜBER orders", "", "100%", "Orders"] {
        let (own, foreign) = (session(&fx, home.admin, title), session(&fx, other, title));
        fx.change(&home, async |unit| {
            unit.chat().insert_session(&own).await.unwrap();
            unit.chat().insert_session(&foreign).await.unwrap();
        })
        .await;
        ours.push(own.title);
    }
    ours.reverse();
    let list = async |text: Option<&str>| {
        let pages = Fixture::pages(2, home.workspace, async |page| {
            fx.look(&home, async |unit| unit.chat().sessions(home.admin, text.map(str::to_owned), page).await.unwrap())
                .await
        });
        pages.await.concat().into_iter().map(|session| session.title).collect::<Vec<_>>()
    };
    assert_eq!(list(None).await, ours);
    assert_eq!(list(Some("oRDers")).await, ["Orders", "ÜBER orders"]);
    assert_eq!(list(Some("über")).await, ["ÜBER orders"]);
    assert_eq!(list(Some("%")).await, ["100%"]);
    assert_eq!(list(Some("nothing")).await, [""; 0]);
}

/// A turn comes back as it was made, and is added once, to a conversation that is there.
pub async fn a_turn_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let plain = Turn::new(fx.id(), session, home.admin, None, fx.tick());
    let full = Turn {
        status: TurnStatus::Cancelled,
        model: Some(model()),
        cancel: true,
        signals: 2,
        reserved: 3,
        node: Some(fx.id()),
        epoch: 4,
        ..Turn::new(fx.id(), session, fx.id(), None, fx.tick())
    };
    for made in [&plain, &full] {
        fx.change(&home, async |unit| unit.chat().insert_turn(made).await.unwrap()).await;
        assert_eq!(format!("{:?}", turn(&fx, &home, made.id).await), format!("{made:?}"));
        assert!(fx.write(&home).await.chat().insert_turn(made).await.is_err(), "it was added twice");
    }
    let lost = Turn::new(fx.id(), fx.id(), home.admin, None, fx.tick());
    assert!(fx.write(&home).await.chat().insert_turn(&lost).await.is_err(), "it has no conversation");
}

/// Turns of a conversation are taken in the order in which they were added: the next one when those before have ended.
pub async fn turns_of_a_conversation_are_taken_in_order(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let (session, apart) = (begin(&fx, &home).await.id, begin(&fx, &other).await.id);
    let (first, second) = (say(&fx, &home, session).await, say(&fx, &home, session).await);
    let elsewhere = say(&fx, &other, apart).await;
    assert_eq!(due(&fx).await, [first, elsewhere]);
    assert_eq!(fx.store.directory().due_turns(1).await.unwrap(), [(home.workspace, first)]);
    let unfinished = async || {
        let turns = fx.look(&home, async |unit| unit.chat().unfinished(session).await.unwrap()).await;
        turns.into_iter().map(|turn| turn.id).collect::<Vec<_>>()
    };
    assert_eq!(unfinished().await, [first, second]);
    assert!(!claim(&fx, &home, second, 0, fx.id()).await, "an older one is queued");
    assert!(claim(&fx, &home, first, 0, fx.id()).await);
    assert_eq!(due(&fx).await, [elsewhere]);
    assert!(!claim(&fx, &home, second, 0, fx.id()).await, "an older one is at work");
    let now = turn(&fx, &home, first).await;
    go_on(&fx, &home, &now, TurnStatus::WaitingApproval).await;
    assert!(!claim(&fx, &home, second, 0, fx.id()).await, "an older one waits");
    assert_eq!((due(&fx).await, unfinished().await), (vec![elsewhere], vec![first, second]));
    go_on(&fx, &home, &now, TurnStatus::Completed).await;
    assert_eq!((due(&fx).await, unfinished().await), (vec![second, elsewhere], vec![second]));
    assert!(claim(&fx, &home, second, 0, fx.id()).await);
}

/// Of many processes that see the same turn one takes it.
pub async fn a_turn_is_taken_by_one_of_many(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let id = say(&fx, &home, begin(&fx, &home).await.id).await;
    let take = |_| {
        let (fx, node) = (fx.clone(), fx.id::<NodeId>());
        tokio::spawn(async move { claim(&fx, &home, id, 0, node).await.then_some(node) })
    };
    let outcomes = futures::future::join_all((0..8).map(take)).await;
    let winners: Vec<_> = outcomes.into_iter().filter_map(|outcome| outcome.unwrap()).collect();
    let now = turn(&fx, &home, id).await;
    assert_eq!((winners.as_slice(), now.epoch, now.status), (&[now.node.unwrap()][..], 1, TurnStatus::Running));
}

/// Turns that another process works on are found in all workspaces, the oldest first, and taken over as they were seen.
pub async fn turns_of_other_processes_are_found(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let (ours, theirs) = (fx.id(), fx.id());
    let mut found_by_us = Vec::new();
    for n in 0..5 {
        let at = if n % 2 == 0 { &home } else { &other };
        let session = begin(&fx, at).await.id;
        let id = say(&fx, at, session).await;
        say(&fx, at, session).await;
        let node = if n == 2 { ours } else { theirs };
        assert!(claim(&fx, at, id, 0, node).await);
        if node == theirs {
            found_by_us.push((at.workspace, id));
        }
    }
    let found = async |limit| fx.store.directory().turns_of_others(ours, limit).await.unwrap();
    assert_eq!(found(10).await, found_by_us);
    assert_eq!(found(3).await, found_by_us[..3]);
    let lost = found_by_us[0].1;
    assert!(!claim(&fx, &home, lost, 0, ours).await, "it was seen before another process took it");
    assert!(claim(&fx, &home, lost, 1, ours).await);
    assert_eq!(found(10).await, found_by_us[1..]);
}

/// A process that lost a turn cannot write to it any more, and what it meant to write is not there.
pub async fn who_lost_a_turn_cannot_write_to_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let lost = at_work(&fx, &home, session).await;
    assert!(append(&fx, &home, &batch(&fx, &lost, TurnStatus::Running, vec![round(1)])).await.is_some());
    assert!(claim(&fx, &home, lost.id, 1, fx.id()).await);
    let late = ChatBatch {
        usage: vec![used(&fx, &lost, 5, 5)],
        ..batch(&fx, &Turn { reserved: 9, ..lost.clone() }, TurnStatus::Completed, vec![round(2)])
    };
    assert!(append(&fx, &home, &late).await.is_none());
    let now = turn(&fx, &home, lost.id).await;
    assert_eq!((now.status, now.reserved, now.epoch), (TurnStatus::Running, 0, 2));
    assert!(append(&fx, &home, &batch(&fx, &now, TurnStatus::Running, vec![round(3)])).await.is_some());
    let kept = events(&fx, &home, session, 0, EventChoice::All).await;
    assert_eq!(
        kept.into_iter().map(|event| (event.seq, event.what)).collect::<Vec<_>>(),
        [(1, round(1)), (2, round(3))]
    );
    let spent = fx.look(&home, async |unit| unit.chat().tokens_since(late.at.minus(HOUR), None).await.unwrap()).await;
    assert_eq!(spent, 0);
}

const HOUR: Duration = Duration::from_hours(1);

/// A turn that waits or has ended has no owner, and what it set aside is as its owner said.
pub async fn a_turn_stands_as_its_owner_said(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let seen = at_work(&fx, &home, session).await;
    let stands = async || {
        let Turn { status, reserved, node, epoch, .. } = turn(&fx, &home, seen.id).await;
        (status, reserved, node, epoch)
    };
    go_on(&fx, &home, &Turn { reserved: 500, ..seen.clone() }, TurnStatus::Running).await;
    assert_eq!(stands().await, (TurnStatus::Running, 500, seen.node, 1));
    go_on(&fx, &home, &seen, TurnStatus::WaitingApproval).await;
    assert_eq!(stands().await, (TurnStatus::WaitingApproval, 0, None, 1));
    assert!(!claim(&fx, &home, seen.id, 1, fx.id()).await, "it waits");
    go_on(&fx, &home, &seen, TurnStatus::Failed).await;
    assert_eq!(stands().await, (TurnStatus::Failed, 0, None, 1));
    assert!(!claim(&fx, &home, seen.id, 1, fx.id()).await, "it has ended");
}

/// A signal queues a turn that waits; one that is at work or queued goes on as it was, and one that has ended is not told.
pub async fn a_signal_wakes_a_turn_that_waits(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let id = say(&fx, &home, session).await;
    let signal = async |id| fx.change(&home, async |unit| unit.chat().signal(id).await.unwrap()).await;
    let stands = async || {
        let now = turn(&fx, &home, id).await;
        (now.status, now.signals)
    };
    assert!(signal(id).await);
    assert_eq!(stands().await, (TurnStatus::Queued, 1));
    assert!(claim(&fx, &home, id, 0, fx.id()).await);
    assert!(signal(id).await);
    assert_eq!(stands().await, (TurnStatus::Running, 2));
    let seen = turn(&fx, &home, id).await;
    go_on(&fx, &home, &seen, TurnStatus::WaitingApproval).await;
    assert_eq!((stands().await, due(&fx).await), ((TurnStatus::WaitingApproval, 2), vec![]));
    assert!(signal(id).await);
    assert_eq!((stands().await, due(&fx).await), ((TurnStatus::Queued, 3), vec![id]));
    assert!(claim(&fx, &home, id, 1, fx.id()).await);
    go_on(&fx, &home, &turn(&fx, &home, id).await, TurnStatus::Completed).await;
    assert!(!signal(id).await);
    assert!(!signal(fx.id()).await);
    assert_eq!(stands().await, (TurnStatus::Completed, 3));
}

/// A signal that comes before a turn begins to wait for it is not lost: the turn is queued instead.
pub async fn a_signal_before_a_turn_waits_is_not_lost(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let seen = at_work(&fx, &home, session).await;
    assert!(fx.change(&home, async |unit| unit.chat().signal(seen.id).await.unwrap()).await);
    go_on(&fx, &home, &seen, TurnStatus::WaitingApproval).await;
    let now = turn(&fx, &home, seen.id).await;
    assert_eq!((now.status, now.node, due(&fx).await), (TurnStatus::Queued, None, vec![seen.id]));
    assert!(claim(&fx, &home, seen.id, 1, fx.id()).await);
    let seen = turn(&fx, &home, seen.id).await;
    go_on(&fx, &home, &seen, TurnStatus::WaitingApproval).await;
    assert_eq!(due(&fx).await, []);
}

/// All unfinished turns of a conversation are asked to stop: one at work learns it with its next write and does not begin to
/// wait, one that waits is queued.
pub async fn a_turn_that_is_asked_to_stop_learns_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (session, apart) = (begin(&fx, &home).await.id, begin(&fx, &home).await.id);
    let ended = at_work(&fx, &home, session).await;
    go_on(&fx, &home, &ended, TurnStatus::Completed).await;
    let (work, queued, other) =
        (at_work(&fx, &home, session).await, say(&fx, &home, session).await, at_work(&fx, &home, apart).await);
    let stop = async |session| fx.change(&home, async |unit| unit.chat().cancel(session).await.unwrap()).await;
    let asked = async |turn: &Turn, status| append(&fx, &home, &batch(&fx, turn, status, vec![])).await.unwrap().cancel;
    assert!(!asked(&work, TurnStatus::Running).await);
    assert_eq!(stop(session).await, [work.id, queued]);
    assert!(asked(&work, TurnStatus::Running).await);
    assert!(turn(&fx, &home, queued).await.cancel);
    assert!(!turn(&fx, &home, ended.id).await.cancel);
    assert!(asked(&work, TurnStatus::WaitingApproval).await);
    assert_eq!(due(&fx).await, [work.id]);
    assert!(!asked(&other, TurnStatus::WaitingApproval).await);
    assert_eq!(stop(apart).await, [other.id]);
    assert_eq!(due(&fx).await, [work.id, other.id]);
    assert_eq!(stop(fx.id()).await, []);
}

/// The events of a conversation are numbered from 1 without gaps over all of its turns, come back as they were given, and are
/// read on from any number.
pub async fn the_journal_of_a_conversation_is_dense(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let work = at_work(&fx, &home, session).await;
    let queued = say(&fx, &home, session).await;
    let all = everything(&fx);
    let mut wanted = Vec::new();
    for (n, some) in all.chunks(5).enumerate() {
        let mut batch = batch(&fx, &work, TurnStatus::Running, some.to_vec());
        if n % 2 == 1 {
            // One who does not work on a turn may add to it too.
            (batch.turn, batch.progress) = (queued, None);
        }
        let appended = append(&fx, &home, &batch).await.unwrap().events;
        let numbered = (wanted.len() as u64 + 1..).zip(some);
        let (turn, at) = (batch.turn, batch.at);
        let expected: Vec<_> = numbered.map(|(seq, what)| ChatEvent { seq, turn, at, what: what.clone() }).collect();
        assert_eq!(appended, expected);
        wanted.extend(expected);
        let now = fx.look(&home, async |unit| unit.chat().session(session).await.unwrap()).await.unwrap();
        assert_eq!((now.seq, now.updated_at), (wanted.len() as u64, at));
    }
    assert_eq!(events(&fx, &home, session, 0, EventChoice::All).await, wanted);
    assert_eq!(events(&fx, &home, session, 7, EventChoice::All).await, wanted[7..]);
    assert_eq!(events(&fx, &home, session, 99, EventChoice::All).await, []);
    let some = fx.look(&home, async |unit| unit.chat().events(session, 2, EventChoice::All, 3).await.unwrap()).await;
    assert_eq!(some, wanted[2..5]);
    assert_eq!(turn(&fx, &home, queued).await.status, TurnStatus::Queued);
}

/// The pieces of texts can be left out of what is read; every event is named in the store as on the wire.
pub async fn pieces_of_texts_can_be_left_out(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let work = at_work(&fx, &home, session).await;
    let all = everything(&fx);
    for what in &all {
        assert_eq!(serde_json::to_value(what).unwrap()["type"], what.kind());
    }
    append(&fx, &home, &batch(&fx, &work, TurnStatus::Running, all)).await.unwrap();
    let piece =
        |event: &ChatEvent| matches!(event.what, Happening::TextDelta { .. } | Happening::ReasoningDelta { .. });
    let mut wanted = events(&fx, &home, session, 0, EventChoice::All).await;
    wanted.retain(|event| !piece(event));
    assert_eq!(events(&fx, &home, session, 0, EventChoice::Whole).await, wanted);
    let some = fx.look(&home, async |unit| unit.chat().events(session, 3, EventChoice::Whole, 3).await.unwrap()).await;
    assert_eq!(some, wanted[3..6], "the limit counts what is read");
}

/// Events that are appended at the same time share no number.
pub async fn appends_at_the_same_time_share_no_number(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let turn = say(&fx, &home, session).await;
    let add = |index| {
        let fx = fx.clone();
        tokio::spawn(async move {
            let events = vec![round(index), round(index)];
            let batch = ChatBatch { session, turn, progress: None, events, usage: Vec::new(), at: fx.tick() };
            append(&fx, &home, &batch).await.unwrap().events
        })
    };
    let mut numbered = Vec::new();
    for outcome in futures::future::join_all((0..8).map(add)).await {
        let events = outcome.unwrap();
        assert_eq!(events[1].seq, events[0].seq + 1);
        numbered.extend(events);
    }
    numbered.sort_by_key(|event| event.seq);
    assert_eq!(numbered.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
    assert_eq!(events(&fx, &home, session, 0, EventChoice::All).await, numbered);
}

/// Nothing is written to a conversation or a turn that is not there, or to a turn of another conversation.
pub async fn nothing_is_appended_to_what_is_not_there(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (session, apart) = (begin(&fx, &home).await.id, begin(&fx, &home).await.id);
    let work = at_work(&fx, &home, session).await;
    let (lost, stray) = (Turn { id: fx.id(), ..work.clone() }, Turn { session: apart, ..work.clone() });
    for turn in [lost, stray, Turn { session: fx.id(), ..work.clone() }] {
        let batch = batch(&fx, &turn, TurnStatus::Completed, vec![round(1)]);
        assert!(append(&fx, &home, &batch).await.is_none());
        assert!(append(&fx, &home, &ChatBatch { progress: None, ..batch }).await.is_none());
    }
    assert_eq!((seq(&fx, &home, session).await, seq(&fx, &home, apart).await), (0, 0));
    assert_eq!(turn(&fx, &home, work.id).await.status, TurnStatus::Running);
}

fn used(fx: &Fixture, turn: &Turn, input: u64, output: u64) -> UsageEntry {
    let at = fx.tick();
    let usage = TokenUsage { input, output, cached: 1, reasoning: 2 };
    let (person, session, turn) = (turn.requester, turn.session, turn.id);
    UsageEntry { id: fx.id(), at, person, session, turn, model: model(), usage, cost_micros: Some(input) }
}

/// Tokens are counted since a time, those that unfinished turns set aside included; of one person, or of all.
pub async fn tokens_are_counted_with_those_set_aside(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (one, two) = (begin(&fx, &home).await.id, begin(&fx, &home).await.id);
    let ours = at_work(&fx, &home, one).await;
    let guest = Home { admin: fx.id(), ..home };
    let theirs = at_work(&fx, &guest, two).await;
    let tokens =
        async |since, person| fx.look(&home, async |unit| unit.chat().tokens_since(since, person).await.unwrap()).await;
    let start = fx.tick();
    assert_eq!(tokens(start, None).await, 0);
    let (early, late, other) = (used(&fx, &ours, 10, 5), used(&fx, &ours, 100, 50), used(&fx, &theirs, 1_000, 500));
    let cut = late.at;
    for (turn, usage) in [(&ours, vec![early, late]), (&theirs, vec![other])] {
        let reserving = Turn { reserved: 7_000, ..turn.clone() };
        let batch = ChatBatch { usage, ..batch(&fx, &reserving, TurnStatus::Running, vec![]) };
        assert!(append(&fx, &home, &batch).await.is_some());
    }
    assert_eq!(tokens(start, None).await, 1_665 + 14_000);
    assert_eq!(tokens(start, Some(home.admin)).await, 165 + 7_000);
    assert_eq!(tokens(cut, Some(home.admin)).await, 150 + 7_000);
    go_on(&fx, &home, &Turn { reserved: 7_000, ..ours.clone() }, TurnStatus::Failed).await;
    assert_eq!(tokens(cut, Some(home.admin)).await, 150, "a turn that has ended sets nothing aside");
    assert_eq!(tokens(start, Some(guest.admin)).await, 1_500 + 7_000);
    assert_eq!(tokens(start, Some(fx.id())).await, 0);
}

/// What was used is read back as it was written, the oldest first, from a time until before another, some at a time.
pub async fn usage_is_read_between_two_times(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let work = at_work(&fx, &home, begin(&fx, &home).await.id).await;
    let mut made: Vec<_> = (0..5).map(|n| used(&fx, &work, n, 2)).collect();
    made[2].cost_micros = None;
    let mut usage = made.clone();
    usage.reverse();
    append(&fx, &home, &ChatBatch { usage, ..batch(&fx, &work, TurnStatus::Running, vec![]) }).await.unwrap();
    let read = async |limit| {
        let (since, until) = (made[1].at, made[4].at);
        fx.look(&home, async |unit| unit.chat().usage(since, until, limit).await.unwrap()).await
    };
    assert_eq!(format!("{:?}", read(10).await), format!("{:?}", &made[1..4]));
    assert_eq!(format!("{:?}", read(2).await), format!("{:?}", &made[1..3]));
}

/// A deleted conversation takes its turns and its journal along; what it cost stays, and so do other conversations.
pub async fn a_deleted_conversation_leaves_only_what_it_cost(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (gone, stays) = (begin(&fx, &home).await.id, begin(&fx, &home).await.id);
    let start = fx.tick();
    let (first, second) = (at_work(&fx, &home, gone).await, at_work(&fx, &home, stays).await);
    let waits = say(&fx, &home, gone).await;
    for turn in [&first, &second] {
        let batch = batch(&fx, turn, TurnStatus::Running, vec![round(1)]);
        assert!(append(&fx, &home, &ChatBatch { usage: vec![used(&fx, turn, 3, 4)], ..batch }).await.is_some());
    }
    let remove = async || fx.change(&home, async |unit| unit.chat().remove_session(gone).await.unwrap()).await;
    assert!(remove().await);
    assert!(!remove().await);
    let mut unit = fx.read(&home).await;
    let chat = unit.chat();
    assert!(chat.session(gone).await.unwrap().is_none());
    assert!(chat.unfinished(gone).await.unwrap().is_empty());
    for turn in [first.id, waits] {
        assert!(chat.turn(turn).await.unwrap().is_none());
    }
    assert!(chat.events(gone, 0, EventChoice::All, 10).await.unwrap().is_empty());
    assert_eq!(chat.tokens_since(start, None).await.unwrap(), 14);
    assert_eq!(chat.events(stays, 0, EventChoice::All, 10).await.unwrap().len(), 1);
    drop(unit);
    assert_eq!(fx.store.directory().turns_of_others(fx.id(), 10).await.unwrap(), [(home.workspace, second.id)]);
    assert!(append(&fx, &home, &batch(&fx, &first, TurnStatus::Completed, vec![round(2)])).await.is_none());
}

/// To another workspace a conversation and its turns are not there, neither to see nor to change.
pub async fn a_conversation_belongs_to_one_workspace(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, elsewhere) = (fx.found("ada").await, fx.found("bob").await);
    let session = begin(&fx, &home).await;
    let (start, work) = (fx.tick(), at_work(&fx, &home, session.id).await);
    let first =
        ChatBatch { usage: vec![used(&fx, &work, 3, 4)], ..batch(&fx, &work, TurnStatus::Running, vec![round(1)]) };
    append(&fx, &home, &first).await.unwrap();
    let page = Fixture::page(10, None, elsewhere.workspace);
    let until = fx.tick();
    fx.change(&elsewhere, async |unit| {
        let chat = unit.chat();
        assert!(chat.sessions(home.admin, None, &page).await.unwrap().items.is_empty());
        assert!(chat.session(session.id).await.unwrap().is_none());
        assert!(!chat.update_session(&Session { title: "Stolen".to_owned(), ..session.clone() }).await.unwrap());
        assert!(!chat.remove_session(session.id).await.unwrap());
        assert!(chat.turn(work.id).await.unwrap().is_none());
        assert!(chat.unfinished(session.id).await.unwrap().is_empty());
        assert!(!chat.claim(work.id, work.epoch, fx.id()).await.unwrap());
        assert!(!chat.signal(work.id).await.unwrap());
        assert!(chat.cancel(session.id).await.unwrap().is_empty());
        assert!(chat.events(session.id, 0, EventChoice::All, 10).await.unwrap().is_empty());
        assert_eq!(chat.tokens_since(start, None).await.unwrap(), 0);
        assert!(chat.usage(start, until, 10).await.unwrap().is_empty());
    })
    .await;
    assert!(append(&fx, &elsewhere, &batch(&fx, &work, TurnStatus::Completed, vec![round(2)])).await.is_none());
    let stray = Turn::new(fx.id(), session.id, elsewhere.admin, None, fx.tick());
    assert!(fx.write(&elsewhere).await.chat().insert_turn(&stray).await.is_err());
    let now = turn(&fx, &home, work.id).await;
    assert_eq!((now.status, now.cancel, now.signals), (TurnStatus::Running, false, 0));
    assert_eq!(events(&fx, &home, session.id, 0, EventChoice::All).await.len(), 1);
}

/// A deleted workspace takes its conversations along, and what they cost.
pub async fn a_deleted_workspace_takes_its_conversations_along(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let session = begin(&fx, &home).await.id;
    let (start, work) = (fx.tick(), at_work(&fx, &home, session).await);
    let first =
        ChatBatch { usage: vec![used(&fx, &work, 3, 4)], ..batch(&fx, &work, TurnStatus::Running, vec![round(1)]) };
    append(&fx, &home, &first).await.unwrap();
    assert!(fx.change(&home, async |unit| unit.workspace().delete().await.unwrap()).await);
    let mut unit = fx.read(&home).await;
    let chat = unit.chat();
    assert!(chat.session(session).await.unwrap().is_none());
    assert!(chat.turn(work.id).await.unwrap().is_none());
    assert!(chat.events(session, 0, EventChoice::All, 10).await.unwrap().is_empty());
    assert!(chat.usage(start, fx.tick(), 10).await.unwrap().is_empty());
    drop(unit);
    assert!(fx.store.directory().turns_of_others(fx.id(), 10).await.unwrap().is_empty());
}
