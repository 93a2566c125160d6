//! Packs: giving a programme from phone to phone, and taking one. No server is needed for either.
//!
//! What is made and read here goes piece by piece: a pack may hold hundreds of megabytes, and the page never does.

use std::collections::BTreeSet;

use keruen_domain::backup::Backup;
use keruen_domain::content::ContentHasher;
use keruen_domain::model::{FileInfo, Material, Note, Session, Subject, View};
use keruen_domain::parts::{Division, USUAL_PART_BYTES};
use keruen_domain::{Collection, ContentHash, ProgrammeId, Record, ScopeId, page};
use keruen_formats::MediaCheck;
use keruen_formats::pack::zip::{END_BYTES, Entry, Writer, clean_name, directory, directory_place};
use keruen_formats::pack::{
    Crc32, Damage, ENDING, FileEntry, MANIFEST, MEDIA_TYPE, MOST_AHEAD_MS, MOST_MANIFEST_BYTES,
    MOST_RECORDS, Manifest, NOTES, PROGRAMME, README, RecordsEntry,
};
use leptos::prelude::untrack;

use super::AppState;
use crate::platform::{ChosenFile, ObjectUrl, Pieces, now_ms, save_object};
use crate::store::{Download, FileForm, HeldFile, PartList, ReceivedPack, StoreError};

/// The collections of a programme that go into packs.
const GIVEN: [Collection; 5] = [
    Collection::PROGRAMME,
    Collection::EVENT,
    Collection::SESSION,
    Collection::MATERIAL,
    Collection::PERSON,
];

/// Why a pack was not made or not taken. Nothing was changed by one that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackTrouble {
    /// It is not what it should be.
    Damaged(Damage),
    /// The browser cannot read the file, or it changed while it was read.
    Unreadable,
    /// More than a pack may hold is to go into it.
    TooLarge,
    /// There is no room for its files: so many bytes are left to files.
    NoRoom(u64),
    /// This device could not read or keep something.
    Store(StoreError),
}

impl From<Damage> for PackTrouble {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<StoreError> for PackTrouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A pack that was made.
pub struct MadePack {
    pieces: Pieces,
    name: String,
    /// Its length.
    pub size_bytes: u64,
}

impl MadePack {
    /// Hands it to the browser, which keeps it as it keeps downloads; whether that could be done.
    pub fn save(&self) -> bool {
        let url = ObjectUrl::of_pieces(&self.pieces, MEDIA_TYPE);
        url.is_some_and(|url| save_object(&self.name, url))
    }
}

/// A pack that was read and compared with what it says of itself.
#[derive(Clone)]
pub struct OpenedPack {
    chosen: ChosenFile,
    entries: Vec<Entry>,
    /// What it holds.
    pub manifest: Manifest,
    records: Vec<Record>,
    notes: Vec<Record>,
    /// What the files are, in the manifest's order.
    media_types: Vec<&'static str>,
    /// How many sessions say something new here.
    pub new_sessions: usize,
    /// How many other records do.
    pub new_others: usize,
    /// The files that are not here, and that materials name.
    pub new_files: Vec<FileEntry>,
    /// How many notes are not here.
    pub new_notes: usize,
    /// Records that were written in a future that is none: they are left out.
    pub left_out: usize,
}

impl AppState {
    /// The files of a programme's materials that are on this phone, and could go into a pack.
    pub fn files_to_give(&self, programme: ProgrammeId) -> Vec<(FileInfo, Material)> {
        let store = self.store();
        let materials = self.materials_in(ScopeId::Programme(programme)).into_iter();
        let files = materials.filter_map(|material| Some((material.file()?, material)));
        let mut files: Vec<_> = files
            .filter(|(file, _)| store.has_file(&file.sha256))
            .collect();
        files.sort_by(|(one, _), (other, _)| one.sha256.cmp(&other.sha256));
        files.dedup_by(|(one, _), (other, _)| one.sha256 == other.sha256);
        files
    }

    /// One's own notes about what is in a programme.
    pub fn notes_to_give(&self, programme: ProgrammeId) -> Vec<Note> {
        let scope = ScopeId::Programme(programme);
        let mut notes: Vec<Note> = self.all();
        notes.retain(|note| {
            let about = match note.about() {
                Some(Subject::Event(id)) => self.event(id).map(|of| of.record().key.scope),
                Some(Subject::Session(id)) => self.session(id).map(|of| of.record().key.scope),
                Some(Subject::Material(id)) => self.material(id).map(|of| of.record().key.scope),
                None => None,
            };
            about == Some(scope)
        });
        notes
    }

