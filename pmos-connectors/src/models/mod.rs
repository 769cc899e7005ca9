#![doc = include_str!("README.md")]

mod answering;
mod chat_model;
mod client;
mod config;
mod fault;
mod mapping;
mod site;

pub use chat_model::Models;
pub use config::{ModelsConfig, default_base_url};
