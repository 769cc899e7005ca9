//! x
mod call;
mod catalog;
mod config;
mod expression;
mod outbound;
mod program;
mod runner;
mod sender;

pub use config::EmbeddedConfig;
pub use sender::{HttpAnswer, HttpCall, HttpSender, NoAnswer};
