//! An answer as it comes together.

use std::collections::{BTreeSet, VecDeque};

use pmos_core::model::{CallArguments, ModelAnswer, ModelEvent, ProposedCall, TokenUsage};
use serde_json::Value;

/// Why an answer is none.
#[derive(Debug)]
pub(in crate::models) enum Stop {
    /// It cannot be read.
    Garbage {
        /// What is wrong with it.
        why: &'static str,
        /// What came.
        said: String,
    },
    /// The provider declined, with its words if it gave any.
    Refused(String),
    /// The provider told of an error, in this document.
    Failed(Value),
}

impl Stop {
    pub(in crate::models) fn garbage(why: &'static str, said: &str) -> Self {
        Self::Garbage { why, said: said.to_owned() }
    }
}

/// A call while its parts arrive.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The provider's id, if it gave one.
    pub(super) id: String,
    /// The tool's name.
    pub(super) tool: String,
    /// The arguments so far, as text.
    pub(super) arguments: String,
    /// What the provider wants back with the call.
    pub(super) opaque: Option<String>,
}

/// An answer while its parts arrive.
#[derive(Debug, Default)]
pub(in crate::models) struct Answer {
    events: VecDeque<ModelEvent>,
    calls: Vec<Draft>,
    /// What it cost, as far as it is known.
    pub(super) usage: TokenUsage,
    /// Whether it ended because it may not be longer.
    pub(super) is_cut: bool,
    size: usize,
    complete: bool,
    over: bool,
}

impl Answer {
    /// The next piece of its text.
    pub(super) fn text(&mut self, piece: &str) {
        self.size += piece.len();
        self.events.push_back(ModelEvent::Text(piece.to_owned()));
    }

    /// The next piece of what was thought.
    pub(super) fn reasoning(&mut self, piece: &str) {
        self.size += piece.len();
        self.events.push_back(ModelEvent::Reasoning(piece.to_owned()));
    }

    /// Begins a call, and tells its place.
    pub(super) fn call(&mut self, call: Draft) -> usize {
        self.size += call.tool.len() + call.arguments.len() + call.opaque.as_ref().map_or(0, String::len);
        self.calls.push(call);
        self.calls.len() - 1
    }

    /// Goes on with the call at a place.
    pub(super) fn go_on(&mut self, place: usize, change: impl FnOnce(&mut Draft)) {
        if let Some(call) = self.calls.get_mut(place) {
            let before = call.tool.len() + call.arguments.len();
            change(call);
            self.size = (self.size + call.tool.len() + call.arguments.len()).saturating_sub(before);
        }
    }

    /// The provider said why the answer ends, but may add to it: what it cost.
    pub(super) fn complete(&mut self) {
        self.complete = true;
    }

    /// The provider said that nothing follows.
    pub(in crate::models) fn over(&mut self) {
        self.complete = true;
        self.over = true;
    }

    pub(in crate::models) fn is_complete(&self) -> bool {
        self.complete
    }

    pub(in crate::models) fn is_over(&self) -> bool {
        self.over
    }

    /// How large it is so far, in bytes.
    pub(in crate::models) fn size(&self) -> usize {
        self.size
    }

    /// What arrived and was not passed on yet.
    pub(in crate::models) fn pop(&mut self) -> Option<ModelEvent> {
        self.events.pop_front()
    }

    /// Its end. Ids that are missing or were used before are replaced, so that they tell its calls apart.
    pub(in crate::models) fn finish(self) -> Result<ModelAnswer, Stop> {
        let mut ids = BTreeSet::new();
        let mut calls = Vec::with_capacity(self.calls.len());
        for (place, Draft { mut id, tool, arguments, opaque }) in self.calls.into_iter().enumerate() {
            if tool.is_empty() {
                return Err(Stop::garbage("a call names no tool", &arguments));
            }
            let mut number = place;
            while id.is_empty() || !ids.insert(id.clone()) {
                id = format!("call_{number}");
                number += 1;
            }
            calls.push(ProposedCall { id, tool, arguments: read(arguments), opaque });
        }
        Ok(ModelAnswer { calls, usage: self.usage, is_cut: self.is_cut })
    }
}

/// The arguments as tools take them. Some providers send none where a tool has none.
fn read(text: String) -> CallArguments {
    if text.trim().is_empty() {
        return CallArguments::Read(serde_json::Map::new());
    }
    serde_json::from_str(&text).map_or_else(|_| CallArguments::Unreadable(text), CallArguments::Read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(given: &[&str]) -> Vec<String> {
        let mut answer = Answer::default();
        for id in given {
            answer.call(Draft { id: (*id).to_owned(), tool: "t".to_owned(), ..Draft::default() });
        }
        answer.finish().unwrap().calls.into_iter().map(|call| call.id).collect()
    }

    #[test]
    fn ids_that_are_missing_or_repeated_are_made_unique() {
        assert_eq!(ids(&["a", "b"]), ["a", "b"]);
        assert_eq!(ids(&["", "", "a", "a"]), ["call_0", "call_1", "a", "call_3"]);
        assert_eq!(ids(&["call_1", ""]), ["call_1", "call_2"]);
    }

    #[test]
    fn arguments_that_are_no_object_stay_what_they_are() {
        for (text, is_read) in [("{\"a\":1}", true), ("", true), ("[1]", false), ("{\"a\":", false), ("null", false)] {
            assert_eq!(matches!(read(text.to_owned()), CallArguments::Read(_)), is_read, "{text}");
        }
        assert_eq!(read("{\"a\":".to_owned()), CallArguments::Unreadable("{\"a\":".to_owned()));
    }
}