    /// Makes a pack of a programme, which is called so, with these files, and one's notes if they are to go along. `progress` is told how
    /// many bytes of files are in it.
    pub async fn make_pack(
        &self,
        programme: ProgrammeId,
        title: String,
        files: Vec<FileInfo>,
        with_notes: bool,
        progress: impl Fn(u64),
    ) -> Result<MadePack, PackTrouble> {
        let scope = ScopeId::Programme(programme);
        let (records, notes) = untrack(|| {
            let records = self.records_to_give(scope);
            let notes = self.notes_to_give(programme).into_iter();
            let notes = notes.map(|note| Record::clone(note.record()));
            (records, notes.collect::<Vec<_>>())
        });
        let records = page::encode(scope, &records);
        let notes = with_notes.then(|| page::encode(ScopeId::OWN, &notes));
        let entry = |page: &Vec<u8>| RecordsEntry {
            sha256: ContentHash::of(page),
            size_bytes: page.len() as u64,
        };
        let known = files.iter().filter_map(|file| {
            Some(FileEntry {
                sha256: file.sha256.parse().ok()?,
                size_bytes: file.size_bytes,
                media_type: file.media_type.to_string(),
                name: file.name.to_string(),
            })
        });
        let manifest = Manifest {
            made_ms: now_ms().saturating_add_signed(self.store().clock_offset_ms()),
            programme,
            title: title.clone(),
            records: entry(&records),
            notes: notes.as_ref().map(entry),
            files: known.collect(),
        };
        let mut making = Making::default();
        making.add(README, read_me(&manifest).as_bytes())?;
        making.add(MANIFEST, manifest.to_json().as_bytes())?;
        making.add(PROGRAMME, &records)?;
        if let Some(notes) = &notes {
            making.add(NOTES, notes)?;
        }
        for file in &manifest.files {
            self.add_file_to(&mut making, file, &progress).await?;
        }
        let (pieces, size_bytes) = making.finish()?;
        let day = super::Time::phone_wall(now_ms()).date();
        let name = [&clean_name(&title), " ", &day.to_string(), ".", ENDING].concat();
        Ok(MadePack {
            pieces,
            name,
            size_bytes,
        })
    }

    /// The programme's records, with those of its people only who speak in it.
    fn records_to_give(&self, scope: ScopeId) -> Vec<Record> {
        let store = self.store();
        let replica = store.replica();
        let of_scope = |collection| {
            let records = replica.records(collection);
            records.filter(move |record| record.key.scope == scope)
        };
        let speakers: BTreeSet<_> = of_scope(Collection::SESSION)
            .filter_map(|record| Session::of(&record))
            .flat_map(|session| session.speakers().collect::<Vec<_>>())
            .collect();
        let is_given = |record: &Record| {
            let is_person = record.key.collection == Collection::PERSON;
            !is_person || speakers.contains(&record.key.id.into())
        };
        let records = GIVEN.into_iter().flat_map(of_scope);
        records
            .filter(|record| is_given(record))
            .map(|record| Record::clone(&record))
            .collect()
    }

    async fn add_file_to(
        &self,
        making: &mut Making,
        file: &FileEntry,
        progress: &impl Fn(u64),
    ) -> Result<(), PackTrouble> {
        let (store, digits) = (self.store(), file.sha256.to_string());
        let before = making.written;
        let form = store.file_form(&digits).await?;
        let mut sum = Crc32::default();
        let pieces = Pieces::default();
        let whole = match form.ok_or(PackTrouble::Unreadable)? {
            FileForm::Whole(bytes) => {
                sum.take(&bytes);
                pieces.take(&bytes)
            }
            FileForm::InParts(held) => {
                let parts = Division::new(held.size_bytes, held.part_bytes);
                let parts = parts.ok_or(PackTrouble::Unreadable)?;
                let mut whole = true;
                for part in 0..parts.count() {
                    let bytes = store.file_part(&digits, part).await?;
                    let bytes = bytes.ok_or(PackTrouble::Unreadable)?;
                    sum.take(&bytes);
                    whole &= pieces.take(&bytes);
                    progress(before + parts.start(part));
                }
                whole
            }
        };
        if !whole {
            return Err(PackTrouble::Unreadable);
        }
        making.add_pieces(&file.entry_name(), sum.finish(), file.size_bytes, &pieces)
    }

