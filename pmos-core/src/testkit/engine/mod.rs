//! What every flow engine must do.
//!
//! The author of an engine writes one line; it becomes one named test per rule, over random flows built of what the
//! engine's own catalogue offers:
//!
//! ```ignore
//! pmos_core::engine_suite!(|| MyEngine::new());
//! ```
//!
//! A suite says more when it also gets documents as they are found in the wild, with everything in them that the view
//! does not show: `engine_suite!(|| Subject::new(MyEngine::new()).with_documents(samples()))`.
//!
//! The random flows are the same in every run, so a failure repeats; it is reported with the smallest flow and edits that
//! show it.

#![expect(clippy::missing_panics_doc, reason = "every case panics when its rule is broken, which is how a test fails")]

mod catalogue;
mod draw;
mod laws;
mod parts;
mod traps;

use std::{fmt, sync::Arc};

pub use catalogue::*;
pub use laws::*;
pub use traps::*;

use crate::flow::{Capabilities, Catalog, Document, FlowEngine, FlowLens, Piece, Template};

/// The engine under test.
#[derive(Debug)]
pub struct Subject {
    engine: Arc<dyn FlowEngine>,
    documents: Vec<Document>,
}

impl Subject {
    /// The engine alone; documents are made by [`FlowLens::create`].
    pub fn new(engine: impl FlowEngine + 'static) -> Self {
        Self { engine: Arc::new(engine), documents: Vec::new() }
    }

    /// Documents to try beside those that the lens makes, as people have them.
    #[must_use]
    pub fn with_documents(self, documents: Vec<Document>) -> Self {
        Self { documents, ..self }
    }

    fn lens(&self) -> &dyn FlowLens {
        self.engine.lens()
    }

    fn capabilities(&self) -> Capabilities {
        self.engine.descriptor().capabilities
    }

    fn pieces(&self) -> Arc<[Piece]> {
        self.ask(async |catalog| whole(catalog).await, "its pieces")
    }

    fn templates(&self) -> Arc<[Template]> {
        self.ask(Catalog::templates, "its templates")
    }

    fn ask<'a, T>(&'a self, question: impl AsyncFnOnce(&'a dyn Catalog) -> crate::Result<T>, what: &str) -> T {
        let answer = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map(|runtime| runtime.block_on(question(self.engine.catalog().for_tests())));
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => panic!("{} does not tell {what}: {error}", self.engine),
            Err(error) => panic!("no runtime to ask {} for {what}: {error}", self.engine),
        }
    }
}

/// Every piece with its fields, which must be the one its summary is of.
async fn whole(catalog: &dyn Catalog) -> crate::Result<Arc<[Piece]>> {
    let mut pieces = Vec::new();
    for summary in catalog.pieces(None).await?.iter() {
        let piece = catalog
            .piece(None, &summary.name)
            .await?
            .unwrap_or_else(|| panic!("{} is listed, not there", summary.name));
        assert_eq!(&piece.summary(), summary, "{} in the list", summary.name);
        pieces.push(Piece::clone(&piece));
    }
    Ok(pieces.into())
}

impl<E: FlowEngine + 'static> From<E> for Subject {
    fn from(engine: E) -> Self {
        Self::new(engine)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.engine, f)
    }
}

/// Hands the names of all cases to a macro, so that they are listed once.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_engine_case {
    ($then:path { $($more:tt)* }) => {
        $then! { { $($more)* }
            a_document_shows_the_graph_it_was_made_of
            a_graph_that_is_not_well_formed_is_refused
            a_foreign_document_is_refused
            the_square_commutes
            what_an_edit_does_not_touch_stays
            no_edit_changes_nothing
            an_edit_that_does_not_fit_is_named
            expanding_again_changes_nothing
            a_list_of_edits_is_its_edits_one_by_one
            an_undo_leads_back
            an_undo_brings_back_what_is_not_shown
            an_external_edit_can_be_told
            a_difference_leads_to_its_goal
            merges_are_sound
            merging_knows_the_usual_traps
            an_empty_flow_is_reported
            references_are_where_they_are_said_to_be
            the_descriptor_is_complete
            the_catalogue_is_consistent
            templates_can_be_published
        }
    };
}

/// One named test per rule that a flow engine must keep. Takes what makes the engine: a function or closure that returns
/// it, or a [`Subject`](crate::testkit::engine::Subject).
#[macro_export]
macro_rules! engine_suite {
    ($make:expr) => {
        $crate::__for_each_engine_case!($crate::__engine_tests { $make });
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __engine_tests {
    ({ $make:expr } $($case:ident)*) => {$(
        #[test]
        fn $case() {
            let make = $make;
            $crate::testkit::engine::$case(&make().into());
        }
    )*};
}

macro_rules! list {
    ({} $($case:ident)*) => {
        /// Every case with its name, for those who stamp tests in their own way.
        pub const CASES: &[(&str, fn(&Subject))] = &[$((stringify!($case), $case)),*];
    };
}
use list as __list;

__for_each_engine_case!(__list {});
