//! Whose devices wrote in a note, as far as this device knows.

use keruen_domain::protocol::people::{Writer, WritersOf, limits, paths};
use keruen_domain::{DeviceId, GroupId};

use super::link::own_person;
use super::{Answer, AppState, follow, touch};
use crate::platform::{Area, read_value, write_value};
use crate::sync::ask;

/// Where what the server said of writers is kept, a line each, the last learnt first.
const WRITERS: &str = "keruen.writers";
const MOST_KEPT: usize = 500;
/// What stands between the parts of a line; nobody types it.
const BETWEEN: char = '\t';

/// Who wrote something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhoWrote {
    /// The owner of this device, with it.
    Here,
    /// The owner of this device, with another one.
    Elsewhere,
    /// Somebody of this name.
    Named(String),
    /// Somebody who shows no name.
    Unlisted,
    /// It is not known on this device.
    Unknown,
}

/// A device, as the server last told of it.
struct KnownWriter {
    device: DeviceId,
    is_own: bool,
    name: String,
}

impl KnownWriter {
    fn line(&self) -> String {
        let mark = if self.is_own { "own" } else { "other" };
        let name = self.name.replace([BETWEEN, '\n', '\r'], " ");
        [&self.device.to_string(), mark, &name].join(&BETWEEN.to_string())
    }

    fn read(line: &str) -> Option<Self> {
        let mut parts = line.split(BETWEEN);
        Some(Self {
            device: parts.next()?.parse().ok()?,
            is_own: parts.next()? == "own",
            name: parts.next()?.to_owned(),
        })
    }
}

fn known() -> Vec<KnownWriter> {
    let kept = read_value(Area::Lasting, WRITERS).unwrap_or_default();
    kept.lines().filter_map(KnownWriter::read).collect()
}

impl AppState {
    /// Who writes with each of these devices in the notes of a group, or in one's own.
    pub fn who_wrote(&self, group: Option<GroupId>, devices: &[DeviceId]) -> Vec<WhoWrote> {
        follow(self.groups_changed);
        let (this, known) = (self.store().device(), known());
        let who = |device: &DeviceId| {
            if *device == this {
                return WhoWrote::Here;
            }
            let writer = known.iter().find(|of| of.device == *device);
            match (group, writer) {
                (None, _) => WhoWrote::Elsewhere,
                (Some(_), None) => WhoWrote::Unknown,
                (Some(_), Some(writer)) if writer.is_own => WhoWrote::Elsewhere,
                (Some(_), Some(writer)) if writer.name.is_empty() => WhoWrote::Unlisted,
                (Some(_), Some(writer)) => WhoWrote::Named(writer.name.clone()),
            }
        };
        devices.iter().map(who).collect()
    }

    /// Asks the server who writes with these devices in a group's notes, and remembers the answer.
    pub async fn ask_for_writers(&self, group: GroupId, devices: Vec<DeviceId>) -> Answer<()> {
        let me = match own_person() {
            Some(person) => person,
            None => self.me().await?.person,
        };
        let mut learnt: Vec<KnownWriter> = Vec::new();
        for devices in devices.chunks(limits::MAX_WRITERS) {
            let question = WritersOf {
                group,
                devices: devices.to_vec(),
            };
            let told: Vec<Writer> = ask(&self.store(), paths::WRITERS, &question).await?;
            learnt.extend(told.into_iter().map(|writer| KnownWriter {
                device: writer.device,
                is_own: writer.person == me,
                name: writer.name,
            }));
        }
        // Of whom nothing is told any more, nothing is remembered.
        let before = known().into_iter();
        learnt.extend(before.filter(|of| !devices.contains(&of.device)));
        learnt.truncate(MOST_KEPT);
        let lines: Vec<String> = learnt.iter().map(KnownWriter::line).collect();
        write_value(Area::Lasting, WRITERS, &lines.join("\n"));
        touch(self.groups_changed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_device_is_kept_in_a_line() {
        let writer = KnownWriter {
            device: DeviceId(7),
            is_own: false,
            name: "Әлия\tБ.\n".to_owned(),
        };
        let read = KnownWriter::read(&writer.line()).expect("a line");
        assert_eq!((read.device, read.is_own), (DeviceId(7), false));
        assert_eq!(read.name, "Әлия Б. ");
        assert!(KnownWriter::read("").is_none());
    }
}
