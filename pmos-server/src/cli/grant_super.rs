use super::{email, refused};
use crate::{
    Fault,
    config::Settings,
    control::{self, Command, Reply},
};

pub(super) async fn run(settings: &Settings, address: &str) -> Result<(), Fault> {
    let email = email(address)?;
    match control::run(settings, &Command::GrantSuper { email: email.clone() }).await? {
        Reply::Granted => {
            println!("{email} runs this instance now");
            Ok(())
        }
        reply => Err(refused(reply, &email)),
    }
}
