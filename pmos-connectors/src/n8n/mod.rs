//! The n8n engine: workflows of an n8n server that the operator runs.

pub mod catalog;
