//! The embedded engine, seen from outside.

mod conformance;
