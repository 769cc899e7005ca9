//! Steps of the embedding program.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures::FutureExt;
use pmos_core::{
    flow::{Field, FieldKind, StepEffect},
    run::{RunStatus, StepRecord, StepStatus},
};
use rstest::rstest;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::support::{FakeContext, row, run_with, step, with};
use crate::embedded::{OperationDescriptor, OperationHandler, StepContext, StepFailure, operation::Operations};

/// What the operation does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Works,
    Fails,
    FailsOnce,
    IsWrong,
    LosesTheAnswer,
    Panics,
    Hangs,
    EchoesTheKey,
}

/// One try of a step.
#[derive(Debug, Clone)]
struct Try {
    settings: Map<String, Value>,
    key: String,
    attempt: u32,
    left: Duration,
    stopped: CancellationToken,
}

#[derive(Debug, Clone)]
struct Reserve {
    does: Does,
    effect: StepEffect,
    repeatable: bool,
    tries: Arc<Mutex<Vec<Try>>>,
}

impl Reserve {
    fn that(does: Does) -> Self {
        Self { does, effect: StepEffect::Write, repeatable: false, tries: Arc::default() }
    }

    fn tries(&self) -> Vec<Try> {
        self.tries.lock().unwrap().clone()
    }

    fn operations(&self) -> Operations {
        let mut operations = Operations::for_tests();
        operations.add_piece("warehouse", "Warehouse").unwrap();
        operations.add("warehouse", Arc::new(self.clone())).unwrap();
        operations
    }

    async fn run(&self, flow: &Value, recorded: Vec<StepRecord>, context: &FakeContext) -> pmos_core::Result<()> {
        run_with(Duration::ZERO, flow, json!({"qty": 3}), recorded, context, &self.operations()).await
    }
}

#[async_trait]
impl OperationHandler for Reserve {
    fn descriptor(&self) -> OperationDescriptor {
        OperationDescriptor::new("reserve", "Reserve goods", "Takes goods out of the stock.")
            .field(Field::new("sku", "Article", FieldKind::Text).required().computed())
            .field(Field::new("qty", "Quantity", FieldKind::Number).with_default(1).computed())
            .field(Field::new("note", "Note", FieldKind::Text))
            .takes_connection()
            .effect(self.effect)
    }

    fn check(&self, settings: &Map<String, Value>) -> Vec<(String, String)> {
        let none = settings.get("qty") == Some(&json!(0));
        none.then(|| ("qty".to_owned(), "must be at least 1".to_owned())).into_iter().collect()
    }

    fn is_repeatable(&self, _: &Map<String, Value>) -> bool {
        self.repeatable
    }

    async fn run(&self, settings: Map<String, Value>, cx: &StepContext<'_>) -> Result<Value, StepFailure> {
        let (key, attempt, left) = (cx.idempotency_key().to_owned(), cx.attempt(), cx.time_left());
        self.tries.lock().unwrap().push(Try { settings, key, attempt, left, stopped: cx.stopped() });
        match self.does {
            Does::Works => Ok(json!({"reserved": true})),
            Does::FailsOnce if attempt > 1 => Ok(json!({"reserved": true})),
            Does::Fails | Does::FailsOnce => {
                Err(StepFailure::temporary("The stock is busy.").with_output(json!({"queue": 4})))
            }
            Does::IsWrong => Err(StepFailure::permanent("There is no such article.")),
            Does::LosesTheAnswer => Err(StepFailure::lost("The stock did not answer.")),
            Does::Panics => panic!("a mistake of the program"),
            Does::Hangs => std::future::pending().await,
            Does::EchoesTheKey => {
                let credential = cx.credential().await?.expect("one was chosen");
                Ok(json!({"sent": credential.secret.expose()}))
            }
        }
    }
}

fn reserve(settings: Value) -> Value {
    with(step("reserve", "reserve", settings), json!({"piece": "warehouse"}))
}

fn flow() -> Value {
    row(&[reserve(json!({"sku": "A-{{ trigger.qty }}", "qty": "{{ trigger.qty }}", "note": "{{ as it is }}"}))])
}

fn commits(context: &FakeContext) -> usize {
    let is_commit = |event: &super::support::Event| matches!(event, super::support::Event::Commit(..));
    context.log.events().iter().filter(|event| is_commit(event)).count()
}

