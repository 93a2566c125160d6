//! The chosen language as a signal that the whole view shares.

use std::ops::Deref;

use keruen_domain::Language;
use leptos::prelude::*;

use super::Messages;

/// The messages of the language chosen at the moment.
///
/// Calling a message reads the language's signal, so a closure that does so runs again when the
/// language changes.
#[derive(Clone, Copy, Debug)]
pub struct Translations(RwSignal<Language>);

impl Deref for Translations {
    type Target = Messages;

    fn deref(&self) -> &Messages {
        Messages::of(self.0.get())
    }
}

impl Translations {
    /// A text for a view that follows the chosen language: `{t.say(Messages::common_back)}`.
    ///
    /// Every such text has the same type, whatever the message. A closure each would make leptos'
    /// code for showing it anew a hundred times, and every phone would download that.
    pub fn say(
        self,
        message: fn(&Messages) -> &'static str,
    ) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
        move || message(&self)
    }

    /// The same as a signal, for properties.
    pub fn signal(self, message: fn(&Messages) -> &'static str) -> Signal<String> {
        Signal::derive(move || message(&self).to_owned())
    }
}

/// Makes the language known to everything below the calling component, and keeps the `lang` of the
/// document in step with it. Returns the signal to change it by.
pub fn provide_language(initial: Language) -> RwSignal<Language> {
    let language = RwSignal::new(initial);
    provide_context(language);
    Effect::new(move || {
        if let Some(root) = document().document_element() {
            // Fails only for an attribute name that is not one.
            let _ = root.set_attribute("lang", language.get().code());
        }
    });
    language
}

/// The chosen language; set it to change the whole interface.
pub fn use_language() -> RwSignal<Language> {
    expect_context()
}

/// The messages in the chosen language.
pub fn use_translations() -> Translations {
    Translations(use_language())
}
