//! Ready-made flows.

use std::sync::Arc;

use pmos_core::{Error, Result, flow::Template};

const FILES: [&str; 4] = [
    include_str!("../templates/computed_answer.json"),
    include_str!("../templates/order_lines.json"),
    include_str!("../templates/check_data.json"),
    include_str!("../templates/every_morning.json"),
];

pub(super) fn all() -> Result<Arc<[Template]>> {
    let read = |text: &&str| serde_json::from_str(text);
    FILES
        .iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(|cause| Error::internal("read a built-in template").because(cause))
}