    /// Reads a pack and compares all that is in it with what it says of itself. Nothing is changed. `progress` is told
    /// how many bytes of files were compared.
    pub async fn open_pack(
        &self,
        chosen: ChosenFile,
        progress: impl Fn(u64),
    ) -> Result<OpenedPack, PackTrouble> {
        let archive_bytes = chosen.size_bytes();
        if archive_bytes < END_BYTES {
            return Err(Damage::NoPack.into());
        }
        // What is no archive at all is called so, before anybody misses its end.
        let begin = bytes_of(&chosen, 0..END_BYTES).await?;
        if !begin.starts_with(b"PK\x03\x04") {
            return Err(Damage::NoPack.into());
        }
        let end = bytes_of(&chosen, archive_bytes - END_BYTES..archive_bytes).await?;
        let (place, count) = directory_place(&end, archive_bytes)?;
        let start = place.start;
        let entries = directory(&bytes_of(&chosen, place).await?, start, count)?;
        for entry in &entries {
            if bytes_of(&chosen, entry.header()).await? != entry.header_bytes() {
                return Err(Damage::Broken(entry.name.clone()).into());
            }
        }
        let manifest = named(&entries, MANIFEST).ok_or(Damage::NoPack)?;
        if manifest.size_bytes > MOST_MANIFEST_BYTES {
            return Err(Damage::TooMuch(MANIFEST).into());
        }
        let manifest = bytes_of(&chosen, manifest.content()).await?;
        let manifest = Manifest::read(&manifest, &entries)?;
        let scope = ScopeId::Programme(manifest.programme);
        let page = self.page_of(&chosen, &entries, PROGRAMME, &manifest.records);
        let records = records_in(PROGRAMME, &page.await?, scope, &GIVEN)?;
        let notes = match &manifest.notes {
            Some(notes) => {
                let page = self.page_of(&chosen, &entries, NOTES, notes).await?;
                records_in(NOTES, &page, ScopeId::OWN, &[Collection::NOTE])?
            }
            None => Vec::new(),
        };
        let mut media_types = Vec::new();
        let mut compared = 0;
        for file in &manifest.files {
            let told = |bytes| progress(compared + bytes);
            media_types.push(compare_file(&chosen, &entries, file, told).await?);
            compared += file.size_bytes;
        }
        Ok(self.weigh(chosen, entries, manifest, (records, notes), media_types))
    }

    async fn page_of(
        &self,
        chosen: &ChosenFile,
        entries: &[Entry],
        name: &str,
        expected: &RecordsEntry,
    ) -> Result<Vec<u8>, PackTrouble> {
        let entry = named(entries, name).ok_or_else(|| Damage::Broken(name.to_owned()))?;
        let page = bytes_of(chosen, entry.content()).await?;
        if ContentHash::of(&page) == expected.sha256 {
            Ok(page)
        } else {
            Err(Damage::WrongContent(name.to_owned()).into())
        }
    }

    /// What of it is new here.
    fn weigh(
        &self,
        chosen: ChosenFile,
        entries: Vec<Entry>,
        manifest: Manifest,
        (mut records, mut notes): (Vec<Record>, Vec<Record>),
        media_types: Vec<&'static str>,
    ) -> OpenedPack {
        let store = self.store();
        let replica = store.replica();
        let now_ms = now_ms().saturating_add_signed(store.clock_offset_ms());
        let before = records.len() + notes.len();
        let is_of_now = |record: &Record| {
            let latest = record.latest_named().unix_ms();
            latest <= now_ms.saturating_add(MOST_AHEAD_MS)
        };
        records.retain(is_of_now);
        notes.retain(is_of_now);
        let left_out = before - records.len() - notes.len();
        let is_new = |record: &&Record| {
            let known = replica.get(&record.key);
            known.is_none_or(|known| !known.includes(record))
        };
        let (sessions, others): (Vec<&Record>, Vec<&Record>) = records
            .iter()
            .filter(is_new)
            .partition(|record| record.key.collection == Collection::SESSION);
        let (new_sessions, new_others) = (sessions.len(), others.len());
        // What is here stays as its writer knows it, whatever a pack calls the same.
        notes.retain(|note| replica.get(&note.key).is_none());
        let new_notes = notes.len();
        let mut wanted = BTreeSet::new();
        for material in records
            .iter()
            .filter_map(|record| Material::of(&std::sync::Arc::new(record.clone())))
        {
            wanted.extend(material.file().map(|file| file.sha256));
            if let Some(forms) = material.forms() {
                wanted.insert(forms.light.sha256);
                wanted.extend(forms.medium.map(|medium| medium.sha256));
            }
        }
        let is_new_file = |file: &&FileEntry| {
            let digits = file.sha256.to_string();
            wanted.contains(&*digits) && !store.has_file(&digits)
        };
        let new_files = manifest.files.iter().filter(is_new_file).cloned().collect();
        OpenedPack {
            chosen,
            entries,
            manifest,
            records,
            notes,
            media_types,
            new_sessions,
            new_others,
            new_files,
            new_notes,
            left_out,
        }
    }

