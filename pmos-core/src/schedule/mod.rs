//! When automations start by themselves.

mod due;
mod model;
#[cfg(test)]
mod tests;

pub use due::{Due, GRACE, MOST_MISSED};
pub use model::*;
