//! Reads locale files and checks them against each other.
//!
//! English is the measure: every other language must have the same keys, with the same arguments,
//! and each plural text must have exactly the forms that the language has.

use std::collections::BTreeMap;
use std::fmt;

use toml::{Table, Value};

/// A language and the plural forms that CLDR gives it for whole numbers.
pub(crate) struct LocaleLanguage {
    /// BCP 47 code; also the name of the folder.
    pub(crate) code: &'static str,
    /// Its variant of `keruen_domain::Language`.
    pub(crate) variant: &'static str,
    /// Plural categories in the order of [`FORMS`].
    forms: &'static [&'static str],
    /// Whether `one` stands for the number 1 alone. If not (Russian: 21, 31 …), the number must be shown.
    one_is_exactly_one: bool,
}

/// The languages of the interface; the first is the measure for the others.
pub(crate) const LANGUAGES: [LocaleLanguage; 3] = [
    LocaleLanguage {
        code: "en",
        variant: "English",
        forms: &["one", "other"],
        one_is_exactly_one: true,
    },
    LocaleLanguage {
        code: "ru",
        variant: "Russian",
        forms: &["one", "few", "many", "other"],
        one_is_exactly_one: false,
    },
    LocaleLanguage {
        code: "kk",
        variant: "Kazakh",
        forms: &["one", "other"],
        one_is_exactly_one: true,
    },
];

/// All plural categories that a language here may have, in the order of their slots.
pub(crate) const FORMS: [&str; 4] = ["one", "few", "many", "other"];

/// The argument that chooses the plural form; the only one that is a number.
pub(crate) const COUNT: &str = "count";

/// One file as it was read.
pub(crate) struct Source {
    /// Code of the language.
    pub(crate) language: &'static str,
    /// Name of the file without its ending; the first part of every function's name.
    pub(crate) area: String,
    /// What the file holds.
    pub(crate) text: String,
}

/// One message in all languages.
#[derive(Debug)]
pub(crate) struct Message {
    /// `area_key`: the name of the function.
    pub(crate) name: String,
    /// The note for translators above the key in the English file.
    pub(crate) note: String,
    /// Names of the arguments in the order of the function's parameters; a plural starts with `count`.
    pub(crate) arguments: Vec<String>,
    /// Whether it has plural forms.
    pub(crate) is_plural: bool,
    /// Per language the texts by slot: one, or as many as [`FORMS`]; unused slots are empty.
    pub(crate) texts: Vec<Vec<String>>,
}

/// A fault of a locale file, with the place to mend it.
#[derive(Debug)]
pub(crate) struct Problem {
    /// `locales/kk/notes.toml`.
    pub(crate) file: String,
    /// The key; empty if the fault is of the whole file.
    pub(crate) key: String,
    /// What is wrong.
    pub(crate) fault: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            write!(formatter, "{}: {}", self.file, self.fault)
        } else {
            write!(formatter, "{}: `{}`: {}", self.file, self.key, self.fault)
        }
    }
}

/// A text of one language before it is compared: its forms by name (`other` alone if not plural).
struct Entry {
    is_plural: bool,
    forms: BTreeMap<String, String>,
}

type Entries = BTreeMap<String, Entry>;

/// Reads and checks all files. Returns the messages by name, or every fault found.
pub(crate) fn compile(sources: &[Source]) -> Result<Vec<Message>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut areas: BTreeMap<&str, BTreeMap<&str, Entries>> = BTreeMap::new();
    for source in sources {
        let entries = read(source, &mut problems);
        let by_language = areas.entry(&source.area).or_default();
        by_language.insert(source.language, entries);
    }

    let mut messages = Vec::new();
    for (area, by_language) in &areas {
        let measure = LANGUAGES[0].code;
        let Some(english) = by_language.get(measure) else {
            let fault = "the file is missing, but other languages have it";
            problems.push(problem(measure, area, "", fault));
            continue;
        };
        compare_keys(area, english, by_language, &mut problems);
        let notes = notes(sources, area);
        for (key, measure_entry) in english {
            let arguments = arguments_of(measure_entry);
            let mut texts = Vec::new();
            for language in &LANGUAGES {
                let entries = by_language.get(language.code);
                if let Some(entry) = entries.and_then(|entries| entries.get(key)) {
                    if let Some(fault) = compare(measure_entry, &arguments, entry, language) {
                        problems.push(problem(language.code, area, key, &fault));
                    }
                    texts.push(slots(entry));
                }
            }
            messages.push(Message {
                name: format!("{area}_{key}"),
                note: notes.get(key).cloned().unwrap_or_default(),
                arguments,
                is_plural: measure_entry.is_plural,
                texts,
            });
        }
    }
    if problems.is_empty() {
        Ok(messages)
    } else {
        Err(problems)
    }
}

fn problem(language: &str, area: &str, key: &str, fault: &str) -> Problem {
    Problem {
        file: format!("locales/{language}/{area}.toml"),
        key: key.to_owned(),
        fault: fault.to_owned(),
    }
}

