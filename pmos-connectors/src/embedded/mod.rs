#![doc = include_str!("README.md")]

mod call;
mod catalog;
mod computing;
mod config;
mod engine;
mod expression;
mod lens;
mod outbound;
mod prober;
mod program;
mod runner;
mod sender;

pub use config::EmbeddedConfig;
pub use engine::EmbeddedEngine;
pub use sender::{HttpAnswer, HttpCall, HttpSender, NoAnswer};
