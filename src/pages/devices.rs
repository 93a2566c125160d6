//! `/more/devices`: one's devices, another one, the code for paper; `/more/leave`: leaving this phone.

use keruen_domain::protocol::people::{KnownDevice, Me};
use keruen_domain::protocol::v1::ProgrammeRole;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::asking::{Asked, Doing};
use super::backup::SaveBackup;
use super::frame::show_frame;
use super::link::role_word;
use super::links::{best, time_words};
use super::secret_link::{NewSecretPart, SecretLink};
use crate::components::Confirm;
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// Where the devices are.
pub(super) const DEVICES: &str = "/more/devices";
/// Where one leaves a phone.
pub(super) const LEAVE: &str = "/more/leave";

/// The page of the devices.
#[component]
pub(super) fn DevicesPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::people_devices_title),
        Signal::derive(|| Some("/more".to_owned())),
    );
    let me = Asked::now(move || async move { state.me().await });
    view! {
        <div class="stack detail">
            {me.view(move |answer| view! { <MyDevices me=answer on_change=move |()| me.again() /> }.into_any())}
        </div>
    }
}

#[component]
fn MyDevices(
    me: Me,
    /// Something changed: ask again.
    #[prop(into)]
    on_change: Callback<()>,
) -> impl IntoView {
    let t = use_translations();
    let name = me.name;
    let has_code = me.has_recovery_code;
    let devices = me.devices;
    let roles = me.roles;
    // Who organises everything is in every programme, and in none that could be left.
    let has_programmes = !me.organises_everything && !roles.is_empty();
    // The operator's token is no device: it has neither a list nor codes.
    let is_person = !devices.is_empty();
    view! {
        {(!name.is_empty()).then(|| view! { <p>{move || t.people_devices_you(&name)}</p> })}
        {is_person
            .then(|| {
                view! {
                    <div class="rows">
                        {devices
                            .into_iter()
                            .map(|device| view! { <DeviceRow device=device on_change=on_change /> })
                            .collect_view()}
                    </div>
                    <AnotherPhone />
                    <RecoveryCode has_code=has_code />
                }
            })}
        {has_programmes
            .then(|| {
                view! {
                    <section class="stack-close">
                        <h2>{t.say(Messages::people_devices_programmes)}</h2>
                        <div class="rows">
                            {roles
                                .into_iter()
                                .map(|of| view! { <ProgrammeRow of=of on_change=on_change /> })
                                .collect_view()}
                        </div>
                    </section>
                }
            })}
        <p>
            <a class="button" href=LEAVE>
                {t.say(Messages::people_devices_leave)}
            </a>
        </p>
    }
}

#[component]
fn ProgrammeRow(of: ProgrammeRole, on_change: Callback<()>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let doing = Doing::nothing();
    let title = move || {
        let programme = state.programme(of.programme);
        programme.map(|programme| best(&programme.title(), t.language()))
    };
    let quit = move |()| {
        doing.run(
            async move { state.leave_programme(of.programme).await },
            move |()| on_change.run(()),
        );
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h3 class="row-title">{title}</h3>
                <p class="row-facts">{move || role_word(&t, of.role)}</p>
                <Confirm
                    label=t.signal(Messages::people_devices_quit)
                    question=t.signal(Messages::people_devices_quit_sure)
                    yes=t.signal(Messages::people_devices_quit_yes)
                    on_yes=quit
                />
                {doing.words()}
            </div>
        </article>
    }
}

#[component]
fn DeviceRow(device: KnownDevice, on_change: Callback<()>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let doing = Doing::nothing();
    let token = device.token;
    let (label, is_this) = (device.label, device.is_this);
    let name = move || match &*label {
        "" => t.people_devices_unnamed().to_owned(),
        label => label.to_owned(),
    };
    let revoke = move |()| {
        doing.run(async move { state.revoke_device(token).await }, move |()| {
            on_change.run(())
        });
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h2 class="row-title">
                    {name} {is_this.then(|| view! { " · " {t.say(Messages::people_devices_this)} })}
                </h2>
                <p class="row-facts">
                    {move || t.people_devices_seen(&time_words(&t, device.seen_ms))}
                </p>
                {(!is_this)
                    .then(|| {
                        view! {
                            <Confirm
                                label=t.signal(Messages::people_devices_revoke)
                                question=t.signal(Messages::people_devices_revoke_sure)
                                yes=t.signal(Messages::people_devices_revoke_yes)
                                on_yes=revoke
                            />
                            {doing.words()}
                        }
                    })}
            </div>
        </article>
    }
}

/// A link by which another browser becomes a device of the same person.
#[component]
fn AnotherPhone() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let link = move |secret: String| {
        view! {
            <SecretLink
                link=AppState::device_address(&secret)
                title=t.signal(Messages::people_device_title)
                text=Messages::people_devices_add_text
            />
        }
        .into_any()
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::people_devices_add)}</h2>
            <NewSecretPart
                label=Messages::people_devices_add
                make=move || Box::pin(async move { state.device_link().await })
                show=link
            />
        </section>
    }
}

/// The code for paper.
#[component]
fn RecoveryCode(has_code: bool) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let code = move |code: String| {
        view! {
            <p
                class="recovery-code"
                style:font="600 1.25rem/1.6 ui-monospace, \"Roboto Mono\", monospace"
                style:letter-spacing="0.04em"
            >{code}</p>
            <p>{t.people_devices_recovery_text()}</p>
        }
        .into_any()
    };
    view! {
        <section class="card stack-close">
            <h2>{t.say(Messages::people_devices_recovery)}</h2>
            <p>
                {t.say(Messages::people_devices_recovery_why)}
                {has_code.then(|| view! { " " {t.say(Messages::people_devices_recovery_has)} })}
            </p>
            <NewSecretPart
                label=Messages::people_devices_recovery_make
                make=move || Box::pin(async move { state.recovery_code().await })
                show=code
            />
        </section>
    }
}

/// The page where one leaves a phone that somebody else will use.
#[component]
pub(super) fn LeavePage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::people_devices_leave),
        Signal::derive(|| Some("/more".to_owned())),
    );
    // Refused changes are in no outbox.
    let not_on_server = move || state.waiting() + state.attention.with(Vec::len);
    let standing = move || {
        let waiting = not_on_server();
        if waiting == 0 {
            t.people_leave_all_sent().to_owned()
        } else if state.has_token() {
            t.people_leave_waiting(waiting as u64)
        } else {
            t.people_leave_alone().to_owned()
        }
    };
    let can_send = move || state.waiting() > 0 && state.has_token();
    let leave = move |()| spawn_local(async move { state.leave_phone().await });
    view! {
        <div class="stack detail">
            <p>{t.say(Messages::people_leave_text)}</p>
            <p role="status">{standing}</p>
            <Show when=can_send>
                <p>
                    <button
                        type="button"
                        class="button button-primary"
                        on:click=move |_| state.sync_now()
                    >
                        {t.say(Messages::people_leave_send)}
                    </button>
                </p>
            </Show>
            <Show when=move || { not_on_server() > 0 }>
                <SaveBackup />
            </Show>
            <Confirm
                label=t.signal(Messages::people_leave_action)
                question=t.signal(Messages::people_leave_sure)
                yes=t.signal(Messages::people_leave_yes)
                on_yes=leave
            />
        </div>
    }
}