#[tokio::test]
async fn a_step_gets_its_settings_computed_and_filled_in() {
    let (context, own) = (FakeContext::default(), Reserve::that(Does::Works));
    own.run(&flow(), Vec::new(), &context).await.unwrap();
    let expected = json!({"sku": "A-3", "qty": 3, "note": "{{ as it is }}"});
    assert_eq!(json!(own.tries()[0].settings), expected);
    assert_eq!((context.ending().0, context.output("reserve")), (RunStatus::Succeeded, json!({"reserved": true})));
    assert_eq!((context.input("reserve"), context.record("reserve").name), (expected, "reserve".to_owned()));

    let (context, own) = (FakeContext::default(), Reserve::that(Does::Works));
    own.run(&row(&[reserve(json!({"sku": "B", "qty": null}))]), Vec::new(), &context).await.unwrap();
    assert_eq!(json!(own.tries()[0].settings), json!({"sku": "B", "qty": 1}));
}

#[rstest]
#[case::another_kind(json!({"sku": "{{ trigger.qty }}"}), "sku: \"Article\" must be a text; a number stands there")]
#[case::nothing(json!({"sku": "{{ none }}"}), "sku: \"Article\" is required")]
#[tokio::test]
async fn what_does_not_fit_its_field_once_computed_is_not_done(#[case] settings: Value, #[case] expected: &str) {
    let (context, own) = (FakeContext::default(), Reserve::that(Does::Works));
    own.run(&row(&[reserve(settings)]), Vec::new(), &context).await.unwrap();
    assert!(context.ending().1.contains(expected), "{:?}", context.ending());
    assert_eq!(own.tries().len(), 0);
}

#[rstest]
#[case::missing(json!({}), "reserve, sku: \"Article\" is required")]
#[case::kind(json!({"sku": 4}), "reserve, sku: \"Article\" must be a text")]
#[case::unknown(json!({"sku": "A", "colour": "red"}), "reserve, colour: there is no setting \"colour\" here")]
#[case::expression(json!({"sku": "{{ trigger. }}"}), "reserve, sku: is not an expression")]
#[case::its_own_rule(json!({"sku": "A", "qty": 0}), "reserve, qty: must be at least 1.")]
#[tokio::test]
async fn settings_that_cannot_be_right_keep_the_flow_from_running(#[case] settings: Value, #[case] expected: &str) {
    let (context, own) = (FakeContext::default(), Reserve::that(Does::Works));
    own.run(&row(&[reserve(settings)]), Vec::new(), &context).await.unwrap();
    let (status, error) = context.ending();
    assert!(status == RunStatus::Failed && error.contains(expected), "{error}");
    assert_eq!(own.tries().len(), 0);
}

#[rstest]
#[case::fails(Does::Fails, RunStatus::Failed, StepStatus::Failed, 3, "reserve: The stock is busy.")]
#[case::fails_once(Does::FailsOnce, RunStatus::Succeeded, StepStatus::Succeeded, 2, "")]
#[case::is_wrong(Does::IsWrong, RunStatus::Failed, StepStatus::Failed, 1, "reserve: There is no such article.")]
#[case::lost(
    Does::LosesTheAnswer,
    RunStatus::NeedsAttention,
    StepStatus::Unknown,
    1,
    "The stock did not answer. Whether it took effect is not known."
)]
#[case::panics(Does::Panics, RunStatus::NeedsAttention, StepStatus::Unknown, 1, "The step broke off")]
#[case::hangs(Does::Hangs, RunStatus::NeedsAttention, StepStatus::Unknown, 1, "It took longer than 10 seconds.")]
#[tokio::test(start_paused = true)]
async fn a_failure_says_what_it_means_for_the_next_try(
    #[case] does: Does,
    #[case] status: RunStatus,
    #[case] of_step: StepStatus,
    #[case] tries: usize,
    #[case] error: &str,
) {
    let (context, own) = (FakeContext::default(), Reserve::that(does));
    let flow =
        row(&[with(reserve(json!({"sku": "A"})), json!({"retry": {"times": 2, "backoff_s": 1}, "timeout_s": 10}))]);
    own.run(&flow, Vec::new(), &context).await.unwrap();
    assert_eq!((context.ending().0, context.record("reserve").status), (status, of_step), "{}", context.ending().1);
    assert!(context.ending().1.contains(error), "{}", context.ending().1);
    let known = own.tries();
    assert_eq!(known.len(), tries);
    assert!((1_u32..).zip(&known).all(|(n, one)| one.attempt == n && one.key == known[0].key));
    assert!(known.iter().all(|one| one.left == Duration::from_secs(10) && one.stopped.is_cancelled()));
    if does == Does::Fails {
        assert_eq!(context.output("reserve"), json!({"queue": 4}), "what came back is kept");
    }
}

