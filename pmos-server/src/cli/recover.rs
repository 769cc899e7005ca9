use super::{email, refused};
use crate::{
    Fault,
    config::Settings,
    control::{self, Command, Reply},
};

pub(super) async fn run(settings: &Settings, address: &str) -> Result<(), Fault> {
    let email = email(address)?;
    match control::run(settings, &Command::Recover { email: email.clone() }).await? {
        Reply::Link(link) => {
            println!("{link}");
            eprintln!("the link works once and for one hour");
            Ok(())
        }
        reply => Err(refused(reply, &email)),
    }
}
