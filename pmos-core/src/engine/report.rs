//! What a look at an engine found, gathered step by step.

use super::{Fact, FactName};
use crate::Timestamp;

/// What a look at an engine found.
#[derive(Debug, Clone)]
pub struct Health {
    /// One per [`FactName`], in their order.
    pub facts: Vec<Fact>,
    /// The version of the server, when it said so.
    pub version: Option<String>,
}

/// The facts that a look has found so far. Each is said once, in the order of [`FactName::OF_ENGINES`].
#[derive(Debug)]
pub struct HealthReport {
    facts: Vec<Fact>,
    at: Timestamp,
}

impl HealthReport {
    /// A look that begins now.
    pub fn new(at: Timestamp) -> Self {
        Self { facts: Vec::with_capacity(FactName::OF_ENGINES.len()), at }
    }

    /// It is so.
    pub fn holds(&mut self, name: FactName, message: impl Into<String>) {
        self.say(name, Some(true), message, None);
    }

    /// It is so, and `action` would make more possible.
    pub fn limited(&mut self, name: FactName, message: impl Into<String>, action: &str) {
        self.say(name, Some(true), message, Some(action));
    }

    /// It is not so, and `action` mends it.
    pub fn fails(&mut self, name: FactName, message: impl Into<String>, action: &str) {
        self.say(name, Some(false), message, Some(action));
    }

    /// It could not be found out.
    pub fn unknown(&mut self, name: FactName, message: impl Into<String>, action: Option<&str>) {
        self.say(name, None, message, action);
    }

    /// The end of the look; what comes after the last fact that was said was not looked at.
    pub fn finish(mut self, version: Option<String>) -> Health {
        for name in FactName::OF_ENGINES.into_iter().skip(self.facts.len()) {
            self.unknown(name, "Not looked at yet.", None);
        }
        Health { facts: self.facts, version }
    }

    fn say(&mut self, name: FactName, ok: Option<bool>, message: impl Into<String>, action: Option<&str>) {
        self.facts.push(Fact { name, ok, message: message.into(), action: action.map(str::to_owned), at: self.at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EngineState;

    #[test]
    fn a_look_that_stops_early_still_says_something_of_every_fact() {
        let mut report = HealthReport::new(Timestamp::from_micros(0));
        report.holds(FactName::Configured, "An address and a key are known.");
        report.fails(FactName::Reachable, "It does not answer.", "Check that it runs.");
        let health = report.finish(None);
        assert_eq!(health.facts.iter().map(|fact| fact.name).collect::<Vec<_>>(), FactName::OF_ENGINES);
        assert_eq!(
            health.facts.iter().map(|fact| fact.ok).collect::<Vec<_>>(),
            [Some(true), Some(false), None, None, None]
        );
        assert_eq!(EngineState::of(&health.facts), EngineState::Unreachable);
    }
}
