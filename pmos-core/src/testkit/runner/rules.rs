//! The rules of running, each a function that panics when it is broken.

use std::collections::BTreeMap;

use super::{
    Flow, Kind, Make, Service,
    process::{Ended, Story, Trial, flows, has_ended, place},
    world::{Fate, Inner, places},
};
use crate::{
    flow::Document,
    run::{RunStatus, StepStatus},
};

const SUCCEEDING: [Kind; 2] = [Kind::Once, Kind::Repeatable];

fn in_a_runtime<T>(work: impl Future<Output = T>) -> T {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => panic!("no runtime to run flows in: {error}"),
    }
}

/// A run that nothing disturbs: how it ends, how often it writes, and which steps it calls.
async fn undisturbed(make: Make<'_>, flow: &Flow) -> (Story, Inner) {
    let trial = Trial::new(make, flow);
    let story = trial.to_its_end().await;
    let inner = trial.look();
    if flow.kind != Kind::Failing {
        let error = inner.state.as_ref().and_then(|state| state.error.clone());
        assert_eq!(story.status, Some(RunStatus::Succeeded), "a flow of the suite has to succeed: {error:?}");
        assert!(!inner.calls.is_empty(), "a flow of the suite has to call the service");
    }
    (story, inner)
}

/// How often each step was called.
fn counted(calls: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for step in calls {
        *counts.entry(step.as_str()).or_default() += 1;
    }
    counts
}

/// A run that nothing disturbs ends, and what it did is on record to its end.
pub fn a_run_is_recorded_to_its_end(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &SUCCEEDING) {
            let (story, inner) = undisturbed(make, &flow).await;
            assert!(inner.state.is_some_and(|state| state.finished_at.is_some()), "the end has no time");
            let open = story.steps.iter().find(|(_, (status, _))| !has_ended(*status));
            assert!(open.is_none(), "a step has no end: {open:?}");
        }
    });
}

/// Before a step calls, the record that it begins is on disk; nothing is answered before.
pub fn a_call_leaves_when_its_intent_is_on_disk(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &SUCCEEDING) {
            // The service and the context look at every call and every answer.
            undisturbed(make, &flow).await;
        }
    });
}

/// Wherever a run of repeatable calls is killed, another process brings it to the same end without doing again what is
/// recorded.
pub fn a_run_that_is_killed_at_any_write_ends_as_if_it_had_not_been(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &[Kind::Repeatable]) {
            let (expected, whole) = undisturbed(make, &flow).await;
            for at in 0..whole.writes {
                let fate = Fate { dies_at_write: Some(at), ..Fate::default() };
                killed_and_gone_on_with(make, &flow, fate, &expected, &whole).await;
            }
        }
    });
}

/// The same, killed while a call is under way.
pub fn a_run_that_is_killed_during_a_call_ends_as_if_it_had_not_been(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &[Kind::Repeatable]) {
            let (expected, whole) = undisturbed(make, &flow).await;
            for at in 0..whole.calls.len() {
                let fate = Fate { dies_at_call: Some(at), ..Fate::default() };
                killed_and_gone_on_with(make, &flow, fate, &expected, &whole).await;
            }
        }
    });
}

async fn killed_and_gone_on_with(make: Make<'_>, flow: &Flow, fate: Fate, expected: &Story, whole: &Inner) {
    let trial = Trial::new(make, flow);
    let ended = trial.process(fate).await;
    assert!(matches!(ended, Ended::Died), "{fate:?}: {ended:?}");
    let before = trial.look();
    let story = trial.to_its_end().await;
    assert_eq!(&story, expected, "{fate:?}");
    let (calls, all) = (trial.look().calls, counted(&whole.calls));
    for (step, count) in counted(&calls) {
        let known = places(&before.disk).filter(|last| last.step.as_str() == step && has_ended(last.status)).count();
        let left = all.get(step).copied().unwrap_or_default().saturating_sub(known);
        assert!(count <= left, "{step:?} was called again though its end was on record, {fate:?}");
    }
}

/// A call that must not be repeated and whose answer was lost is not made again: the run needs attention.
pub fn a_call_whose_answer_was_lost_is_not_made_again(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &[Kind::Once]) {
            let (expected, whole) = undisturbed(make, &flow).await;
            let writes = (0..whole.writes).map(|at| Fate { dies_at_write: Some(at), ..Fate::default() });
            let calls = (0..whole.calls.len()).map(|at| Fate { dies_at_call: Some(at), ..Fate::default() });
            for fate in writes.chain(calls) {
                let trial = Trial::new(make, &flow);
                let ended = trial.process(fate).await;
                assert!(matches!(ended, Ended::Died), "{fate:?}: {ended:?}");
                let before = trial.look();
                let calls = counted(&whole.calls);
                let lost: Vec<_> = places(&before.disk)
                    .filter(|last| last.status == StepStatus::Running && calls.contains_key(last.step.as_str()))
                    .map(place)
                    .collect();
                let story = trial.to_its_end().await;
                if lost.is_empty() {
                    assert_eq!(story, expected, "{fate:?}");
                } else {
                    assert_eq!(story.status, Some(RunStatus::NeedsAttention), "{lost:?} is not known, {fate:?}");
                }
                let after = trial.look().calls;
                for (step, count) in counted(&after) {
                    let made = before.calls.iter().filter(|called| *called == step).count();
                    let all = calls.get(step).copied().unwrap_or_default();
                    assert!(made + count <= all, "{step:?} was called again, {fate:?}");
                }
            }
        }
    });
}

