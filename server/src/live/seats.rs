//! How many connections may be kept open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use keruen_domain::DeviceId;

use crate::network::Network;

/// A device keeps one open; another may come before the end of the last was noticed.
const MOST_OF_DEVICE: usize = 3;

/// Counts connections that are kept open, as a whole, by address and by device.
pub struct Seats {
    most: usize,
    most_of_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    addresses: HashMap<Network, usize>,
    devices: HashMap<DeviceId, usize>,
}

/// Leave to keep one connection open, until it is dropped.
pub struct Seat {
    seats: Arc<Seats>,
    address: Option<Network>,
    device: DeviceId,
}

impl Seats {
    /// So many in all, and so many for one address.
    pub fn new(most: usize, most_of_address: usize) -> Self {
        Self {
            most,
            most_of_address,
            taken: Mutex::default(),
        }
    }

    /// A seat, if there is one left for this device at this address.
    pub fn take(self: &Arc<Self>, address: Option<Network>, device: DeviceId) -> Option<Seat> {
        let mut taken = self.taken();
        let of_device = taken.devices.get(&device).copied().unwrap_or(0);
        let of_address = address.and_then(|address| taken.addresses.get(&address).copied());
        if taken.all >= self.most
            || of_address.unwrap_or(0) >= self.most_of_address
            || of_device >= MOST_OF_DEVICE
        {
            return None;
        }
        taken.all += 1;
        *taken.devices.entry(device).or_default() += 1;
        if let Some(address) = address {
            *taken.addresses.entry(address).or_default() += 1;
        }
        Some(Seat {
            seats: self.clone(),
            address,
            device,
        })
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        // Counts are whole whatever a panicking thread did elsewhere.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all -= 1;
        give_back(&mut taken.devices, self.device);
        if let Some(address) = self.address {
            give_back(&mut taken.addresses, address);
        }
    }
}

/// Whoever has none is forgotten, so that the lists stay as short as the connections are many.
fn give_back<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, who: K) {
    if let Some(count) = counts.get_mut(&who) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&who);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn seats_are_few_and_are_given_back() {
        let seats = Arc::new(Seats::new(5, 4));
        let hall = Network::from("192.0.2.7".parse::<IpAddr>().unwrap());
        let take = |address: Option<Network>, device| seats.take(address, DeviceId(device));
        let held: Vec<Seat> = (0..3).filter_map(|_| take(Some(hall), 1)).collect();
        assert_eq!(held.len(), 3);
        assert!(take(Some(hall), 1).is_none(), "a device has three");
        let fourth = take(Some(hall), 2);
        assert!(
            fourth.is_some() && take(Some(hall), 3).is_none(),
            "an address has four"
        );
        let fifth = take(None, 3);
        assert!(fifth.is_some() && take(None, 4).is_none(), "all have five");
        drop((held, fourth, fifth));
        let taken = seats.taken();
        assert_eq!(
            (taken.all, taken.devices.len(), taken.addresses.len()),
            (0, 0, 0)
        );
    }
}