fn read(source: &Source, problems: &mut Vec<Problem>) -> Entries {
    let mut report =
        |key: &str, fault: &str| problems.push(problem(source.language, &source.area, key, fault));
    let table: Table = match source.text.parse() {
        Ok(table) => table,
        Err(error) => {
            report("", &error.to_string().replace('\n', " "));
            return Entries::new();
        }
    };
    let mut entries = Entries::new();
    for (key, value) in table {
        if !is_key(&key) {
            report(&key, "a key is made of small letters, digits and `_`");
            continue;
        }
        let mut forms = BTreeMap::new();
        let is_plural = value.is_table();
        let values = match value {
            Value::Table(table) => table.into_iter().collect(),
            other => vec![("other".to_owned(), other)],
        };
        for (form, value) in values {
            match value {
                Value::String(text) => {
                    if text.trim().is_empty() {
                        report(&key, "the text is empty");
                    } else if text.contains('\n') {
                        report(&key, "the text must be one line");
                    } else if let Err(fault) = arguments_in(&text) {
                        report(&key, fault);
                    }
                    forms.insert(form, text);
                }
                _ => report(&key, "the value must be a text or a table of plural forms"),
            }
        }
        entries.insert(key, Entry { is_plural, forms });
    }
    entries
}

fn is_key(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_lowercase())
        && key
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn compare_keys(
    area: &str,
    english: &Entries,
    by_language: &BTreeMap<&str, Entries>,
    problems: &mut Vec<Problem>,
) {
    for language in &LANGUAGES[1..] {
        let Some(entries) = by_language.get(language.code) else {
            problems.push(problem(language.code, area, "", "the file is missing"));
            continue;
        };
        for key in english.keys().filter(|key| !entries.contains_key(*key)) {
            problems.push(problem(language.code, area, key, "the key is missing"));
        }
        for key in entries.keys().filter(|key| !english.contains_key(*key)) {
            let fault = "the English file has no such key";
            problems.push(problem(language.code, area, key, fault));
        }
    }
}

/// The first fault of an entry, seen against the English one.
fn compare(
    measure: &Entry,
    arguments: &[String],
    entry: &Entry,
    language: &LocaleLanguage,
) -> Option<String> {
    if entry.is_plural != measure.is_plural {
        let must = if measure.is_plural {
            "must"
        } else {
            "must not"
        };
        return Some(format!("it {must} have plural forms"));
    }
    if entry.is_plural {
        let is_missing = |form: &&&str| !entry.forms.contains_key(**form);
        if let Some(form) = language.forms.iter().find(is_missing) {
            return Some(format!("the plural form `{form}` is missing"));
        }
        let is_unknown = |form: &&String| !language.forms.contains(&form.as_str());
        if let Some(form) = entry.forms.keys().find(is_unknown) {
            return Some(format!("the language has no plural form `{form}`"));
        }
    }
    for (form, text) in &entry.forms {
        // Malformed braces were reported when the file was read.
        let used = arguments_in(text).unwrap_or_default();
        if let Some(unknown) = used.iter().find(|name| !arguments.contains(name)) {
            let fault = format!("the argument `{{{unknown}}}` is not in the English text");
            return Some(fault);
        }
        let may_leave_out_count = form == "one" && language.one_is_exactly_one;
        let may_miss = |name: &String| name == COUNT && may_leave_out_count;
        let is_missing = |name: &&String| !used.contains(name) && !may_miss(name);
        if let Some(missing) = arguments.iter().find(is_missing) {
            return Some(format!("the argument `{{{missing}}}` is missing"));
        }
    }
    None
}

/// The arguments of all forms of an entry, `count` first in a plural.
fn arguments_of(entry: &Entry) -> Vec<String> {
    let mut arguments = Vec::new();
    if entry.is_plural {
        arguments.push(COUNT.to_owned());
    }
    for text in entry.forms.values() {
        for name in arguments_in(text).unwrap_or_default() {
            if !arguments.contains(&name) {
                arguments.push(name);
            }
        }
    }
    arguments
}

/// The names between braces, in order.
fn arguments_in(text: &str) -> Result<Vec<String>, &'static str> {
    const FAULT: &str = "braces are for arguments only: `{name}`";
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let Some((name, after)) = rest[start..]
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'))
        else {
            return Err(FAULT);
        };
        if !is_key(name) {
            return Err(FAULT);
        }
        names.push(name.to_owned());
        rest = after;
    }
    Ok(names)
}

fn slots(entry: &Entry) -> Vec<String> {
    if !entry.is_plural {
        return entry.forms.values().cloned().collect();
    }
    let slot = |form: &&str| entry.forms.get(*form).cloned().unwrap_or_default();
    FORMS.iter().map(slot).collect()
}

/// The comments directly above each key of the English file of an area.
fn notes(sources: &[Source], area: &str) -> BTreeMap<String, String> {
    let mut notes = BTreeMap::new();
    let is_measure = |source: &&Source| source.language == LANGUAGES[0].code && source.area == area;
    let Some(source) = sources.iter().find(is_measure) else {
        return notes;
    };
    let mut above = Vec::new();
    for line in source.text.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            above.push(comment.trim());
            continue;
        }
        if let Some((key, _)) = line.split_once('=')
            && !above.is_empty()
        {
            let key = key.trim().split('.').next().unwrap_or_default();
            notes.insert(key.to_owned(), above.join(" "));
        }
        above.clear();
    }
    notes
}