#[rstest]
#[case::read(StepEffect::Read, false)]
#[case::only_computes(StepEffect::Pure, false)]
#[case::repeatable(StepEffect::Write, true)]
#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_what_may_be_done_twice_is_a_failure_like_any_other(
    #[case] effect: StepEffect,
    #[case] repeatable: bool,
) {
    let context = FakeContext::default();
    let own = Reserve { effect, repeatable, ..Reserve::that(Does::LosesTheAnswer) };
    let flow = row(&[with(reserve(json!({"sku": "A"})), json!({"retry": {"times": 2}}))]);
    own.run(&flow, Vec::new(), &context).await.unwrap();
    assert_eq!((context.ending().0, own.tries().len()), (RunStatus::Failed, 3));
}

#[tokio::test]
async fn a_step_at_work_is_dropped_when_the_run_is_stopped() {
    let (context, own) = (FakeContext::default(), Reserve::that(Does::Hangs));
    let (graph, cancelled) = (flow(), own.clone());
    let mut run = Box::pin(cancelled.run(&graph, Vec::new(), &context));
    while own.tries().is_empty() {
        assert!((&mut run).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert!(!own.tries()[0].stopped.is_cancelled());
    context.cancel();
    run.await.unwrap();
    assert_eq!((context.ending().0, context.record("reserve").status), (RunStatus::Cancelled, StepStatus::Cancelled));
    assert!(own.tries()[0].stopped.is_cancelled(), "what goes on by itself is told");
}

#[rstest]
#[case::write(StepEffect::Write, false)]
#[case::repeatable(StepEffect::Write, true)]
#[case::read(StepEffect::Read, false)]
#[case::only_computes(StepEffect::Pure, false)]
#[tokio::test]
async fn a_run_that_is_killed_at_any_write_does_nothing_twice_that_must_not_be(
    #[case] effect: StepEffect,
    #[case] repeatable: bool,
) {
    let own = Reserve { effect, repeatable, ..Reserve::that(Does::Works) };
    let whole = FakeContext::default();
    own.run(&flow(), Vec::new(), &whole).await.unwrap();
    let safe = repeatable || effect != StepEffect::Write;
    for k in 0..commits(&whole) {
        let own = Reserve { tries: Arc::default(), ..own.clone() };
        let first = FakeContext::cut_after(k);
        assert!(own.run(&flow(), Vec::new(), &first).await.is_err());
        let (recorded, before) = (first.journal.lock().clone(), own.tries().len());
        let begun = recorded.iter().any(|record| record.step.as_str() == "reserve");
        assert!(begun || before == 0 || effect == StepEffect::Pure, "its intent is on disk before it begins");

        let second = FakeContext::default();
        own.run(&flow(), recorded, &second).await.unwrap();
        if safe || before == 0 {
            assert_eq!(second.ending().0, RunStatus::Succeeded, "killed at {k}");
            assert!(own.tries().iter().all(|one| one.key == own.tries()[0].key && one.attempt == 1));
        } else {
            assert_eq!((second.ending().0, own.tries().len()), (RunStatus::NeedsAttention, 1), "killed at {k}");
            assert!(second.ending().1.contains("its answer was lost"), "{}", second.ending().1);
        }
    }
    // A recorded one is never done again.
    let recorded = whole.journal.lock().clone();
    let own = Reserve { tries: Arc::default(), ..own };
    let again = FakeContext::default();
    own.run(&flow(), recorded, &again).await.unwrap();
    assert_eq!((again.ending().0, own.tries().len()), (RunStatus::Succeeded, 0));
}

#[tokio::test]
async fn a_stored_credential_is_lent_and_appears_in_no_record() {
    let (context, own) = (FakeContext::default(), Reserve::that(Does::EchoesTheKey));
    let connection = json!({"connection": "con_00000000000000000000000000000007"});
    let flow = row(&[with(reserve(json!({"sku": "A"})), connection.clone())]);
    own.run(&flow, Vec::new(), &context).await.unwrap();
    assert_eq!(context.output("reserve"), json!({"sent": "***"}));
    assert_eq!(context.input("reserve")["connection"], connection["connection"]);
    assert!(!format!("{:?} {:?}", context.journal.lock(), context.state()).contains("s3cret"));
}

#[tokio::test]
async fn a_connection_that_is_gone_is_told() {
    let (context, own) = (FakeContext::default(), Reserve::that(Does::EchoesTheKey));
    let gone = json!({"connection": "con_00000000000000000000000000000009"});
    own.run(&row(&[with(reserve(json!({"sku": "A"})), gone)]), Vec::new(), &context).await.unwrap();
    assert!(context.ending().1.starts_with("reserve: The connection cannot be used: "), "{}", context.ending().1);
}
