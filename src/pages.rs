//! One module per place of the app. Pages compose components and the state's queries and actions;
//! they know neither the store nor the network.

mod address;
mod agenda;
mod asking;
mod attention;
mod backup;
mod belonging;
mod devices;
mod durations;
mod failure;
mod frame;
mod groups;
mod later;
mod link;
mod links;
mod material;
mod materials;
mod members;
mod more;
mod not_found;
mod note;
mod notes;
mod secret_link;
mod session;
mod share_part;
mod shared;
mod shares;
mod sync_sheet;
mod today;
mod versions;

pub use address::{Address, Screen};
pub use agenda::AgendaPage;
pub use frame::{Frame, FrameState};
pub use later::{Later, LaterCode, LaterPart, tidy};
pub use not_found::StartFailedPage;
pub use today::TodayPage;
