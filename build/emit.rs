//! Writes checked messages as Rust: one text per language, and one small function per message.
//!
//! All messages of a language are the lines of one `&str`. A table of where they lie would be a
//! sixth of what the words cost to download, so the app makes it when it starts. What only the second
//! part of the program says is in a text of its own, which the cut takes along.

use std::fmt::Write;

use crate::locales::{COUNT, FORMS, LANGUAGES, LocaleLanguage, Message};

/// How the names of those messages begin that the first part of the program says
/// (`src/pages/later.rs`): until that is here, nobody reads any others. One that is missing here brings all
/// the others into the first part, which `cargo xtask size` shows.
const FIRST: [&str; 20] = [
    "agenda_",
    "common_",
    "errors_",
    "materials_kind_",
    "materials_not_on_phone",
    "materials_on_phone",
    "more_demo_",
    "more_update_",
    "notes_deleted",
    "notes_new",
    "shares_kept_copy",
    "shares_kept_title",
    "shares_opened_title",
    "sync_announce_",
    "sync_chip_",
    "sync_clock_warning",
    "sync_refused_discarded",
    "sync_sheet",
    "sync_title",
    "today_",
];

/// The code of the messages, to be included in `src/i18n/messages.rs`.
pub(crate) fn rust(messages: &[Message]) -> String {
    let is_first = |message: &&Message| FIRST.iter().any(|begin| message.name.starts_with(begin));
    let (first, later): (Vec<&Message>, Vec<&Message>) = messages.iter().partition(is_first);
    let mut code = String::from("// Written by build.rs from locales/. Do not edit.\n\n");
    for (position, language) in LANGUAGES.iter().enumerate() {
        let LocaleLanguage {
            code: name,
            variant,
            ..
        } = language;
        let name = name.to_ascii_uppercase();
        let (first, later) = (text(&first, position), text(&later, position));
        let _ = writeln!(
            code,
            "static {name}: Messages = Messages::new(Language::{variant}, {first:?});\n\
             static {name}_LATER: Texts = Texts::new({later:?});"
        );
    }
    code.push_str("\nimpl Messages {\n");
    for (texts, messages) in [("first", first), ("later", later)] {
        let mut slot = 0;
        for message in messages {
            write_function(&mut code, message, texts, slot);
            slot += if message.is_plural { FORMS.len() } else { 1 };
        }
    }
    code.push_str("}\n");
    code
}

/// All slots of these messages in a language, one per line.
fn text(messages: &[&Message], position: usize) -> String {
    let slots: Vec<String> = messages
        .iter()
        .flat_map(|message| {
            let texts = message.texts[position].iter();
            texts.map(|text| number_arguments(text, &message.arguments))
        })
        .collect();
    slots.join("\n")
}

fn write_function(code: &mut String, message: &Message, texts: &str, slot: usize) {
    let english = message.texts[0].last().map_or("", String::as_str);
    let _ = writeln!(code, "    /// “{english}”");
    if !message.note.is_empty() {
        let _ = writeln!(code, "    ///\n    /// {}", message.note);
    }
    let parts: Vec<&str> = message
        .arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| *argument != COUNT)
        .collect();
    let parameters: String = parts.iter().map(|text| format!(", {text}: &str")).collect();
    let values = parts.join(", ");
    let name = &message.name;
    let (signature, body) = if message.is_plural {
        (
            format!("{name}(&self, count: u64{parameters}) -> String"),
            format!("self.plural(self.{texts}(), {slot}, count, &[{values}])"),
        )
    } else if parts.is_empty() {
        (
            format!("{name}(&self) -> &'static str"),
            format!("self.{texts}().slot({slot})"),
        )
    } else {
        (
            format!("{name}(&self{parameters}) -> String"),
            format!("fill(self.{texts}().slot({slot}), &[{values}])"),
        )
    };
    let _ = writeln!(code, "    pub fn {signature} {{ {body} }}");
}

/// `{name}` becomes `{0}`: the place of the argument among the function's parameters.
fn number_arguments(text: &str, arguments: &[String]) -> String {
    let mut numbered = text.to_owned();
    for (position, argument) in arguments.iter().enumerate() {
        numbered = numbered.replace(&format!("{{{argument}}}"), &format!("{{{position}}}"));
    }
    numbered
}
