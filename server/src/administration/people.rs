use keruen_domain::model::fields;
use keruen_domain::{DeviceId, ScopeId};
use serde_json::json;

use super::{Outcome, Refused, open, role_word, shown_roles, shown_time, the_person};
use crate::config::DataFolder;
use crate::store::{ImportTransaction as _, Person, ReadTransaction, StoreError, WriteTransaction};
use crate::{machine, people};

/// What `keruen people` does.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PeopleCommand {
    /// List everybody who has joined
    List {
        #[command(flatten)]
        #[allow(missing_docs)]
        data: DataFolder,
    },
    /// Show somebody: what they said of themselves, what they are where, their devices
    Show(OnePerson),
    /// Give somebody another name, on their cards too
    Rename {
        /// Their identifier or a part of their name
        person: String,
        /// The name from now on
        name: String,
        #[command(flatten)]
        #[allow(missing_docs)]
        data: DataFolder,
    },
    /// Print all that is somebody's own as JSON: their card, places, devices and notes
    Export(OnePerson),
    /// Forget somebody: notes, devices, places and cards. What they wrote into programmes stays, without
    /// their name
    Erase {
        #[command(flatten)]
        #[allow(missing_docs)]
        one: OnePerson,
        /// Really: it cannot be undone
        #[arg(long)]
        yes: bool,
    },
}

/// Somebody in a data folder.
#[derive(Clone, Debug, clap::Args)]
pub struct OnePerson {
    /// Their identifier or a part of their name
    pub person: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,
}

/// Lists, shows, renames, exports or erases people.
pub fn people(command: &PeopleCommand) -> Outcome<()> {
    match command {
        PeopleCommand::List { data } => {
            let lines = open(data)?.write(|write| list(&*write))?;
            for line in lines {
                println!("{line}");
            }
        }
        PeopleCommand::Show(one) => {
            let told = open(&one.data)?.write(|write| {
                let person = the_person(&*write, &one.person)?;
                Ok::<_, Refused>(show(&*write, &person)?)
            })?;
            print!("{told}");
        }
        PeopleCommand::Rename { person, name, data } => {
            let name = people::valid_text(name).filter(|name| !name.is_empty());
            let name = name.ok_or(Refused::Wrong("a name has 1 to 200 characters"))?;
            let device = random_device()?;
            open(data)?.write(|write| {
                let person = the_person(&*write, person)?;
                let now_ms = machine::unix_ms();
                Ok::<_, Refused>(people::rename(write, person, &name, device, now_ms)?)
            })?;
            println!("The name is {name} from now on.");
        }
        PeopleCommand::Export(one) => {
            let exported = open(&one.data)?.write(|write| {
                let person = the_person(&*write, &one.person)?;
                Ok::<_, Refused>(export(write, &person)?)
            })?;
            println!("{exported:#}");
        }
        PeopleCommand::Erase { one, yes } => {
            let device = random_device()?;
            let mut store = open(&one.data)?;
            let name = store.write(|write| {
                let person = the_person(&*write, &one.person)?;
                if *yes {
                    people::erase(write, person.id, device, machine::unix_ms())?;
                }
                Ok::<_, Refused>(person.card.name)
            })?;
            if !yes {
                let shown = format!("{name} stays: with --yes, all of theirs is erased for good");
                return Err(shown.into());
            }
            if !store.leave_no_rests()? {
                println!("A rest stays in the database's journal until the server stops.");
            }
            println!("{name} is erased. Copies of the data folder made before still hold them.");
        }
    }
    Ok(())
}

fn random_device() -> Outcome<DeviceId> {
    Ok(DeviceId(u64::from_be_bytes(machine::random_bytes()?)))
}

fn list(read: &dyn ReadTransaction) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    for person in read.persons()? {
        let roles = shown_roles(read, &person)?.join(", ");
        lines.push(format!("{}  {}  {roles}", person.id, person.card.name));
    }
    Ok(lines)
}

fn show(read: &dyn ReadTransaction, person: &Person) -> Result<String, StoreError> {
    let card = &person.card;
    let mut told = format!(
        "{}\nname          {}\norganisation  {}\nregion        {}\nlanguage      {}\nlisted        {}\njoined        {}\n",
        person.id,
        card.name,
        card.organisation,
        card.region,
        card.language,
        if card.is_listed { "yes" } else { "no" },
        shown_time(person.joined_ms),
    );
    for role in shown_roles(read, person)? {
        told += &format!("{role}\n");
    }
    if let Some(made_ms) = read.calendar_of(person.id)? {
        told += &format!(
            "calendar      its address was made {}\n",
            shown_time(made_ms)
        );
    }
    for token in read.tokens(person.id)? {
        let seen = shown_time(token.seen_ms);
        told += &format!("device {}: {}, last here {seen}\n", token.id.0, token.label);
    }
    Ok(told)
}

fn export(
    write: &mut dyn WriteTransaction,
    person: &Person,
) -> Result<serde_json::Value, StoreError> {
    let card = &person.card;
    let places: Vec<_> = write
        .memberships(person.id)?
        .iter()
        .map(|member| {
            json!({
                "programme": member.programme,
                "role": role_word(member.role),
                "joined_ms": member.joined_ms,
            })
        })
        .collect();
    let devices: Vec<_> = write
        .tokens(person.id)?
        .iter()
        .map(|token| {
            json!({
                "number": token.id.0,
                "device": token.device,
                "label": token.label,
                "added_ms": token.added_ms,
                "seen_ms": token.seen_ms,
            })
        })
        .collect();
    let mut shown_cards = Vec::new();
    for key in people::cards(&*write, person.id)? {
        shown_cards.push(write.row(&key)?.map(|row| row.record));
    }
    Ok(json!({
        "person": person.id,
        "joined_ms": person.joined_ms,
        "organises_everything": person.organises_everything,
        (fields::NAME): card.name,
        (fields::ORGANISATION): card.organisation,
        (fields::REGION): card.region,
        (fields::LANGUAGE): card.language,
        "listed": card.is_listed,
        "calendar_made_ms": write.calendar_of(person.id)?,
        "programmes": places,
        "devices": devices,
        "cards": shown_cards,
        "own_records": write.records(ScopeId::Person(person.id))?,
    }))
}
