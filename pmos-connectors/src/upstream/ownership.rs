//! Whose an object is that a server gave. The server's own wall is not trusted alone.

use pmos_core::{
    Observer, WorkspaceId,
    engine::{Tenancy, Wall},
    store::ObjectKind,
};

use super::{Fault, FaultKind, Protocol};

/// What is known of a tenancy that tells its objects from those of others.
pub struct Ownership<'a> {
    engine: &'static str,
    workspace: WorkspaceId,
    wall: Wall,
    project: Option<String>,
    observer: &'a dyn Observer,
}

impl<'a> Ownership<'a> {
    /// Of a tenancy whose objects are all in `project`, where it has one.
    pub fn of<P: Protocol>(tenancy: &Tenancy, project: Option<String>, observer: &'a dyn Observer) -> Self {
        Self { engine: P::NAME, workspace: tenancy.workspace, wall: tenancy.wall, project, observer }
    }

    /// What keeps the workspace apart at the server.
    pub fn wall(&self) -> Wall {
        self.wall
    }

    /// The project that everything of the workspace is in.
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// Whether an object is the workspace's, by the projects that the server says it is in. What a workspace brought
    /// itself has no wall of ours, unless it named its project.
    pub fn owns<'p>(&self, kind: ObjectKind, mut projects: impl Iterator<Item = &'p str>) -> bool {
        let Some(own) = self.project() else {
            return matches!(self.wall, Wall::Instance | Wall::OwnKey);
        };
        let owned = projects.any(|project| project == own);
        if !owned {
            self.found_foreign(kind);
        }
        owned
    }

    /// Tells that the server answered with another workspace's object, or with one that was not asked for.
    pub fn found_foreign(&self, kind: ObjectKind) {
        tracing::warn!(
            target: "pmos::isolation", workspace = %self.workspace, engine = self.engine, kind = kind.as_str(),
            "the engine answered with an object of another workspace; it is left out"
        );
        self.observer.foreign_object(self.engine, kind);
    }

    /// Whether a refusal means that the object is not there. A user of our own making may do everything with what is its
    /// own, so what it may not touch is another workspace's, and is as if it were not there.
    pub fn hides<P>(&self, fault: &Fault<P>) -> bool {
        match fault.kind {
            FaultKind::NotFound => true,
            FaultKind::Forbidden => matches!(self.wall, Wall::User | Wall::Project),
            _ => false,
        }
    }

    /// The answer for an object that may not be there.
    ///
    /// # Errors
    /// Faults that say something else.
    pub fn if_there<T, P>(&self, answer: Result<T, Fault<P>>) -> Result<Option<T>, Fault<P>> {
        match answer {
            Ok(found) => Ok(Some(found)),
            Err(fault) if self.hides(&fault) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use pmos_core::{Id, NoObserver, vault::Secret};
    use rstest::rstest;
    use uuid::Uuid;

    use super::{super::protocol::tests::Example, *};

    fn of(wall: Wall, project: Option<&str>) -> Ownership<'static> {
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
        let tenancy = Tenancy { workspace, instance: String::new(), wall, access: Secret::new("") };
        Ownership::of::<Example>(&tenancy, project.map(str::to_owned), &NoObserver)
    }

    #[rstest]
    #[case::its_own(Wall::User, Some("p"), &["p"], true)]
    #[case::shared_with_it(Wall::User, Some("p"), &["q", "p"], true)]
    #[case::of_another(Wall::User, Some("p"), &["q"], false)]
    #[case::of_no_project(Wall::User, Some("p"), &[], false)]
    #[case::without_a_project_of_its_own(Wall::User, None, &["p"], false)]
    #[case::on_a_shared_key(Wall::SharedKey, None, &["p"], false)]
    #[case::on_a_server_of_its_own(Wall::Instance, None, &["p"], true)]
    #[case::by_a_key_of_its_own(Wall::OwnKey, None, &["p"], true)]
    #[case::by_a_key_for_one_project(Wall::OwnKey, Some("p"), &["q"], false)]
    fn an_object_belongs_to_the_workspace_that_its_project_is_of(
        #[case] wall: Wall,
        #[case] project: Option<&str>,
        #[case] projects: &[&str],
        #[case] owned: bool,
    ) {
        assert_eq!(of(wall, project).owns(ObjectKind::Flow, projects.iter().copied()), owned);
    }

    #[rstest]
    #[case(Wall::User, FaultKind::NotFound, true)]
    #[case(Wall::User, FaultKind::Forbidden, true)]
    #[case(Wall::OwnKey, FaultKind::Forbidden, false)]
    #[case(Wall::User, FaultKind::Denied, false)]
    fn what_may_not_be_touched_is_as_if_it_were_not_there(
        #[case] wall: Wall,
        #[case] kind: FaultKind,
        #[case] hidden: bool,
    ) {
        let answer = of(wall, None).if_there(Err::<(), Fault<Example>>(kind.into()));
        assert_eq!(answer.is_ok_and(|found| found.is_none()), hidden);
    }
}