    /// Takes what is new in a pack, and its notes if they are wanted: those that are not here become one's own. `progress` is told how many
    /// bytes of files are here.
    pub async fn take_pack(
        &self,
        pack: &OpenedPack,
        with_notes: bool,
        progress: impl Fn(u64),
    ) -> Result<(), PackTrouble> {
        let store = self.store();
        let needed_bytes: u64 = pack.new_files.iter().map(|file| file.size_bytes).sum();
        if let Some(room_bytes) = self.downloads().room_bytes().await
            && room_bytes < needed_bytes
        {
            return Err(PackTrouble::NoRoom(room_bytes));
        }
        let mut here = 0;
        for file in &pack.new_files {
            let told = |bytes| progress(here + bytes);
            self.take_file(pack, file, told).await?;
            here += file.size_bytes;
        }
        let opened_ms = now_ms();
        let records = pack.records.clone();
        store
            .receive(records, pack.manifest.made_ms, opened_ms)
            .await?;
        if with_notes && pack.new_notes > 0 {
            let backup = Backup {
                made_at_ms: pack.manifest.made_ms,
                device: store.device(),
                changes: Vec::new(),
                refused: Vec::new(),
                records: pack.notes.clone(),
                unreadable: Vec::new(),
            };
            store.restore(&backup, opened_ms).await?;
        }
        Ok(())
    }

    async fn take_file(
        &self,
        pack: &OpenedPack,
        file: &FileEntry,
        progress: impl Fn(u64),
    ) -> Result<(), PackTrouble> {
        let (store, digits) = (self.store(), file.sha256.to_string());
        let position = pack.manifest.files.iter().position(|of| of == file);
        let media_type = position.and_then(|position| pack.media_types.get(position));
        let media_type = media_type.copied().unwrap_or("application/octet-stream");
        let parts = Division::new(file.size_bytes, USUAL_PART_BYTES);
        let parts = parts.ok_or(PackTrouble::Unreadable)?;
        let entry = named(&pack.entries, &file.entry_name()).ok_or(PackTrouble::Unreadable)?;
        // If this is broken off, what came counts, and the rest may come from the server.
        let download = Download {
            sha256: file.sha256,
            size_bytes: file.size_bytes,
            media_type: media_type.to_owned(),
            from: None,
            asked_ms: now_ms(),
            is_paused: true,
            at_any_cost: false,
            failure: None,
            parts: None,
        };
        store.call_off_download(&digits).await?;
        store.queue_downloads(vec![download]).await?;
        let list = PartList {
            part_bytes: parts.part_bytes(),
            hashes: Vec::new(),
        };
        store.divide_download(&digits, list).await?;
        let content = entry.content().start;
        let mut hasher = ContentHasher::default();
        for part in 0..parts.count() {
            let start = content + parts.start(part);
            let bytes =
                bytes_of(&pack.chosen, start..start + u64::from(parts.length(part))).await?;
            hasher.take(&bytes);
            let kept = store.keep_part(&digits, part, &bytes).await;
            if !kept.map_err(no_room_or)? {
                return Err(PackTrouble::Unreadable);
            }
            progress(parts.start(part));
        }
        if hasher.finish() != file.sha256 {
            store.call_off_download(&digits).await?;
            return Err(PackTrouble::Unreadable);
        }
        let held = HeldFile {
            size_bytes: file.size_bytes,
            part_bytes: parts.part_bytes(),
            media_type: media_type.to_owned(),
            is_usual: true,
        };
        store.complete_download(&digits, &held).await?;
        Ok(())
    }

    /// What came by packs and was not said by the server.
    pub async fn received_packs(&self) -> Vec<ReceivedPack> {
        let store = self.store();
        // What the server has said by now needs no mention.
        let _ = store.tidy_received(now_ms()).await;
        store.received_packs().await.unwrap_or_default()
    }

