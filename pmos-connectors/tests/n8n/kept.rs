//! The promises, of a server that behaves as n8n does.

use std::time::Duration;

use pmos_connectors::n8n::Limits;

use crate::{
    behaviours,
    double::{Double, Traps},
    world::World,
};

/// As patient as in an instance, with short pauses.
pub(crate) fn calm() -> Limits {
    Limits { look: Duration::from_millis(2), ..Limits::default() }
}

macro_rules! against_the_double {
    ($($name:ident)*) => {$(
        #[tokio::test]
        async fn $name() {
            let double = Double::start();
            double.set(Traps { lag: 3, mixed: true, ..Traps::default() });
            behaviours::$name(&World::of(double.server.clone(), calm())).await;
            assert!(double.state().unlisted.is_empty(), "{:?}", double.state().unlisted);
        }
    )*};
}
for_each_behaviour!(against_the_double);
