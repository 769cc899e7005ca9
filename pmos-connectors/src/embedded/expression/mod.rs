//! `{{ }}` expressions in settings.
//!
//! A text that is exactly one expression keeps the type of its value; in a longer text values read as text. Only the
//! settings of a flow are ever compiled: what comes in with a run is data and stays data, whatever it looks like.
//!
//! The parser and the machine are minijinja's; how values compare, compute, convert and read as text is decided in
//! [`rules`] alone. [`checked`] rewrites an expression so that all it does goes through them, once, when a flow is
//! compiled.
//!
//! An expression sees `trigger`, `steps.<id>`, in loops `item` and `index`, and `run.id` and `workspace.id`. It cannot
//! read files, call out, look at the host or run for long: see [`source`] for what is refused before parsing and
//! [`template`] for what stops it while it computes.

mod checked;
mod conversions;
mod filters;
mod language;
mod ours;
mod references;
mod rules;
mod scope;
mod shape;
mod source;
mod template;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use references::{renamed, step_path, uses};
pub(crate) use scope::{LOOP_ROOTS, ROOTS, Scope};
pub(crate) use source::Fault;
pub(crate) use template::{Mismatch, Template, join};
pub(crate) use value::{Budget, append};
