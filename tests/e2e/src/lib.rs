//! Drives the whole system as a person does: a real server process, real browsers with profiles
//! that outlive them, and what is seen on the page.
//!
//! - [`Server`]: the `keruen` program with a data folder of its own; stop, kill, start again.
//! - [`Browser`]: Chromium with a profile of its own; kill, start again.
//! - [`Browser`] also finds things by role and name, or by visible text (module `page`), and tells
//!   what it complained about and whether a page is made for everybody (module `accessibility`).
//! - [`Proxy`]: what may stand between the two and spoil their talk.
//! - [`Site`]: a folder served over HTTP, for tests of the service worker alone.
//!
//! Nothing here waits a fixed time: every wait is for a condition, within [`PATIENCE`].

mod accessibility;
mod browser;
mod environment;
mod page;
mod ports;
mod processes;
mod proxy;
mod server;
mod site;
mod unwatched;
mod wait;
mod webdriver;

pub use browser::{Browser, BrowserOptions};
pub use environment::{client_folder, xtask};
pub use proxy::{Answers, Given, Proxy};
pub use server::{Server, ServerOptions};
pub use site::Site;
pub use unwatched::Unwatched;
pub use wait::{PATIENCE, eventually};
