// A repository lives no longer than its unit.
use pmos_core::store::{FlowRepository, UnitOfWork};

fn keep(mut unit: Box<dyn UnitOfWork>) -> &'static mut dyn FlowRepository {
    unit.flows()
}

fn main() {}
