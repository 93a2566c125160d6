use keruen_domain::protocol::people::TokenId;

use super::{Outcome, Refused, open, shown_time, the_person};
use crate::config::DataFolder;
use crate::people;

/// What `keruen devices` does.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum DevicesCommand {
    /// List somebody's devices
    List {
        /// Their identifier or a part of their name
        person: String,
        #[command(flatten)]
        #[allow(missing_docs)]
        data: DataFolder,
    },
    /// Take a device back: its token is refused from now on
    Revoke {
        /// Its number in the list
        number: u64,
        #[command(flatten)]
        #[allow(missing_docs)]
        data: DataFolder,
    },
}

/// Lists or takes back devices.
pub fn devices(command: &DevicesCommand) -> Outcome<()> {
    match command {
        DevicesCommand::List { person, data } => {
            let tokens = open(data)?.write(|write| {
                let person = the_person(&*write, person)?;
                Ok::<_, Refused>(write.tokens(person.id)?)
            })?;
            for token in tokens {
                println!(
                    "{:>6}  {}  last here {}",
                    token.id.0,
                    token.label,
                    shown_time(token.seen_ms)
                );
            }
        }
        DevicesCommand::Revoke { number, data } => {
            let token = TokenId(*number);
            let label = open(data)?.write(|write| {
                for person in write.persons()? {
                    let tokens = write.tokens(person.id)?;
                    if let Some(held) = tokens.into_iter().find(|held| held.id == token) {
                        people::take_back(write, person.id, token)?;
                        return Ok(format!("{} of {}", held.label, person.card.name));
                    }
                }
                Err(Refused::Wrong("there is no device of this number"))
            })?;
            println!("{label} is refused from now on.");
        }
    }
    Ok(())
}
