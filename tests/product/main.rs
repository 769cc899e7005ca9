//! The product as its users meet it.

mod audit;
mod embedding;
mod fuzz;
mod house;
mod ids;
mod leaks;
mod matrix;
mod membership;
mod secrets;
mod tampering;
mod town;
mod web;
