//! The checks that the build makes on locale files: each fault is found, with its file and key.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../build/emit.rs"]
mod emit;
#[path = "../build/locales.rs"]
mod locales;

use locales::Source;

const ENGLISH: &str = r#"
# Above a list.
plain = "Notes"
about = "About: {title}"
count.one = "{count} note"
count.other = "{count} notes"
"#;
const RUSSIAN: &str = r#"
plain = "Заметки"
about = "О чём: {title}"
count.one = "{count} заметка"
count.few = "{count} заметки"
count.many = "{count} заметок"
count.other = "{count} заметки"
"#;
const KAZAKH: &str = r#"
plain = "Жазбалар"
about = "Тақырыбы: {title}"
count.one = "{count} жазба"
count.other = "{count} жазба"
"#;

fn sources(english: &str, russian: &str, kazakh: &str) -> Vec<Source> {
    [("en", english), ("ru", russian), ("kk", kazakh)]
        .map(|(language, text)| Source {
            language,
            area: "notes".to_owned(),
            text: text.to_owned(),
        })
        .into()
}

fn faults(english: &str, russian: &str, kazakh: &str) -> Vec<String> {
    locales::compile(&sources(english, russian, kazakh))
        .expect_err("a fault")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn matching_files_become_typed_functions_with_their_notes() {
    let messages = locales::compile(&sources(ENGLISH, RUSSIAN, KAZAKH)).expect("no faults");
    let code = emit::rust(&messages);
    assert!(code.contains("pub fn notes_plain(&self) -> &'static str"));
    assert!(code.contains("pub fn notes_about(&self, title: &str) -> String"));
    assert!(code.contains("pub fn notes_count(&self, count: u64) -> String"));
    assert!(code.contains("/// Above a list."));
}

#[test]
fn a_missing_and_an_unknown_key_are_named() {
    let kazakh = KAZAKH.replace("plain =", "plane =");
    assert_eq!(
        faults(ENGLISH, RUSSIAN, &kazakh),
        [
            "locales/kk/notes.toml: `plain`: the key is missing",
            "locales/kk/notes.toml: `plane`: the English file has no such key",
        ]
    );
}

#[test]
fn plural_forms_are_exactly_those_of_the_language() {
    let russian = RUSSIAN.replace("count.few = \"{count} заметки\"\n", "");
    assert_eq!(
        faults(ENGLISH, &russian, KAZAKH),
        ["locales/ru/notes.toml: `count`: the plural form `few` is missing"]
    );
    let kazakh = format!("{KAZAKH}count.many = \"{{count}} жазба\"\n");
    assert_eq!(
        faults(ENGLISH, RUSSIAN, &kazakh),
        ["locales/kk/notes.toml: `count`: the language has no plural form `many`"]
    );
    let kazakh = KAZAKH.replace("plain =", "plain.one = \"Жазба\"\nplain.other =");
    assert_eq!(
        faults(ENGLISH, RUSSIAN, &kazakh),
        ["locales/kk/notes.toml: `plain`: it must not have plural forms"]
    );
}

#[test]
fn arguments_are_the_same_in_all_languages() {
    let russian = RUSSIAN.replace("{title}", "{name}");
    assert_eq!(
        faults(ENGLISH, &russian, KAZAKH),
        ["locales/ru/notes.toml: `about`: the argument `{name}` is not in the English text"]
    );
    let kazakh = KAZAKH.replace(": {title}", "");
    assert_eq!(
        faults(ENGLISH, RUSSIAN, &kazakh),
        ["locales/kk/notes.toml: `about`: the argument `{title}` is missing"]
    );
}

#[test]
fn the_number_may_be_left_out_only_where_one_means_one() {
    let english = ENGLISH.replace("{count} note\"", "a note\"");
    assert!(locales::compile(&sources(&english, RUSSIAN, KAZAKH)).is_ok());
    // In Russian, `one` also stands for 21 and 31.
    let russian = RUSSIAN.replace("{count} заметка", "заметка");
    assert_eq!(
        faults(ENGLISH, &russian, KAZAKH),
        ["locales/ru/notes.toml: `count`: the argument `{count}` is missing"]
    );
}

#[test]
fn stray_braces_empty_texts_line_breaks_and_broken_files_are_faults() {
    let english = ENGLISH.replace("{title}", "{title");
    let fault = "locales/en/notes.toml: `about`: braces are for arguments only: `{name}`";
    assert_eq!(faults(&english, RUSSIAN, KAZAKH)[0], fault);
    let kazakh = KAZAKH.replace("Жазбалар", " ");
    assert_eq!(
        faults(ENGLISH, RUSSIAN, &kazakh),
        ["locales/kk/notes.toml: `plain`: the text is empty"]
    );
    let kazakh = KAZAKH.replace("Жазбалар", "Жаз\\nбалар");
    assert_eq!(
        faults(ENGLISH, RUSSIAN, &kazakh),
        ["locales/kk/notes.toml: `plain`: the text must be one line"]
    );
    let broken = faults(ENGLISH, "plain = ", KAZAKH);
    assert!(broken[0].starts_with("locales/ru/notes.toml: "));
}

#[test]
fn a_missing_file_is_a_fault_of_its_language() {
    let mut two = sources(ENGLISH, RUSSIAN, KAZAKH);
    two.pop();
    let problems = locales::compile(&two).expect_err("a fault");
    assert_eq!(
        problems[0].to_string(),
        "locales/kk/notes.toml: the file is missing"
    );
}
