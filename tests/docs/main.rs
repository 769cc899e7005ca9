//! What the documentation says is there is there.

#![expect(clippy::unwrap_used, reason = "a page that cannot be read fails the test")]

mod codes;
mod examples;
mod layers;
mod links;
mod pages;
mod words;
