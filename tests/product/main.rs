//! The product as its users meet it.

mod embedding;
mod house;
mod ids;
mod leaks;
mod matrix;
mod membership;
mod town;
mod web;
