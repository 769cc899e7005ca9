//! The product as its users meet it.

mod embedding;
mod house;
mod ids;
mod matrix;
mod town;
mod web;
