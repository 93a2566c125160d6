//! Files that come to this phone: one of them, all that are on their way, what the next days need, and what
//! is here.

mod all;
mod file;
mod queue;
mod ready;
mod road;
mod room;
mod storage;
mod thrift;

pub(super) use all::{DownloadAll, wanted};
pub(super) use file::DownloadPart;
pub(super) use ready::ReadyCount;
pub(super) use road::{ROAD, RoadLine, RoadPage};
pub(super) use room::PinChoice;
pub(super) use storage::{STORAGE, StoragePage};
