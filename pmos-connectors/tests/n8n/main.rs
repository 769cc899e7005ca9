//! The host for n8n: against a server made by hand, with the traps and misbehaviours of real ones, and against the real
//! one where it is installed.

#[macro_use]
mod behaviours;
mod broken;
mod double;
mod kept;
mod live;
mod traps;
mod world;
