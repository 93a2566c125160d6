//! How many may be connected.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::network::Network;

/// Counts connections, as a whole and by network.
pub struct Doors {
    most: usize,
    most_of_network: usize,
    /// Behind these are many: they count as a whole only.
    proxies: Vec<IpAddr>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    all: usize,
    networks: HashMap<Network, usize>,
}

/// Leave to be connected, until it is dropped.
pub(super) struct Guest {
    doors: Arc<Doors>,
    network: Option<Network>,
}

impl Doors {
    /// So many in all, and so many of one network that is no proxy's.
    pub fn new(most: usize, most_of_network: usize, proxies: &[IpAddr]) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_of_network,
            proxies: proxies.to_vec(),
            inside: Mutex::default(),
        })
    }

    /// Lets somebody in, if there is room.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let address = address.to_canonical();
        let network = (!self.proxies.contains(&address)).then(|| Network::from(address));
        let mut inside = self.inside();
        if inside.all >= self.most {
            return None;
        }
        if let Some(network) = network {
            let of_network = inside.networks.entry(network).or_default();
            if *of_network >= self.most_of_network {
                return None;
            }
            *of_network += 1;
        }
        inside.all += 1;
        Some(Guest {
            doors: self.clone(),
            network,
        })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Counts are whole whatever a panicking thread did elsewhere.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut inside = self.doors.inside();
        inside.all -= 1;
        if let Some(network) = self.network
            && let Some(count) = inside.networks.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                inside.networks.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_come_in_and_room_is_made_by_who_goes() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let doors = Doors::new(4, 2, &[proxy]);
        let enter = |text: &str| doors.enter(text.parse().unwrap());
        let first = enter("2001:db8::1");
        let second = enter("2001:db8::2");
        assert!(first.is_some() && second.is_some());
        assert!(enter("2001:db8::3").is_none(), "a network has two");
        let others = [enter("10.0.0.1"), enter("::ffff:10.0.0.1")];
        assert!(others.iter().all(Option::is_some), "proxies have all");
        assert!(enter("192.0.2.7").is_none(), "all have four");
        drop((first, second, others));
        assert_eq!(doors.inside().all, 0);
        assert!(doors.inside().networks.is_empty());
    }
}
