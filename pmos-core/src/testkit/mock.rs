//! Mocks of the ports for which `automock` cannot make one: those that have to be printable, and the one whose method
//! takes a trait object. All other mocks stand beside their traits, as
//! [`MockIdentity`](crate::identity::MockIdentity), [`MockUnitOfWork`](crate::store::MockUnitOfWork) or
//! [`MockRunContext`](crate::run::MockRunContext).

use std::fmt;

use async_trait::async_trait;

pub use crate::clock::MockClock;

use crate::{
    Result, WorkspaceScope,
    flow::{Catalog, EngineDescriptor, FlowEngine, FlowLens, Guarded, Host},
    run::{RunContext, RunOrder, Runner, StepRecord},
    store::{Access, Directory, RunJournal, Store, SystemUnit, UnitOfWork, WorkerSlot},
};

mockall::mock! {
    /// A mock of [`Store`].
    pub Store {}

    #[async_trait]
    impl Store for Store {
        async fn begin(&self, scope: &WorkspaceScope, access: Access) -> Result<Box<dyn UnitOfWork>>;
        async fn system(&self, reason: &'static str, access: Access) -> Result<Box<dyn SystemUnit>>;
        fn directory(&self) -> &dyn Directory;
        fn journal(&self) -> &dyn RunJournal;
        fn worker(&self) -> &WorkerSlot;
        async fn ready(&self) -> Result<()>;
        async fn lost(&self);
        async fn close(&self);
    }
}

impl fmt::Debug for MockStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockStore")
    }
}

impl fmt::Display for MockStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mock")
    }
}

mockall::mock! {
    /// A mock of [`FlowEngine`].
    pub FlowEngine {}

    impl FlowEngine for FlowEngine {
        fn descriptor(&self) -> &EngineDescriptor;
        fn lens(&self) -> &dyn FlowLens;
        fn host<'a>(&'a self) -> Host<'a>;
        fn catalog<'a>(&'a self) -> Guarded<'a, dyn Catalog>;
    }
}

impl fmt::Debug for MockFlowEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockFlowEngine")
    }
}

impl fmt::Display for MockFlowEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mock")
    }
}

mockall::mock! {
    /// A mock of [`Runner`]. What is expected of `run` answers at once: a runner that awaits its context is better written
    /// out by hand.
    pub Runner {
        /// As [`Runner::run`], without waiting.
        pub fn run(&self, order: RunOrder, recorded: Vec<StepRecord>, context: &dyn RunContext) -> Result<()>;
    }
}

#[async_trait]
impl Runner for MockRunner {
    async fn run(&self, order: RunOrder, recorded: Vec<StepRecord>, context: &dyn RunContext) -> Result<()> {
        MockRunner::run(self, order, recorded, context)
    }
}
