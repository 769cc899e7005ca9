//! What every flow engine must do, on flows of the suite and on workflows as people have them.

use pmos_core::testkit::engine::Subject;

use crate::support::{Workbench, corpus};

pmos_core::engine_suite!(|| {
    // Steps that share their name cannot be connected; `corpus` looks at those.
    let documents = corpus().into_iter().filter(|(name, _)| name != "the_same_name_twice");
    Subject::new(Workbench::new()).with_documents(documents.map(|(_, document)| document).collect())
});
