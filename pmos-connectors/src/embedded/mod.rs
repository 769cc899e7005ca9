//! x
mod expression;
mod program;
