use crate::Fault;

#[expect(clippy::unnecessary_wraps, reason = "every command ends the same way")]
pub(super) fn run(report: &str) -> Result<(), Fault> {
    print!("{report}");
    Ok(())
}