    /// Removes what packs said of a programme.
    pub async fn remove_received(&self, scope: ScopeId) {
        if let Err(error) = self.store().remove_received(scope).await {
            self.not_saved(&error);
        }
    }

    /// Whether what is shown of a record came by a pack, at least in part.
    pub fn is_received<V: View>(&self, of: &V) -> bool {
        self.store().replica().received(&of.record().key).is_some()
    }
}

/// A pack that is being made.
#[derive(Default)]
struct Making {
    writer: Writer,
    pieces: Pieces,
    written: u64,
}

impl Making {
    fn add(&mut self, name: &str, content: &[u8]) -> Result<(), PackTrouble> {
        let pieces = Pieces::default();
        if !pieces.take(content) {
            return Err(PackTrouble::Unreadable);
        }
        self.add_pieces(name, Crc32::of(content), content.len() as u64, &pieces)
    }

    fn add_pieces(
        &mut self,
        name: &str,
        sum: u32,
        size_bytes: u64,
        pieces: &Pieces,
    ) -> Result<(), PackTrouble> {
        let header = self.writer.begin(name, sum, size_bytes);
        let header = header.ok_or(PackTrouble::TooLarge)?;
        if !self.pieces.take(&header) {
            return Err(PackTrouble::Unreadable);
        }
        self.pieces.append(pieces);
        self.written += header.len() as u64 + size_bytes;
        Ok(())
    }

    fn finish(self) -> Result<(Pieces, u64), PackTrouble> {
        let end = self.writer.finish().ok_or(PackTrouble::TooLarge)?;
        if !self.pieces.take(&end) {
            return Err(PackTrouble::Unreadable);
        }
        Ok((self.pieces, self.written + end.len() as u64))
    }
}

/// For people who open it without Keruen.
fn read_me(manifest: &Manifest) -> String {
    let mut lines = vec![
        "Keruen".to_owned(),
        manifest.title.clone(),
        String::new(),
        "Open this file in Keruen: More, Packs.".to_owned(),
        "Откройте этот файл в приложении Keruen: «Ещё», «Пакеты».".to_owned(),
        "Бұл файлды Keruen қолданбасында ашыңыз: «Тағы», «Бумалар».".to_owned(),
        String::new(),
    ];
    let files = manifest.files.iter();
    lines.extend(files.map(|file| [&file.entry_name(), " - ", &file.name].concat()));
    lines.push(String::new());
    lines.join("\r\n")
}

fn named<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.name == name)
}

async fn bytes_of(
    chosen: &ChosenFile,
    range: std::ops::Range<u64>,
) -> Result<Vec<u8>, PackTrouble> {
    chosen.bytes(range).await.ok_or(PackTrouble::Unreadable)
}

/// Records that may stand in such a page, and no others.
fn records_in(
    name: &str,
    bytes: &[u8],
    scope: ScopeId,
    collections: &[Collection],
) -> Result<Vec<Record>, Damage> {
    let records = page::decode(bytes).map_err(|_| Damage::Broken(name.to_owned()))?;
    if records.len() > MOST_RECORDS {
        return Err(Damage::TooMuch("records"));
    }
    let is_right =
        |record: &Record| record.key.scope == scope && collections.contains(&record.key.collection);
    if records.iter().all(is_right) {
        Ok(records)
    } else {
        Err(Damage::Broken(name.to_owned()))
    }
}

/// What a file is, once all of it was compared with its hash.
async fn compare_file(
    chosen: &ChosenFile,
    entries: &[Entry],
    file: &FileEntry,
    progress: impl Fn(u64),
) -> Result<&'static str, PackTrouble> {
    let name = file.entry_name();
    let entry = named(entries, &name).ok_or_else(|| Damage::Broken(name.clone()))?;
    let content = entry.content();
    let mut hasher = ContentHasher::default();
    let mut check = MediaCheck::of(&file.name);
    let mut at = content.start;
    while at < content.end {
        let end = content.end.min(at + u64::from(USUAL_PART_BYTES));
        let bytes = bytes_of(chosen, at..end).await?;
        hasher.take(&bytes);
        check.take(&bytes);
        at = end;
        progress(at - content.start);
    }
    if hasher.finish() == file.sha256 {
        Ok(check.finish().unwrap_or("application/octet-stream"))
    } else {
        Err(Damage::WrongContent(file.name.clone()).into())
    }
}

fn no_room_or(error: StoreError) -> PackTrouble {
    match error {
        StoreError::Full => PackTrouble::NoRoom(0),
        error => PackTrouble::Store(error),
    }
}
