#![doc = include_str!("README.md")]

mod builder;
mod call;
mod catalog;
mod computing;
mod config;
mod engine;
mod expression;
mod lens;
mod operation;
mod outbound;
mod prober;
mod program;
mod runner;
mod sender;

pub use builder::EmbeddedBuilder;
pub use config::EmbeddedConfig;
pub use engine::EmbeddedEngine;
pub use operation::{OperationDescriptor, OperationHandler, StepContext, StepFailure};
pub use sender::{HttpAnswer, HttpCall, HttpSender, NoAnswer};
