//! The names of the fields. They are stored and sent: never renamed, only added to.

/// Translated: what it is called.
pub const TITLE: &str = "title";
/// Translated: what it is about, in a sentence or two.
pub const SUMMARY: &str = "summary";
/// Translated: what the programme wants to reach.
pub const AIMS: &str = "aims";
/// Translated: within what it takes place.
pub const FRAME: &str = "frame";
/// Translated: who holds it, a line each.
pub const ORGANISERS: &str = "organisers";
/// Set of ISO 3166-2 codes.
pub const REGIONS: &str = "regions";
/// Set of language codes in which the programme is held.
pub const LANGUAGES: &str = "languages";
/// Flag: anyone may read it.
pub const PUBLIC: &str = "public";
/// Set of addresses where the facts come from.
pub const SOURCES: &str = "sources";
/// Set of names of fields whose content was made up for the sample programmes.
pub const SAMPLE: &str = "sample";

/// Of a copy of an event that somebody keeps among their own: the programme of the original.
pub const PROGRAMME: &str = "programme";
/// Translated: the town.
pub const CITY: &str = "city";
/// Translated: the house.
pub const VENUE: &str = "venue";
/// ISO 3166-2 code.
pub const REGION: &str = "region";
/// IANA name of the time zone.
pub const ZONE: &str = "zone";
/// Date `2025-05-12` in the venue's zone.
pub const FIRST_DAY: &str = "first_day";
/// Date `2025-05-14` in the venue's zone.
pub const LAST_DAY: &str = "last_day";
/// A word: `held`, `announced`, `cancelled`.
pub const STATUS: &str = "status";

/// Reference to the event of a session.
pub const EVENT: &str = "event";
/// A word: the kind of a session or material.
pub const KIND: &str = "kind";
/// Translated: what happens in a session.
pub const ABSTRACT: &str = "abstract";
/// Instant in milliseconds since 1970 (UTC).
pub const START: &str = "start";
/// Instant in milliseconds since 1970 (UTC).
pub const END: &str = "end";
/// What the venue's clocks are ahead of UTC at the start, in minutes: the importer knows the zones' history, old phones do not.
pub const OFFSET_MINUTES: &str = "offset_minutes";
/// Translated: where in the venue.
pub const ROOM: &str = "room";
/// Set of people's identifiers.
pub const SPEAKERS: &str = "speakers";
/// Set of materials' identifiers.
pub const MATERIALS: &str = "materials";
/// A track or topic.
pub const TRACK: &str = "track";

/// Markdown, a long text (see [`crate::text`]): a material's (translated) or a note's.
pub const BODY: &str = "body";
/// An address on the web.
pub const URL: &str = "url";
/// Code of the language that something is in.
pub const LANGUAGE: &str = "language";
/// Who made it.
pub const AUTHOR: &str = "author";
/// Under which licence.
pub const LICENCE: &str = "licence";
/// What it belongs to, such as `indicators`.
pub const TOPIC: &str = "topic";
/// Number: where in lists of materials it stands, from 1.
pub const PLACE: &str = "place";
/// SHA-256 of the file, 64 hexadecimal digits.
pub const FILE_SHA256: &str = "file_sha256";
/// Length of the file in bytes.
pub const FILE_SIZE_BYTES: &str = "file_size_bytes";
/// Media type of the file.
pub const FILE_TYPE: &str = "file_type";
/// Name under which the file is saved.
pub const FILE_NAME: &str = "file_name";

/// SHA-256 of the picture whose smaller forms the server made.
pub const FORMS_OF: &str = "forms_of";
/// Media type of the smaller forms.
pub const FORMS_TYPE: &str = "forms_type";
/// How wide the picture itself is, in pixels, as it is to be seen.
pub const WIDTH_PIXELS: &str = "width_pixels";
/// How high it is.
pub const HEIGHT_PIXELS: &str = "height_pixels";
/// SHA-256 of the picture's light form, some KB.
pub const LIGHT_SHA256: &str = "light_sha256";
/// Length of the light form in bytes.
pub const LIGHT_SIZE_BYTES: &str = "light_size_bytes";
/// SHA-256 of the picture's medium form, for a screen.
pub const MEDIUM_SHA256: &str = "medium_sha256";
/// Length of the medium form in bytes.
pub const MEDIUM_SIZE_BYTES: &str = "medium_size_bytes";

/// What the server makes out of other fields: nobody else writes or empties it.
pub const MADE: [&str; 8] = [
    FORMS_OF,
    FORMS_TYPE,
    WIDTH_PIXELS,
    HEIGHT_PIXELS,
    LIGHT_SHA256,
    LIGHT_SIZE_BYTES,
    MEDIUM_SHA256,
    MEDIUM_SIZE_BYTES,
];

/// Somebody's name.
pub const NAME: &str = "name";
/// Translated: where somebody works.
pub const ORGANISATION: &str = "organisation";
/// Translated: what somebody does there.
pub const POST: &str = "post";

/// Of a material that is a file in a note: the note's identifier.
pub const NOTE: &str = "note";

/// A word for the collection of what a note is about, followed by its identifier: `session/018f…`.
pub const ABOUT: &str = "about";
/// Set: what else a note is about, each written like [`ABOUT`].
pub const SUBJECTS: &str = "subjects";
/// Set: words by which a note is found again.
pub const TAGS: &str = "tags";
/// A word: the colour of a note.
pub const COLOUR: &str = "colour";
/// Whether a note stands above the others.
pub const PINNED: &str = "pinned";
/// Whether a marked session is in somebody's own agenda.
pub const MINE: &str = "mine";
/// Instant in milliseconds since 1970 (UTC).
pub const CREATED: &str = "created";
