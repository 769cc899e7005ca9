//! Making an account, and with it a workspace of one's own.

use schemars::JsonSchema;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{Accounts, SignUpPolicy, SignedIn};
use crate::{
    Email, Error, Kind, Result, Role,
    audit::Outcome,
    identity::{Account, Person, passwords},
    request::RequestInfo,
    store::Access,
    vault::Secret,
    workspace::{self, Label, Member, WorkspaceProfile},
};

/// What a person gives to make an account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// What others read.
    pub name: Label,
    /// Their address.
    pub email: Email,
    /// At least 12 characters.
    pub password: Secret,
    /// The name of their own workspace; after their own name when left out.
    pub workspace_name: Option<Label>,
    /// The secret of an invitation; then they join that workspace only.
    pub invitation: Option<Secret>,
    /// Printed at the start of a server that listens beyond its own machine; for the first account only.
    pub setup_code: Option<Secret>,
}

impl Accounts {
    /// Makes an account. The first one of a store runs the instance. Without an invitation it founds a workspace whose
    /// automations this engine runs, if there is one: where the host keeps workspaces there is none. One with an invitation
    /// has to be let in by the caller.
    ///
    /// # Errors
    /// `invalid_input` naming the field, `email_taken`, `sign_up_closed`, `setup_code_required`, `too_many_attempts`.
    pub(crate) async fn make(&self, input: &SignUp, engine: Option<&str>, request: &RequestInfo) -> Result<SignedIn> {
        self.throttle.sign_up(request.address)?;
        passwords::accept("password", &input.password, &input.name, &input.email)?;
        if self.is_empty().await? {
            self.check_setup_code(input.setup_code.as_ref())?;
        } else if self.policy == SignUpPolicy::Invitation && input.invitation.is_none() {
            let message = "New accounts are made by invitation here. Ask an admin to invite you.";
            return Err(Error::new(Kind::Forbidden, "sign_up_closed", message));
        }
        let password_hash = self.passwords.hash(input.password.clone()).await?;
        let now = self.now();
        let person = Person {
            id: self.clock.new_id()?,
            name: input.name.clone(),
            email: input.email.clone(),
            super_admin: false,
        };
        let account = Account { person, password_hash, created_at: now };
        let mut unit = self.store.system("make an account", Access::Write).await?;
        if !unit.accounts().insert(&account).await? {
            return Err(Error::conflict(
                "email_taken",
                "There is an account with this address. Sign in, or set a new password.",
            )
            .at("email", "belongs to an account"));
        }
        // The store decides who is first, so only the kept account says whether this one is.
        let account =
            unit.accounts().get(account.person.id).await?.ok_or_else(|| Error::internal("read a new account"))?;
        if account.person.super_admin {
            self.check_setup_code(input.setup_code.as_ref())?;
        }
        if let (Some(engine), None) = (engine, &input.invitation) {
            let name = input.workspace_name.clone().unwrap_or_else(|| workspace::name_after(&input.name));
            let profile = WorkspaceProfile::new(self.clock.new_id()?, name, engine, now);
            let founder = Member { user: account.person.id, role: Role::WorkspaceAdmin, joined_at: now };
            unit.workspaces().found(&profile, founder).await?;
        }
        let signed_in = self.begin_session(&mut *unit, &account, request).await?;
        let entry = self.record("auth.sign_up", Some(account.person.id), Outcome::Done, request)?;
        unit.commit(vec![entry], None).await?;
        Ok(signed_in)
    }

    fn check_setup_code(&self, given: Option<&Secret>) -> Result<()> {
        let Some(code) = &self.setup_code else { return Ok(()) };
        let fits = given.is_some_and(|given| given.expose().trim().as_bytes().ct_eq(code.expose().as_bytes()).into());
        if fits {
            return Ok(());
        }
        let message = "The first account needs the setup code that the server printed when it started.";
        Err(Error::new(Kind::Forbidden, "setup_code_required", message).at("setup_code", "is missing or wrong"))
    }
}
