use pmos_core::action::Table;

use crate::{Fault, document};

pub(super) fn run() -> Result<(), Fault> {
    let document = document(&Table::standard());
    let text = serde_json::to_string_pretty(&document).map_err(std::io::Error::from)?;
    println!("{text}");
    Ok(())
}
