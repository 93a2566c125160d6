//! Files of other programs, read for an organiser whose device compares and writes what they hold. Nothing is kept.

mod words;

use keruen_domain::protocol::schedules::limits::MAX_TEXT_BYTES;
use keruen_domain::protocol::schedules::{ReadFile, ReadRecord, ReadSchedule, Reading};
use keruen_domain::{Author, Clock, DeviceId, Edit, Hlc, Language, Role};
use keruen_formats::{Draft, NoCompanions, Options, RecordDraft, read};
use tokio::sync::Semaphore;

use crate::exchange::Asker;
use crate::people::{Denial, Failed, with_role};
use crate::store::ReadTransaction;

/// Reads one file after the other, since each takes a processor for itself.
pub(crate) struct Reader(Semaphore);

impl Default for Reader {
    fn default() -> Self {
        Self(Semaphore::new(1))
    }
}

impl Reader {
    /// Reads a file; `None` if the program is about to end.
    pub(crate) async fn read(&self, question: ReadSchedule) -> Option<Reading> {
        let _turn = self.0.acquire().await.ok()?;
        let reading = tokio::task::spawn_blocking(move || reading(&question)).await;
        reading.ok()
    }
}

/// Whether a question is one.
pub(crate) fn is_valid(question: &ReadSchedule) -> bool {
    let texts = [&question.name, &question.zone, &question.language];
    texts.iter().all(|text| text.len() <= MAX_TEXT_BYTES)
}

/// Whether somebody may have a file read that is for this programme.
pub(crate) fn may_ask(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    question: &ReadSchedule,
) -> Result<(), Failed> {
    if let Some(programme) = question.into {
        return with_role(transaction, asker, programme, Role::Organiser).map(drop);
    }
    asker.person.ok_or(Denial::NotAuthorised)?;
    let actor = asker.actor(transaction)?;
    match actor.organises_everything {
        true => Ok(()),
        false => Err(Denial::NotAllowed.into()),
    }
}

fn reading(question: &ReadSchedule) -> Reading {
    let language = Language::from_tag(&question.language).unwrap_or(Language::English);
    if !question.zone.is_empty() && !keruen_formats::is_zone(&question.zone) {
        return Reading::Refused(words::unknown_zone(&question.zone, language));
    }
    let options = Options {
        fallback_title: Some(question.name.as_str()).filter(|name| !name.trim().is_empty()),
        zone: Some(question.zone.as_str()).filter(|zone| !zone.is_empty()),
        into: question.into,
        ..Options::default()
    };
    match read(&question.file, &options, &mut NoCompanions) {
        Ok(draft) => Reading::Read(file(draft, language)),
        Err(error) => Reading::Refused(words::error(&error, language)),
    }
}

fn file(draft: Draft, language: Language) -> ReadFile {
    let lines = |notices: &[keruen_formats::Notice]| {
        let notices = notices.iter();
        notices
            .map(|notice| words::notice(notice, language))
            .collect()
    };
    ReadFile {
        programme: draft.programme,
        skipped: lines(&draft.skipped),
        warnings: lines(&draft.warnings),
        title: draft.title,
        is_partial: draft.is_partial,
        records: draft.records.into_iter().filter_map(record).collect(),
    }
}

/// The record that a draft alone makes. Its device stamps it anew.
fn record(draft: RecordDraft) -> Option<ReadRecord> {
    let stamp = Clock::new(DeviceId(0), Hlc::default(), 0).stamp(0);
    let mut edit = Edit::new(draft.key, None, stamp, Author::Machine);
    for (key, value) in draft.fields {
        edit.set(key, value);
    }
    Some(ReadRecord {
        record: edit.finish()?,
        label: draft.label,
    })
}