/// A run makes way in every process, however short that lives.
pub fn a_run_that_is_killed_again_and_again_still_ends(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &[Kind::Repeatable]) {
            let (expected, whole) = undisturbed(make, &flow).await;
            let trial = Trial::new(make, &flow);
            let mut processes = 0;
            while matches!(trial.process(Fate { dies_at_write: Some(2), ..Fate::default() }).await, Ended::Died) {
                processes += 1;
                assert!(processes <= 2 * whole.writes + 10, "the run does not come to an end");
            }
            assert_eq!(trial.look().state.map(|state| state.status), Some(RunStatus::Succeeded));
            assert_eq!(trial.to_its_end().await, expected, "a run whose end was not noticed only ends");
        }
    });
}

/// When the store cannot write, the engine says so and does nothing more; a later process goes on.
pub fn a_run_whose_write_is_refused_stops_where_it_is(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &SUCCEEDING) {
            let (expected, whole) = undisturbed(make, &flow).await;
            for at in 0..whole.writes {
                let trial = Trial::new(make, &flow);
                let fate = Fate { refused_write: Some(at), ..Fate::default() };
                let ended = trial.process(fate).await;
                let Ended::Returned(Err(_)) = ended else { panic!("{fate:?} and the run went on: {ended:?}") };
                let story = trial.to_its_end().await;
                let fits =
                    story == expected || flow.kind == Kind::Once && story.status == Some(RunStatus::NeedsAttention);
                assert!(fits, "{fate:?}: {story:?} instead of {expected:?}");
            }
        }
    });
}

/// A person stops a run: the call under way is given up, and the run ends as cancelled.
pub fn a_run_that_is_stopped_ends_as_cancelled(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &SUCCEEDING) {
            let trial = Trial::new(make, &flow);
            let ended = trial.process_stopped_in_a_call().await;
            let Ended::Returned(Ok(())) = ended else { panic!("the run broke off: {ended:?}") };
            assert_eq!(trial.look().state.map(|state| state.status), Some(RunStatus::Cancelled));
        }
    });
}

/// A run that was stopped while it waited for its turn calls nothing.
pub fn a_run_that_was_stopped_before_it_began_calls_nothing(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &SUCCEEDING) {
            let trial = Trial::new(make, &flow);
            trial.cancel();
            let story = trial.to_its_end().await;
            assert_eq!((story.status, trial.look().calls), (Some(RunStatus::Cancelled), Vec::new()));
        }
    });
}

/// What goes wrong inside a flow fails the run, with words for people; the engine itself does not fail.
pub fn what_goes_wrong_in_a_flow_is_part_of_the_record(make: Make<'_>) {
    in_a_runtime(async {
        for flow in flows(make, &[Kind::Failing]) {
            let trial = Trial::new(make, &flow);
            let story = trial.to_its_end().await;
            let error = trial.look().state.and_then(|state| state.error).unwrap_or_default();
            assert_eq!(story.status, Some(RunStatus::Failed), "a failing flow of the suite has to fail");
            assert!(!error.trim().is_empty(), "the run does not say what went wrong");
        }
    });
}

/// A document that is none of the engine's is a failed run, and neither an error nor a panic.
pub fn a_document_that_cannot_be_read_is_a_failed_run(make: Make<'_>) {
    in_a_runtime(async {
        let Some(flow) = flows(make, &[Kind::Once, Kind::Repeatable, Kind::Failing]).pop() else { return };
        for text in ["{}", "[[]]", "null", "\"flow\"", "{\"steps\": 4, \"nodes\": 4}"] {
            let trial = Trial::new(make, &flow);
            let subject = make(Service(std::sync::Arc::default()));
            let document = Document::parse(text.to_owned()).unwrap_or_else(|error| panic!("{text}: {error}"));
            let ended = trial.process_with(&*subject.engine, document, Fate::default()).await;
            let Ended::Returned(Ok(())) = ended else { panic!("{text}: {ended:?}") };
            assert_eq!(trial.look().state.map(|state| state.status), Some(RunStatus::Failed), "{text}");
        }
    });
}
