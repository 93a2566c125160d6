use keruen_domain::model::{MaterialKind, fields};
use keruen_domain::{Collection, Language};
use sha2::{Digest, Sha256};

use super::{Form, open_entry, plain_line, set_of_words, translated, word};
use crate::companion::{self, Companions};
use crate::draft::{Drafting, FileDraft, RecordDraft};
use crate::json::{Node, Object};
use crate::problem::{Place, ReadError, ReadErrorKind, Reason};
use crate::{media, text};

pub(super) fn read_material(
    node: Node<'_>,
    companions: &mut dyn Companions,
    drafting: &mut Drafting,
) -> Result<(), ReadError> {
    let label = super::label_of(&node, "title", "");
    let Some((mut object, source)) = open_entry(node, "title", drafting) else {
        return Ok(());
    };
    let place = object.place();
    if label.is_empty() {
        drafting.notices.skip(&place, &source, Reason::MissingTitle);
        return Ok(());
    }
    let mut record = drafting.begin(Collection::MATERIAL, &source, &label, place.clone());
    let notices = &mut drafting.notices;
    let is_kind = |word: &str| MaterialKind::from_word(word).is_some();
    word(&mut object, fields::KIND, is_kind, &mut record, notices);
    translated(
        &mut object,
        "title",
        fields::TITLE,
        Form::Line,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "summary",
        fields::SUMMARY,
        Form::Block,
        &mut record,
        notices,
    );
    translated(
        &mut object,
        "body",
        fields::BODY,
        Form::Block,
        &mut record,
        notices,
    );
    plain_line(&mut object, "author", fields::AUTHOR, &mut record, notices);
    plain_line(
        &mut object,
        "licence",
        fields::LICENCE,
        &mut record,
        notices,
    );
    plain_line(&mut object, "topic", fields::TOPIC, &mut record, notices);
    plain_line(
        &mut object,
        "language",
        fields::LANGUAGE,
        &mut record,
        notices,
    );
    if let Some(url) = object.text("url", notices) {
        record.address(fields::URL, &url, notices);
    }
    set_of_words(&mut object, "sample", fields::SAMPLE, &mut record, notices);

    let bodies = read_bodies(&mut object, companions, &mut record, drafting)?;
    let file = match object.get("file") {
        Some(node) => match read_file(&node, companions, &mut record)? {
            Ok(file) => Ok(Some(file)),
            Err(reason) => Err(reason),
        },
        None => Ok(None),
    };
    object.finish(&mut drafting.notices);
    match (bodies, file) {
        (Ok(()), Ok(file)) => {
            if drafting.push(record, &source)? {
                drafting.files.extend(file);
            }
        }
        // Half a material is none: the reader would not know what is missing.
        (Err(reason), _) | (_, Err(reason)) => drafting.notices.skip(&place, &label, reason),
    }
    Ok(())
}

fn read_bodies(
    object: &mut Object<'_>,
    companions: &mut dyn Companions,
    record: &mut RecordDraft,
    drafting: &mut Drafting,
) -> Result<Result<(), Reason>, ReadError> {
    let Some(node) = object.get("body_files") else {
        return Ok(Ok(()));
    };
    for (code, path) in node.members() {
        let Some(language) = Language::from_word(code) else {
            let reason = Reason::UnknownField(text::shown(code));
            drafting.notices.warn(&path.place(), "", reason);
            continue;
        };
        let bytes = match companion(&path, companions)? {
            Ok((_, bytes)) => bytes,
            Err(reason) => return Ok(Err(reason)),
        };
        let Ok(body) = std::str::from_utf8(&bytes) else {
            let name = path.text().unwrap_or_default();
            return Ok(Err(Reason::FileNotItsType(name)));
        };
        let body = body.trim_start_matches('\u{feff}');
        record.block(fields::BODY, Some(language), body, &mut drafting.notices);
    }
    Ok(Ok(()))
}

fn read_file(
    node: &Node<'_>,
    companions: &mut dyn Companions,
    record: &mut RecordDraft,
) -> Result<Result<FileDraft, Reason>, ReadError> {
    let (path, bytes) = match companion(node, companions)? {
        Ok(read) => read,
        Err(reason) => return Ok(Err(reason)),
    };
    let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let Some(media_type) = media::media_type(&name, &bytes) else {
        return Ok(Err(Reason::FileNotItsType(path)));
    };
    let digest = Sha256::digest(&bytes);
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let size_bytes = bytes.len();
    record.set(fields::FILE_SHA256, sha256.as_str());
    record.set(
        fields::FILE_SIZE_BYTES,
        i64::try_from(size_bytes).unwrap_or(i64::MAX),
    );
    record.set(fields::FILE_TYPE, media_type);
    record.set(fields::FILE_NAME, name.as_str());
    Ok(Ok(FileDraft {
        path,
        sha256,
        size_bytes: u64::try_from(size_bytes).unwrap_or(u64::MAX),
        media_type,
        name,
    }))
}

/// The file at the path that stands here. A path that leads out of the folder condemns the whole
/// import: whoever wrote it meant harm, or another folder.
fn companion(
    node: &Node<'_>,
    companions: &mut dyn Companions,
) -> Result<Result<(String, Vec<u8>), Reason>, ReadError> {
    let path = node.text().unwrap_or_default();
    if !companion::is_inside(&path) {
        let place: Place = node.place();
        return Err(ReadError::new(place, ReadErrorKind::UnsafePath(path)));
    }
    Ok(match companions.read(&path) {
        Ok(bytes) => Ok((path, bytes)),
        Err(problem) => Err(Reason::FileNotReadable {
            path,
            problem: problem.to_string(),
        }),
    })
}
