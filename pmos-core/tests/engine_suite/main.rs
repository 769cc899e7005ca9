//! The conformance suite for engines: sound engines pass it, and every way of going wrong that we know is caught.

#[expect(clippy::unwrap_used, reason = "an engine for tests")]
mod reference;

mod structured {
    use crate::reference::{Fault, ReferenceEngine};
    use pmos_core::testkit::engine::Subject;

    pmos_core::engine_suite!(|| {
        let engine = ReferenceEngine::structured(Fault::None);
        let documents = engine.documents();
        Subject::new(engine).with_documents(documents)
    });
}

mod free {
    use crate::reference::{Fault, ReferenceEngine};

    pmos_core::engine_suite!(|| ReferenceEngine::free(Fault::None));
}

mod faults {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use crate::reference::{Fault, ReferenceEngine};
    use pmos_core::testkit::engine::{CASES, Subject};
    use rstest::rstest;

    #[rstest]
    #[case(Fault::Forgets, "what_an_edit_does_not_touch_stays")]
    #[case(Fault::Misplaces, "the_square_commutes")]
    #[case(Fault::Overwrites, "the_square_commutes")]
    #[case(Fault::Renames, "the_square_commutes")]
    #[case(Fault::Implicit, "the_square_commutes")]
    #[case(Fault::ForgetsToRemove, "a_difference_leads_to_its_goal")]
    #[case(Fault::Careless, "an_empty_flow_is_reported")]
    #[case(Fault::Refuses, "the_square_commutes")]
    #[case(Fault::Mumbles, "the_square_commutes")]
    #[case(Fault::DropsTheLast, "a_list_of_edits_is_its_edits_one_by_one")]
    #[case(Fault::Fidgets, "what_an_edit_does_not_touch_stays")]
    #[case(Fault::Discards, "an_undo_brings_back_what_is_not_shown")]
    #[case(Fault::Overwrites, "an_external_edit_can_be_told")]
    fn an_engine_that_goes_wrong_is_caught(#[case] fault: Fault, #[case] case: &str) {
        let (_, run) = CASES.iter().find(|(name, _)| *name == case).unwrap();
        let subject = Subject::new(ReferenceEngine::structured(fault));
        assert!(catch_unwind(AssertUnwindSafe(|| run(&subject))).is_err(), "{fault:?} passes {case}");
    }

    #[test]
    fn an_engine_with_free_steps_that_goes_wrong_is_caught() {
        for fault in [Fault::Misplaces, Fault::Renames, Fault::Refuses] {
            let (_, run) = CASES.iter().find(|(name, _)| *name == "the_square_commutes").unwrap();
            let subject = Subject::new(ReferenceEngine::free(fault));
            assert!(catch_unwind(AssertUnwindSafe(|| run(&subject))).is_err(), "{fault:?} passes");
        }
    }
}
