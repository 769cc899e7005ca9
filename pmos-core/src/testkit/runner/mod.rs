//! What an engine must do that runs flows inside this process.
//!
//! The author gives the engine and some of its flows, and lets the outward calls of these arrive at the [`Service`] of the
//! suite. It becomes one named test per rule: every flow is run, killed at each of its writes and during each of its calls,
//! refused each of its writes, stopped, and gone on with by another process.
//!
//! ```ignore
//! pmos_core::runner_suite!(|service: Service| {
//!     Subject::new(MyEngine::new(service)).once(order(), json!({"qty": 4})).repeatable(look_up(), json!({}))
//! });
//! ```
//!
//! The flows give the same whenever they are run with the same input, and succeed without a wait. Those of
//! [`Subject::once`] make calls that must not be repeated, those of [`Subject::repeatable`] only such as may be.

#![expect(clippy::missing_panics_doc, reason = "every case panics when its rule is broken, which is how a test fails")]

mod process;
mod rules;
mod world;

use std::sync::Arc;

pub use rules::*;
use serde_json::Value;
pub use world::Service;

use crate::flow::{FlowEngine, Graph};

/// The engine under test, with flows to run.
#[derive(Debug)]
pub struct Subject {
    pub(super) engine: Arc<dyn FlowEngine>,
    pub(super) flows: Vec<Flow>,
}

/// What makes a subject whose calls arrive at this service. It is asked once for every process.
pub type Make<'a> = &'a dyn Fn(Service) -> Subject;

/// A flow of the suite.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) graph: Graph,
    pub(super) input: Value,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Once,
    Repeatable,
    Failing,
}

impl Subject {
    /// The engine; at least one flow has to follow.
    pub fn new(engine: impl FlowEngine + 'static) -> Self {
        Self { engine: Arc::new(engine), flows: Vec::new() }
    }

    /// A flow that succeeds, with calls that must not be repeated.
    pub fn once(self, graph: Graph, input: Value) -> Self {
        self.with(graph, input, Kind::Once)
    }

    /// A flow that succeeds, with calls that may be repeated.
    pub fn repeatable(self, graph: Graph, input: Value) -> Self {
        self.with(graph, input, Kind::Repeatable)
    }

    /// A flow in which something goes wrong.
    pub fn failing(self, graph: Graph, input: Value) -> Self {
        self.with(graph, input, Kind::Failing)
    }

    fn with(mut self, graph: Graph, input: Value, kind: Kind) -> Self {
        self.flows.push(Flow { graph, input, kind });
        self
    }
}

/// Hands the names of all cases to a macro, so that they are listed once.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_runner_case {
    ($then:path { $($more:tt)* }) => {
        $then! { { $($more)* }
            a_run_is_recorded_to_its_end
            a_call_leaves_when_its_intent_is_on_disk
            a_run_that_is_killed_at_any_write_ends_as_if_it_had_not_been
            a_run_that_is_killed_during_a_call_ends_as_if_it_had_not_been
            a_call_whose_answer_was_lost_is_not_made_again
            a_run_that_is_killed_again_and_again_still_ends
            a_run_whose_write_is_refused_stops_where_it_is
            a_run_that_is_stopped_ends_as_cancelled
            a_run_that_was_stopped_before_it_began_calls_nothing
            what_goes_wrong_in_a_flow_is_part_of_the_record
            a_document_that_cannot_be_read_is_a_failed_run
        }
    };
}

/// One named test per rule that an engine inside this process must keep when it runs flows. Takes what makes a
/// [`Subject`](crate::testkit::runner::Subject) for a [`Service`](crate::testkit::runner::Service).
#[macro_export]
macro_rules! runner_suite {
    ($make:expr) => {
        $crate::__for_each_runner_case!($crate::__runner_tests { $make });
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __runner_tests {
    ({ $make:expr } $($case:ident)*) => {$(
        #[test]
        fn $case() {
            $crate::testkit::runner::$case(&$make);
        }
    )*};
}

macro_rules! list {
    ({} $($case:ident)*) => {
        /// Every case with its name, for those who stamp tests in their own way.
        pub const CASES: &[(&str, fn(Make<'_>))] = &[$((stringify!($case), $case)),*];
    };
}
use list as __list;

__for_each_runner_case!(__list {});
