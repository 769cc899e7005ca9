//! What must not compile: forging the right to act, reaching a tenant without it, keeping a repository beyond its unit,
//! mixing up ids, letting a secret out. The messages are those of Rust 1.95; after a change run with
//! `TRYBUILD=overwrite` and read what changed.

#[test]
fn what_must_not_compile_does_not() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
