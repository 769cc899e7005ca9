//! What the documentation says is there is there.

mod codes;
mod links;
mod pages;
