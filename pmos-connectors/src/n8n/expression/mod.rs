//! References from one node to another: found, read and rewritten.
//!
//! References stand in JavaScript, and JavaScript stands in three kinds of text ([`Dress`]). Only there they are
//! references: the same characters in plain text, in a string or in a comment mean nothing.
//!
//! | written | what it refers to |
//! |---|---|
//! | `$('Name')` `$("Name")` | the node, by name |
//! | `$node["Name"]` `$node.Name` | the same, the older way |
//! | `$items("Name")` | all items that the node gave |
//! | `$json` `$input` | what came in, so the node before |

mod accessor;
mod javascript;
mod literal;
mod text;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub(super) use text::{find, rewrite, visit};

/// A reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The bytes of the whole expression, path included.
    pub(super) range: Range<usize>,
    /// The node.
    pub(super) target: Target,
    /// The path into what it gave, as `body.lines[0].qty`.
    pub(super) path: String,
}

/// Which node a reference means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The one of this name.
    Named {
        /// The name.
        name: String,
        /// Where and how it is written.
        written: Written,
    },
    /// The one before.
    Before,
}

/// How a name is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// The bytes to replace when the node is called something else.
    pub(super) range: Range<usize>,
    /// The quotes around it; none for `$node.Name`, where the range begins at the dot.
    pub(super) quote: Option<char>,
}
