//! Writes checked messages as Rust: one text per language, and one small function per message.
//!
//! All messages of a language are the lines of one `&str`. A table of where they lie would be a
//! sixth of what the words cost to download, so the app makes it when it starts.

use std::fmt::Write;

use crate::locales::{COUNT, FORMS, LANGUAGES, LocaleLanguage, Message};

/// The code of the messages, to be included in `src/i18n/messages.rs`.
pub(crate) fn rust(messages: &[Message]) -> String {
    let mut code = String::from("// Written by build.rs from locales/. Do not edit.\n\n");
    for (position, language) in LANGUAGES.iter().enumerate() {
        write_table(&mut code, messages, position, language);
    }
    code.push_str("\nimpl Messages {\n");
    let mut slot = 0;
    for message in messages {
        write_function(&mut code, message, slot);
        slot += if message.is_plural { FORMS.len() } else { 1 };
    }
    code.push_str("}\n");
    code
}

fn write_table(
    code: &mut String,
    messages: &[Message],
    position: usize,
    language: &LocaleLanguage,
) {
    let slots: Vec<String> = messages
        .iter()
        .flat_map(|message| {
            let texts = message.texts[position].iter();
            texts.map(|text| number_arguments(text, &message.arguments))
        })
        .collect();
    let text = slots.join("\n");
    let name = language.code.to_ascii_uppercase();
    let variant = language.variant;
    let _ = writeln!(
        code,
        "static {name}: Messages = Messages::new(Language::{variant}, {text:?});"
    );
}

fn write_function(code: &mut String, message: &Message, slot: usize) {
    let english = message.texts[0].last().map_or("", String::as_str);
    let _ = writeln!(code, "    /// “{english}”");
    if !message.note.is_empty() {
        let _ = writeln!(code, "    ///\n    /// {}", message.note);
    }
    let texts: Vec<&str> = message
        .arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| *argument != COUNT)
        .collect();
    let parameters: String = texts.iter().map(|text| format!(", {text}: &str")).collect();
    let values = texts.join(", ");
    let name = &message.name;
    let (signature, body) = if message.is_plural {
        (
            format!("{name}(&self, count: u64{parameters}) -> String"),
            format!("self.plural({slot}, count, &[{values}])"),
        )
    } else if texts.is_empty() {
        (
            format!("{name}(&self) -> &'static str"),
            format!("self.slot({slot})"),
        )
    } else {
        (
            format!("{name}(&self{parameters}) -> String"),
            format!("self.filled({slot}, &[{values}])"),
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
