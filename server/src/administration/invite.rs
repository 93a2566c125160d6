use keruen_domain::model::fields;
use keruen_domain::{InvitationId, ProgrammeId, Role, ScopeId};

use super::{Outcome, Refused, open, role_word, shown_time, the_one};
use crate::config::DataFolder;
use crate::store::{KeptInvitation, ReadTransaction, StoreError};
use crate::{machine, people, qr, secrets};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What `keruen invite` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct InviteArguments {
    /// The programme: its identifier or a part of its title; may be left out where there is one only
    #[arg(value_name = "PROGRAMME")]
    pub programme: Option<String>,

    /// As what people join
    #[arg(long, value_enum, default_value = "participant")]
    pub role: RoleWord,

    /// For how many days the invitation can be used
    #[arg(long, default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=400))]
    pub valid_days: u32,

    /// How many people it lets in
    #[arg(long, default_value_t = 1, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub uses: u32,

    /// What it is for; organisers see it in their list
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub note: String,

    /// Let somebody organise all programmes, those to come too
    #[arg(long, conflicts_with_all = ["programme", "role"])]
    pub organiser_of_everything: bool,

    /// Where people reach the server, such as https://keruen.example.kz
    #[arg(long, env = "KERUEN_URL", value_name = "ADDRESS")]
    pub url: String,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,
}

/// A role as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum RoleWord {
    /// Builds the programme
    Organiser,
    /// Leads sessions and prepares materials
    Trainer,
    /// Takes part
    Participant,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Organiser => Self::Organiser,
            RoleWord::Trainer => Self::Trainer,
            RoleWord::Participant => Self::Participant,
        }
    }
}

/// Makes an invitation and prints its link.
pub fn invite(arguments: &InviteArguments) -> Outcome<()> {
    let url = arguments.url.trim_end_matches('/');
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Refused::Wrong("the address begins with http:// or https://").into());
    }
    let note = people::valid_text(&arguments.note);
    let note = note.ok_or(Refused::Wrong(
        "a note is one line of 200 characters at most",
    ))?;
    let mut store = open(&arguments.data)?;
    let made_by = store.identity().organiser;
    let now_ms = machine::unix_ms();
    let id = InvitationId::new(now_ms, machine::random_bytes()?);
    let secret = secrets::for_link()?;
    let expires_ms = now_ms + u64::from(arguments.valid_days) * DAY_MS;
    let (secret, to) = store.write(|write| {
        let (programme, role, to) = if arguments.organiser_of_everything {
            (None, Role::Organiser, "everything".to_owned())
        } else {
            let (id, titles) = the_programme(&*write, arguments.programme.as_deref())?;
            (Some(id), arguments.role.into(), titles.join(" / "))
        };
        let invitation = KeptInvitation {
            id,
            programme,
            role,
            made_by,
            made_ms: now_ms,
            expires_ms,
            max_uses: arguments.uses,
            uses: 0,
            note,
            is_revoked: false,
        };
        let made = people::invite_to(write, invitation, secret)?;
        Ok::<_, Refused>((made.secret, format!("{} of {to}", role_word(role))))
    })?;
    println!(
        "{to}, for {} until {}:",
        arguments.uses,
        shown_time(expires_ms)
    );
    qr::print(&format!("{url}/#join={secret}"));
    Ok(())
}

/// The programme that is meant, with its titles.
fn the_programme(
    read: &dyn ReadTransaction,
    wanted: Option<&str>,
) -> Result<(ProgrammeId, Vec<String>), Refused> {
    let programmes = programmes(read)?;
    the_one(wanted.unwrap_or_default(), programmes, |(id, titles)| {
        (id.to_string(), titles.clone())
    })
}

fn programmes(read: &dyn ReadTransaction) -> Result<Vec<(ProgrammeId, Vec<String>)>, StoreError> {
    let mut found = Vec::new();
    for shared in read.shared_scopes()? {
        if let ScopeId::Programme(id) = shared.scope
            && let Some(record) = people::programme_record(read, id)?
        {
            let titles = people::shown(&record, fields::TITLE).into_values();
            found.push((id, titles.collect()));
        }
    }
    Ok(found)
}
