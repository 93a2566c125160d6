//! `keruen invite`, `people`, `devices` and `export`: what operators do with people and agendas from the
//! command line, and the link that the first start prints.
//!
//! A server may be running on the same folder: it believes no token that was taken back, and notices within
//! five seconds what concerns connections that are open.

mod devices;
mod export;
pub mod first_start;
mod invite;
mod pack;
mod people;

use std::error::Error;

pub use devices::{DevicesCommand, devices};
pub use export::{ExportArguments, TemplateArguments, export, template};
pub use invite::{InviteArguments, RoleWord, invite};
pub use people::{PeopleCommand, people};

use keruen_domain::Role;

use crate::config::DataFolder;
use crate::machine;
use crate::people::{Denial, Failed};
use crate::store::{Importer, Person, ReadTransaction, SqliteStore, StoreError};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0} holds no data of Keruen")]
    NoData(String),
    #[error("nothing has {0:?} in its title or name, or as its identifier")]
    Nobody(String),
    #[error("{wanted:?} may be any of these; say which by its identifier:\n{found}")]
    Several { wanted: String, found: String },
    #[error("{0}")]
    Wrong(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failed> for Refused {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Store(error) => Self::Store(error),
            Failed::Denied(Denial::Malformed) => Self::Wrong("this is beyond the limits"),
            Failed::Denied(_) => Self::Wrong("this cannot be done as things are"),
        }
    }
}

/// Opens a store that is there.
fn open(data: &DataFolder) -> Outcome<Importer> {
    if !SqliteStore::is_in(&data.path) {
        let folder = data.path.display().to_string();
        return Err(Refused::NoData(folder).into());
    }
    Ok(Importer::open(&data.path, machine::fresh_identity()?)?)
}

/// The one of these that is meant: by its identifier, or by a part of what it is called; by nothing, if
/// there is one only.
fn the_one<T>(
    wanted: &str,
    candidates: Vec<T>,
    describe: impl Fn(&T) -> (String, Vec<String>),
) -> Result<T, Refused> {
    let lower = wanted.to_lowercase();
    let mut found: Vec<T> = candidates
        .into_iter()
        .filter(|candidate| {
            let (id, names) = describe(candidate);
            lower.is_empty()
                || id == lower
                || names
                    .iter()
                    .any(|name| name.to_lowercase().contains(&lower))
        })
        .collect();
    match (found.len(), found.pop()) {
        (1, Some(one)) => Ok(one),
        (_, None) => Err(Refused::Nobody(wanted.to_owned())),
        (_, Some(last)) => {
            found.push(last);
            let lines = found.iter().map(|candidate| {
                let (id, names) = describe(candidate);
                format!("  {id}  {}", names.join(" / "))
            });
            Err(Refused::Several {
                wanted: wanted.to_owned(),
                found: lines.collect::<Vec<_>>().join("\n"),
            })
        }
    }
}

fn the_person(read: &dyn ReadTransaction, wanted: &str) -> Result<Person, Refused> {
    the_one(wanted, read.persons()?, |person| {
        (person.id.to_string(), vec![person.card.name.clone()])
    })
}

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Organiser => "organiser",
        Role::Trainer => "trainer",
        Role::Participant => "participant",
    }
}

/// A time as people read it, in UTC.
fn shown_time(unix_ms: u64) -> String {
    let seconds = i64::try_from(unix_ms / 1_000).unwrap_or(i64::MAX);
    let time = chrono::DateTime::from_timestamp(seconds, 0);
    time.map_or_else(String::new, |time| {
        time.format("%Y-%m-%d %H:%M UTC").to_string()
    })
}

/// What everybody is where, in words.
fn shown_roles(read: &dyn ReadTransaction, person: &Person) -> Result<Vec<String>, StoreError> {
    let mut roles = Vec::new();
    if person.organises_everything {
        roles.push("organiser of everything".to_owned());
    }
    for member in read.memberships(person.id)? {
        let title = crate::people::programme_record(read, member.programme)?
            .and_then(|record| {
                let texts = crate::people::shown(&record, keruen_domain::model::fields::TITLE);
                texts.into_values().next()
            })
            .unwrap_or_else(|| member.programme.to_string());
        roles.push(format!("{} of {title}", role_word(member.role)));
    }
    Ok(roles)
}
