//! Links that make this browser somebody's: it asks first, since what is written here goes to them.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::address::Address;
use super::asking::{Asked, Doing, Stop};
use super::link::{LinkFailure, Waiting, put_away};
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// This browser becomes one more device of somebody.
#[component]
pub(super) fn DevicePart(secret: String) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let doing = Doing::nothing();
    let secret = StoredValue::new(secret);
    let add = move || {
        doing.run(
            async move { state.add_this_device(secret.get_value()).await },
            move |_| put_away(address),
        );
    };
    view! {
        {move || {
            if state.is_connected() {
                return view! { <Taken title=Messages::people_device_title /> }.into_any();
            }
            match doing.failure() {
                Some(failure) => {
                    view! { <LinkFailure failure=failure on_again=move |()| add() /> }.into_any()
                }
                None => {
                    view! {
                        <p>{t.people_device_text()}</p>
                        <p>
                            <button
                                type="button"
                                class="button button-primary"
                                disabled=move || doing.is_under_way()
                                on:click=move |_| add()
                            >
                                {t.people_device_title()}
                            </button>
                        </p>
                    }
                        .into_any()
                }
            }
        }}
    }
}

/// This phone belongs to somebody, and stays theirs.
#[component]
fn Taken(title: fn(&Messages) -> &'static str) -> impl IntoView {
    let address = Address::of_context();
    view! {
        <Stop
            title=title
            text=Messages::people_device_taken
            button=Messages::people_gone_forget
            on_press=move |()| put_away(address)
        />
    }
}

/// Somebody's token. What is written here goes to whoever sent it, so it says to whom and asks.
#[component]
pub(super) fn KeyPart(token: String) -> impl IntoView {
    let state = AppState::of_context();
    let address = Address::of_context();
    let is_known = {
        let token = token.clone();
        Memo::new(move |_| state.has_key(&token))
    };
    // Somebody opened their own link once more, or has just taken it.
    Effect::new(move || {
        if is_known.get() {
            put_away(address);
        }
    });
    let token = StoredValue::new(token);
    let owner = Asked::now(move || async move { state.owner_of(token.get_value()).await });
    move || {
        if is_known.get() {
            return ().into_any();
        }
        if state.is_connected() {
            return view! { <Taken title=Messages::people_key_title /> }.into_any();
        }
        match owner.answer() {
            None => view! { <Waiting /> }.into_any(),
            Some(Err(failure)) => {
                view! { <LinkFailure failure=failure on_again=move |()| owner.again() /> }
                    .into_any()
            }
            Some(Ok(owner)) => view! { <Key token=token name=owner.name /> }.into_any(),
        }
    }
}

/// Whose key it is, and whether it is to be used.
#[component]
fn Key(token: StoredValue<String>, name: String) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let is_taken = RwSignal::new(false);
    let take = move |_| {
        is_taken.set(true);
        spawn_local(async move {
            state.use_key(token.get_value()).await;
            is_taken.try_set(false);
        });
    };
    let whose = move || {
        if name.is_empty() {
            t.people_key_operator().to_owned()
        } else {
            t.people_key_of(&name)
        }
    };
    view! {
        <p>
            <strong>{whose}</strong>
        </p>
        <p>{t.say(Messages::people_key_text)}</p>
        <p class="row-of-buttons">
            <button type="button" class="button button-primary" disabled=is_taken on:click=take>
                {t.say(Messages::people_key_use)}
            </button>
            <button type="button" class="button" on:click=move |_| put_away(address)>
                {t.say(Messages::people_gone_forget)}
            </button>
        </p>
    }
}
