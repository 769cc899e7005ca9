//! The product as its users meet it.

mod embedding;
mod house;
mod matrix;
mod town;
mod web;
